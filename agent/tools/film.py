"""What a replay sees, as a film that people can look at: H.264 in MP4, which browsers and phones play.

One picture per analysed frame, shown at its own media time; where the agent rests, the picture stands and says so.
"""

from collections import deque
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import Any

import av

from agent.app.page import camera_view
from agent.capture.file import open_video
from agent.config.camera import CameraSection
from agent.contract.event import Media, Origin, event_message
from agent.contract.words import event_words
from agent.errors import CameraError, StorageError
from agent.i18n import Language, Text
from agent.installer.doors import LiveView
from agent.installer.legend import SENTENCES, Legend, Marked, Page, RuleRow, clock_words, counts_words
from agent.pipeline import Analysis
from agent.rules import RuleState
from agent.system_words import reason
from agent.tools.written import check_target, not_written
from agent.values import Event, Frame, Phase, Picture, Track

TICKS = 1000  # of the film's clock, per second
FRESH_S = 3.0  # an event is shown as new for so long
PAUSE_S = 1.0  # no analysis for longer than this is a rest worth telling
TOLD_AFTER_S = 0.4  # of the rest
QUALITY = {"crf": "23", "preset": "veryfast"}
FAILURES = (av.FFmpegError, OSError, ValueError)
COUNTS = {
    "events": Text(en="events", vi="sự kiện"),
    "occupancy": Text(en="there now", vi="đang có"),
    "total_in": Text(en="in", vi="vào"),
    "total_out": Text(en="out", vi="ra"),
    "suppressed": Text(en="kept back", vi="gộp bớt"),
}


class Film:
    """A context manager; the file is there when it has ended well. Raises StorageError."""

    def __init__(self, path: Path, camera: CameraSection, language: Language) -> None:
        self._path = path
        self._part = path.parent / f".{path.name}.part"
        self._label = camera.label or camera.id
        self._legend = Legend(language, camera_view(camera))
        self._going_on = _GoingOn(self._label)
        self._output: Any = None
        self._stream: Any = None
        self._held: Page | None = None  # the last picture, until it is known how long it stands
        self._last_pts = -1

    def __enter__(self) -> "Film":
        check_target(self._path, None)  # it is replaced when the film ends
        try:
            self._part.touch()  # PyAV opens the file only with the first picture
            self._output = av.open(str(self._part), "w", format="mp4", options={"movflags": "faststart"})
        except FAILURES as error:
            raise _not_written(self._path, error) from error
        return self

    def seen(self, frame: Frame, analysis: Analysis, states: tuple[RuleState, ...]) -> None:
        """One frame was analysed; called in the order of time."""
        at_s = analysis.at.mono_s
        if self._held and at_s - self._held.at_s > PAUSE_S:
            self._rest(self._held, at_s)
        self._going_on.take(analysis.events)
        page = Page(
            at_s=at_s,
            live=LiveView(frame, analysis.tracks, analysis.motion),
            inferences=analysis.inferences,
            view=analysis.view,
            changes=analysis.changes,
            rules=self._going_on.rows(states, at_s),
            marked=self._going_on.marked(analysis.tracks),
            sentences=self._going_on.sentences(),
        )
        self._write(self._legend.draw(page), at_s)
        copied = replace(frame, luma=frame.luma.copy(), u=frame.u.copy(), v=frame.v.copy())
        self._held = replace(page, live=replace(page.live, frame=copied))

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        try:
            if kind is None and self._stream is not None:
                self._output.mux(self._stream.encode(None))
            self._output.close()
            if kind is None and self._stream is not None:
                self._part.replace(self._path)
        except FAILURES as failed:
            raise _not_written(self._path, failed) from failed
        finally:
            self._part.unlink(missing_ok=True)

    def _rest(self, held: Page, until_s: float) -> None:
        rests_s = until_s - held.at_s
        self._write(self._legend.draw(replace(held, rests_s=rests_s)), held.at_s + TOLD_AFTER_S)

    def _write(self, picture: Picture, at_s: float) -> None:
        pts = round(at_s * TICKS)
        if pts <= self._last_pts:
            return
        self._last_pts = pts
        try:
            if self._stream is None:
                self._stream = self._output.add_stream("libx264", rate=Fraction(25), options=QUALITY)
                self._stream.height, self._stream.width = picture.shape[:2]
                self._stream.pix_fmt = "yuv420p"
                self._stream.codec_context.time_base = Fraction(1, TICKS)
            # A camera that changes its picture's size goes on in the size it began with.
            shown = av.VideoFrame.from_ndarray(picture, format="bgr24").reformat(
                self._stream.width, self._stream.height, "yuv420p"
            )
            shown.pts, shown.time_base = pts, Fraction(1, TICKS)
            self._output.mux(self._stream.encode(shown))
        except FAILURES as error:
            raise _not_written(self._path, error) from error


