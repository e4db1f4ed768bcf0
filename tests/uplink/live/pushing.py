"""A camera that draws, and one push of its picture: everything of the node's live view but capture itself."""

import itertools
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

from agent.clock import Clock
from agent.config.asked import LiveSection
from agent.config.model import TlsSection, UplinkSection
from agent.uplink.live.desk import DeskDoors, LiveDesk
from agent.uplink.live.job import LiveJob
from agent.uplink.live.pictures import Small
from agent.uplink.live.server import server_of
from agent.uplink.live.session import LiveLine
from agent.uplink.live.tap import Tap
from agent.uplink.stats import LinkStats
from agent.values import Frame, LiveGrant, LiveNews, LiveNo, LiveWish, Packet, StreamFormat
from tests.uplink.shelf import make_governor

PATIENCE_S = 40.0
WIDTH, HEIGHT, FPS = 320, 240, 10
BASE = Fraction(1, 90_000)
NODE, CAM = "node-1", "gate"
ENCODERS = {"h264": "libx264", "hevc": "libx265"}


def no_small(_cam: str, _kbps: int) -> Small:
    raise AssertionError("nobody asked for small pictures")


def wish(job_id: str = "JOB", **limits: object) -> LiveWish:
    return LiveWish(job_id, CAM, "O-17", "C-1", "theft", **limits)  # type: ignore[arg-type]  # of known names


class Camera:
    """Draws in its own thread, at its own pace, a bright bar that walks over a dark picture. `noise` makes it thick."""

    def __init__(self, tap: Tap, clock: Clock, *, codec: str = "h264", noise: int = 0) -> None:
        self.slowest_s = 0.0  # that the tap took
        self.given = 0
        self._tap = tap
        self._clock = clock
        self._codec = codec
        self._noise = noise
        self._stop = threading.Event()
        self._changed = threading.Condition()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._stop.set()
        self._thread.join(PATIENCE_S)

    def wait(self, more: int) -> None:
        """Until so many more pictures have come."""
        with self._changed:
            wanted = self.given + more
            assert self._changed.wait_for(lambda: self.given >= wanted, PATIENCE_S)

    def _run(self) -> None:
        context: av.VideoCodecContext = av.CodecContext.create(ENCODERS[self._codec], "w")  # type: ignore[assignment]
        context.width, context.height, context.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        context.time_base, context.framerate, context.gop_size = BASE, Fraction(FPS), FPS
        context.options = {"preset": "ultrafast", "tune": "zerolatency"}
        if self._codec == "hevc":
            context.options |= {"x265-params": f"log-level=none:keyint={FPS}:pools=1"}
        context.flags |= av.codec.context.Flags.global_header
        context.open()
        run, dice = self._clock.now().mono_ns, np.random.default_rng(1)
        number = 0
        while not self._stop.wait(1 / FPS):
            planar = np.full((HEIGHT * 3 // 2, WIDTH), 128, np.uint8)
            planar[:HEIGHT] = 40 + dice.integers(0, self._noise + 1, (HEIGHT, WIDTH), np.uint8)
            left = number * 4 % (WIDTH - 20)
            planar[HEIGHT // 2 : HEIGHT, left : left + 20] = 235
            picture = av.VideoFrame.from_ndarray(planar, format="yuv420p")
            picture.pts, picture.time_base = number * 9000, BASE
            form = StreamFormat(self._codec, WIDTH, HEIGHT, BASE, context.extradata or b"")
            now = self._clock.now()
            packets = [
                Packet(CAM, run, now, one.pts or 0, one.dts or 0, 9000, one.is_keyframe, form, bytes(one))
                for one in context.encode(picture)
            ]
            luma, chroma = planar[:HEIGHT], np.full((HEIGHT // 2, WIDTH // 2), 128, np.uint8)
            begin_s = time.perf_counter()
            self._tap.packets(packets)
            self._tap.frame(Frame(CAM, run, number, now, luma, chroma, chroma))
            self.slowest_s = max(self.slowest_s, time.perf_counter() - begin_s)
            number += 1
            with self._changed:
                self.given += len(packets)
                self._changed.notify_all()


class Pushing:
    """One desk, one job in a thread, one camera."""

    def __init__(
        self,
        directory: Path,
        url: str,
        *,
        tls: TlsSection | None = None,
        small: Callable[[str, int], Small] = no_small,
        uplink: UplinkSection | None = None,
        keepalive: str = "30s",
        codec: str = "h264",
        noise: int = 0,
        line_kbps: float | None = None,
    ) -> None:
        directory.mkdir(parents=True, exist_ok=True)
        self.clock = Clock()
        self.tap = Tap(self.clock)
        self.stats = LinkStats()
        self.governor = make_governor(uplink or UplinkSection(yields=False), self.stats, self.clock)
        section = LiveSection.model_validate({"url": url, "keepalive": keepalive})
        room = self.governor.live_kbps if line_kbps is None else lambda: line_kbps
        doors = DeskDoors(self.tap.stream, room, self.governor.rest)
        self.desk = LiveDesk(section, doors, directory / "live.json", self.clock)
        line = LiveLine(server_of(url), NODE, tls or TlsSection(), self.tap, self.governor.share, small)
        self.news: list[LiveNews] = []
        self._changed = threading.Condition()
        self._stop = threading.Event()
        self._job = LiveJob(line, self.desk, self._tell, self._stop, self.clock)
        self.camera = Camera(self.tap, self.clock, codec=codec, noise=noise)
        self.camera.wait(FPS + 2)
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def __enter__(self) -> "Pushing":
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self.desk.wake()
        self._thread.join(PATIENCE_S)
        self._job.close()
        self.camera.close()
        assert not self._thread.is_alive()

    def begin(self, asked: LiveWish | None = None) -> LiveGrant:
        """What the command does."""
        asked = asked or wish()
        grant = self.desk.plan(asked)
        assert not isinstance(grant, LiveNo), grant.text
        self.desk.begin(asked, grant)
        return grant

    def ended(self) -> LiveNews:
        """How it ended."""
        with self._changed:
            assert self._changed.wait_for(lambda: self.news and self.news[-1].state != "uploading", PATIENCE_S)
            return self.news[-1]

    def _tell(self, news: LiveNews) -> None:
        with self._changed:
            self.news.append(news)
            self._changed.notify_all()

    def _run(self) -> None:
        while not self._stop.is_set():
            self._job.run_once()


def seen(url: str, count: int) -> list[av.VideoFrame]:
    """So many pictures as a player of the ward gets them; asks again until there is a stream."""
    failed: Exception | None = None
    for _ in range(5):
        try:
            return list(_played(url, count))
        except av.FFmpegError as error:
            failed = error
    raise AssertionError(f"nothing to see at {url}: {failed}")


def _played(url: str, count: int) -> Iterator[av.VideoFrame]:
    options = {"analyzeduration": "500000", "rtmp_live": "live"}
    with av.open(url, timeout=(PATIENCE_S, PATIENCE_S), options=options) as container:
        for number, picture in enumerate(container.decode(container.streams.video[0]), 1):
            yield picture
            if number == count:
                return


def bar_of(picture: av.VideoFrame) -> int:
    """Where the bar is: its left side."""
    luma = picture.to_ndarray(format="gray")
    bright = np.flatnonzero(luma[luma.shape[0] * 3 // 4] > 180)
    assert bright.size
    return int(bright[0])


def ticks(pictures: Sequence[av.VideoFrame]) -> list[float]:
    """Seconds between neighbours."""
    times = [float((one.pts or 0) * (one.time_base or 0)) for one in pictures]
    return [later - earlier for earlier, later in itertools.pairwise(times)]
