"""What health wants to know of a camera, counted by capture and vision in their threads, read in another."""

import threading
from collections import deque

from agent.capture.counts import Counts
from agent.clock import Clock
from agent.values import CameraState, StreamFormat, Trouble

RATE_S = 10.0
SETTLED = 45  # pictures; cameras set their stamps right in the first seconds of a connection
KEPT = 1000  # events, for a rate


class Rate:
    """Events per second over the last ten seconds."""

    def __init__(self) -> None:
        self._times_s: deque[float] = deque(maxlen=KEPT)

    def tick(self, now_s: float) -> None:
        """One more."""
        self._times_s.append(now_s)

    def per_s(self, now_s: float) -> float:
        """0 when there is too little to tell."""
        times_s = self._times_s
        while times_s and now_s - times_s[0] > RATE_S:
            times_s.popleft()
        span_s = now_s - times_s[0] if times_s else 0.0
        return len(times_s) / span_s if span_s >= 1.0 else 0.0


class CaptureStats:
    """One camera, over all its sources and reconnects. Every method may be called from any thread."""

    def __init__(self, cam: str, clock: Clock) -> None:
        self._cam = cam
        self._clock = clock
        self._lock = threading.Lock()
        self._conditions: dict[str, str] = {}  # by source
        self._troubles: dict[str, Trouble] = {}  # the newest, by source; it may be over
        self._shape: tuple[str, int, int] | None = None  # of the run before
        self._changes = self._jumps = 0
        self._codec, self._encoder, self._width, self._height = "", "", 0, 0
        self._pictures, self._analyses = Rate(), Rate()
        self._frames = self._analysed = self._dropped = self._errors = self._skipped = self._runs = 0
        self._last_picture_s: float | None = None
        self._inference_ms: float | None = None
        self._vision = "objects"
        self._view: str | None = None

    def condition(self, source: str, condition: str, code: str | None = None) -> None:
        """`source` is starting, ok, lost or ended, because of `code`; the camera is as well as its worst source."""
        with self._lock:
            if condition == "starting" and self._conditions.get(source) == "lost":
                return  # another try is no better news
            self._conditions[source] = condition
            if condition in ("lost", "ended"):
                self._note(source, code or condition)

    def trouble(self) -> Trouble | None:
        """The newest of the main stream, also when it is over: footage tells by it why it has a gap."""
        with self._lock:
            return self._troubles.get(f"capture-{self._cam}")

    def count(self, now: Counts, before: Counts, main: bool = True) -> None:
        """Take over what a source did since `before`; pictures are counted once, in the stream that is kept."""
        now_s = self._clock.mono_s()
        with self._lock:
            more = max(now.pictures - before.pictures, 0) if main else 0
            self._frames += more
            for _ in range(min(more, KEPT)):  # a child may claim any number
                self._pictures.tick(now_s)
                self._last_picture_s = now_s
            self._errors += now.errors - before.errors
            self._skipped += now.skipped - before.skipped
            self._dropped += now.unsent - before.unsent
            if now.format is not None:
                if now.runs > before.runs:
                    self._began(now.format, before.pictures < SETTLED)
                self._runs += now.runs - before.runs
                self._codec, self._encoder = now.format.codec, now.encoder
                self._width, self._height = now.format.width, now.format.height

    def analysed(self, inference_ms: float | None = None) -> None:
        """Vision went through one frame; `inference_ms` when the model ran on it."""
        with self._lock:
            self._analysed += 1
            self._analyses.tick(self._clock.mono_s())
            if inference_ms is not None:
                smooth = self._inference_ms if self._inference_ms is not None else inference_ms
                self._inference_ms = 0.9 * smooth + 0.1 * inference_ms

    def dropped(self) -> None:
        """Vision was too slow for one frame."""
        with self._lock:
            self._dropped += 1

    def vision(self, mode: str) -> None:
        """`objects`, or `motion_only` without a model."""
        with self._lock:
            self._vision = mode

    def sees(self, view: str) -> None:
        """How the view is, as of the frame just analysed: a value of ViewState."""
        with self._lock:
            self._view = view

    def state(self) -> CameraState:
        """A snapshot."""
        now_s = self._clock.mono_s()
        with self._lock:
            conditions = set(self._conditions.values())
            worst = next((name for name in ("lost", "starting", "ended", "ok") if name in conditions), "starting")
            age_s = None if self._last_picture_s is None else now_s - self._last_picture_s
            return CameraState(
                id=self._cam,
                state=worst,
                encoder=self._encoder,
                codec=self._codec,
                width=self._width,
                height=self._height,
                frame_age_s=age_s,
                fps=self._pictures.per_s(now_s),
                analysed_fps=self._analyses.per_s(now_s),
                frames=self._frames,
                analysed=self._analysed,
                dropped=self._dropped,
                decode_errors=self._errors,
                encode_skipped=self._skipped,
                runs=self._runs,
                inference_ms=self._inference_ms,
                vision=self._vision,
                view=self._view if worst == "ok" else None,  # an old picture tells nothing
                cause=self._why(worst),
                format_changes=self._changes,
                time_jumps=self._jumps,
            )

    def _began(self, form: StreamFormat, fresh: bool) -> None:
        """A run of the main stream; `fresh`: of a source just opened, whose stamps are others anyway."""
        shape, self._shape = self._shape, (form.codec, form.width, form.height)
        if shape is not None and shape != self._shape:
            self._changes += 1
            self._note(f"capture-{self._cam}", "camera_changed")
        elif not fresh:
            self._jumps += 1
            self._note(f"capture-{self._cam}", "camera_time_jumped")

    def _note(self, source: str, code: str) -> None:
        self._troubles[source] = Trouble(code, self._clock.now().mono_ns)

    def _why(self, worst: str) -> str | None:
        if worst not in ("lost", "ended"):
            return None
        source = next(name for name, condition in self._conditions.items() if condition == worst)
        return self._troubles[source].code