class _GoingOn:
    # Which events are open, how many began, and the sentences of the newest.

    def __init__(self, label: str) -> None:
        self._label = label
        self._open: dict[str, Event] = {}
        self._begun: dict[str, tuple[int, float]] = {}  # by rule id: how many, and when the last
        self._sentences: deque[Text] = deque(maxlen=SENTENCES)

    def take(self, events: tuple[Event, ...]) -> None:
        for event in events:
            at_s = event.at.mono_s
            if event.id not in self._open and not (event.phase is Phase.END and event.started != event.at):
                number, _ = self._begun.get(event.rule_id, (0, 0.0))
                self._begun[event.rule_id] = (number + 1, at_s)
            if event.phase is Phase.END:
                self._open.pop(event.id, None)
            else:
                self._open[event.id] = event
            if event.phase is not Phase.UPDATE:
                message = event_message(event, 1, Media(), Origin(), event.at)
                words, sign = event_words(message, self._label), "<" if event.ended else ">"  # the font has no arrows
                told = f"{clock_words(at_s)} {sign} "
                self._sentences.appendleft(Text(en=told + words.en, vi=told + words.vi))

    def rows(self, states: tuple[RuleState, ...], now_s: float) -> tuple[RuleRow, ...]:
        rows = []
        for state in states:
            number, last_s = self._begun.get(state.rule_id, (0, -FRESH_S))
            counts = [(COUNTS["events"], number)]
            for name in ("occupancy", "total_in", "total_out"):
                value: int | None = getattr(state, name)
                if value is not None:
                    counts.append((COUNTS[name], value))
            if state.suppressed:
                counts.append((COUNTS["suppressed"], state.suppressed))
            fresh = now_s - last_s < FRESH_S
            rows.append(RuleRow(state.rule_id, counts_words(counts), open=state.open_events > 0, fresh=fresh))
        return tuple(rows)

    def marked(self, tracks: tuple[Track, ...]) -> tuple[Marked, ...]:
        """Where the participants are now; one that is no track stays where it was."""
        now = {track.id: track.box for track in tracks}
        places = [
            (now.get(item.track) if item.track else item.box, event.rule_id)
            for event in self._open.values()
            for item in event.objects
        ]
        return tuple(Marked(box, rule_id) for box, rule_id in places if box)

    def sentences(self) -> tuple[Text, ...]:
        return tuple(self._sentences)


def length_s(video: Path) -> float | None:
    """How long a file says it is; None where it does not say."""
    try:
        with open_video(str(video)) as container:
            return container.duration / av.time_base if container.duration else None
    except (*FAILURES, CameraError):  # the replay tells what is wrong with it
        return None


def _not_written(path: Path, error: Exception) -> StorageError:
    hint = Text(
        en="name a file that ends in .mp4 in a directory that exists, on a disk with space",
        vi="hãy chọn tệp có đuôi .mp4 trong một thư mục có sẵn, trên ổ đĩa còn chỗ",
    )
    return not_written(path, reason(error), hint)
