"""The picture of now at the ward's media server: what it costs the node, how old it is there, what a thin line does.

The agent's own push (tap, desk, share of the line, RTMP) inside the house, nginx with its RTMP module and a player
inside the ward, one queue between them (bench/netns.py). The camera draws its own clock into each picture (1280x720,
15 a second, 3 Mbit/s of noise); `delay` is from there to the player's decoded picture, so the player's own part is
in it. CPU is of the pushing thread, in per cent of one core. Three looks: the camera's own stream and small pictures on
a free line, and a line that carries a tenth of the stream that was granted: there the picture may become small and
jerky, never old, and messages must not be held up; the last third of that look is what counts.
"""

import contextlib
import itertools
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from zoneinfo import ZoneInfo

import av
import numpy as np

from agent.capture.small_stream import SmallStream
from agent.clock import Clock
from agent.config.asked import LiveSection
from agent.config.camera import CameraSection
from agent.config.model import TlsSection, UplinkSection
from agent.uplink import DayLedger, Governor, Household, LinkStats
from agent.uplink.live.desk import DeskDoors, LiveDesk
from agent.uplink.live.job import LiveJob
from agent.uplink.live.server import server_of
from agent.uplink.live.session import LiveLine
from agent.uplink.live.tap import Tap
from agent.values import Frame, LiveNews, LiveNo, LiveWish, Packet, StreamFormat
from bench.netns import WARD, Line, World, world
from bench.relay import Relay
from bench.truth import Absent
from deploy.stand_in.media import Media
from deploy.ward import WardError

WIDTH, HEIGHT, FPS, ANALYSED = 1280, 720, 15, 3  # every third picture is analysed: 5 a second
BLOCK, BITS = 64, 16  # the clock in the picture: blocks of so many pixels, bright for 1
TICK_S = 0.01
NOISE = 22
CAMERA_KBPS = 3000
BASE = Fraction(1, 90_000)
FREE, THIN = Line("50mbit", "300ms", "16k"), Line("300kbit", "2s")
SMALL_KBPS = 400
NODE, CAM = "node", "gate"


@dataclass(frozen=True, slots=True)
class Look:
    """What came of one look."""

    kbps: float  # that arrived, in the part that counts
    cpu_pct: float
    delays_ms: tuple[float, ...]
    pictures: int
    worst_put_ms: float  # that capture waited for the tap
    news: LiveNews | None = None

    def delay(self, share: float) -> float:
        """In milliseconds, not exceeded by this share of the pictures."""
        ordered = sorted(self.delays_ms)
        return round(ordered[min(int(len(ordered) * share), len(ordered) - 1)], 1)


def run(quick: bool) -> dict[str, object]:
    """Three looks. Raises Absent without root, nginx or network namespaces."""
    seconds, thin_s = (7.0, 21.0) if quick else (20.0, 60.0)
    with world(FREE) as here:
        own = look(here, seconds, None)
        small = look(here, seconds, SMALL_KBPS)
        here.becomes(THIN)
        thin = look(here, thin_s, None, counts_from=2 / 3)
    heads = ("look", "kbit/s", "CPU %", "delay ms", "p95 ms", "worst ms", "pictures", "tap ms")
    print(("{:>12}" * len(heads)).format(*heads))
    for name, one in (("own stream", own), ("small", small), ("thin line", thin)):
        figures = (one.kbps, one.cpu_pct, one.delay(0.5), one.delay(0.95), one.delay(1.0))
        print(
            f"{name:>12}" + "".join(f"{figure:>12.1f}" for figure in figures) + f"{one.pictures:>12}"
            f"{one.worst_put_ms:>12.2f}"
        )
    return {
        "own_kbps": round(own.kbps),
        "own_cpu_pct": round(own.cpu_pct, 1),
        "own_delay_p95_ms": own.delay(0.95),
        "small_kbps": round(small.kbps),
        "small_cpu_pct": round(small.cpu_pct, 1),
        "small_delay_p95_ms": small.delay(0.95),
        "thin_kbps": round(thin.kbps),
        "thin_delay_p95_ms": thin.delay(0.95),
        "thin_pictures_s": round(thin.pictures / (thin_s / 3), 1),
        "tap_worst_ms": round(max(own.worst_put_ms, small.worst_put_ms, thin.worst_put_ms), 2),
    }


def look(here: World, seconds: float, max_kbps: int | None, counts_from: float = 1 / 3) -> Look:
    """One push and one player, for so long; only what comes after `counts_from` of it counts."""
    with tempfile.TemporaryDirectory() as name, contextlib.ExitStack() as stack:
        with here.ward.inside():
            try:
                media = stack.enter_context(Media.start(Path(name) / "media"))
            except WardError as error:
                raise Absent(str(error)) from error
            relay = stack.enter_context(Relay("0.0.0.0", int(media.push_url.rsplit(":", 1)[1].split("/")[0])))
        push = Push(Path(name), f"rtmp://{WARD}:{relay.port}/live", here)
        stack.callback(push.close)
        begin_s = push.begin(max_kbps)
        player = Player(media.play_url(f"{NODE}.{CAM}"), here, push.began_s)
        stack.callback(player.close)
        time.sleep(max(0.0, begin_s + seconds * counts_from - time.monotonic()))
        cpu_s, from_s = push.cpu_s, time.monotonic()
        time.sleep(max(0.0, begin_s + seconds - time.monotonic()))
        took_s = time.monotonic() - from_s
        delays = player.since(from_s)
        if not delays:
            raise Absent(f"no picture reached the player: {push.news[-1] if push.news else 'nothing was told'}")
        return Look(
            kbps=relay.between(from_s, from_s + took_s) * 8 / 1000 / took_s,
            cpu_pct=(push.cpu_s - cpu_s) / took_s * 100,
            delays_ms=tuple(delays),
            pictures=len(delays),
            worst_put_ms=push.worst_put_s * 1000,
        )


class Push:
    """A camera that draws its clock, and the agent's push of it, each in a thread; the push inside the house."""

    def __init__(self, directory: Path, url: str, here: World) -> None:
        clock, zone = Clock(), ZoneInfo("UTC")
        self.tap = Tap(clock)
        self.news: list[LiveNews] = []
        self.cpu_s = 0.0
        self.worst_put_s = 0.0
        self.began_s = time.monotonic()
        self._clock = clock
        self._here = here
        self._stop = threading.Event()
        self._warm = threading.Event()
        governor = Governor(Household(UplinkSection(), zone), LinkStats(), DayLedger(None, 0, zone, clock), clock)
        # The line is said to carry everything: on the thin one that proves wrong.
        doors = DeskDoors(self.tap.stream, lambda: 50_000.0, governor.rest)
        self._desk = LiveDesk(LiveSection(url=url), doors, directory / "live.json", clock)
        camera = CameraSection.model_validate({"id": CAM, "source": "rtsp://127.0.0.1/a", "encode_cpu": 4})
        line = LiveLine(
            server_of(url), NODE, TlsSection(), self.tap, governor.share, lambda _cam, kbps: SmallStream(camera, kbps)
        )
        self._job = LiveJob(line, self._desk, self.news.append, self._stop, clock)
        self._threads = [threading.Thread(target=run, daemon=True) for run in (self._draw, self._push)]
        for thread in self._threads:
            thread.start()

    def begin(self, max_kbps: int | None) -> float:
        """Ask for the picture; when that was."""
        if not self._warm.wait(30.0):
            raise Absent("the camera drew nothing in 30 s")
        wish = LiveWish("job", CAM, "officer", "case", "reason", max_kbps)
        grant = self._desk.plan(wish)
        if isinstance(grant, LiveNo):
            raise Absent(grant.text.en)
        self._desk.begin(wish, grant)
        return time.monotonic()

    def close(self) -> None:
        """End both threads."""
        self._stop.set()
        self._desk.wake()
        for thread in self._threads:
            thread.join(20.0)
        self._job.close()

    def _push(self) -> None:
        with self._here.house.inside():
            while not self._stop.is_set():
                self._job.run_once()
                self.cpu_s = time.thread_time()

    def _draw(self) -> None:
        context: av.VideoCodecContext = av.CodecContext.create("libx264", "w")
        context.width, context.height, context.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        context.time_base, context.framerate, context.gop_size = BASE, Fraction(FPS), FPS
        context.bit_rate = CAMERA_KBPS * 1000
        limits = {"maxrate": f"{CAMERA_KBPS}k", "bufsize": f"{CAMERA_KBPS // 2}k"}
        context.options = {"preset": "ultrafast", "tune": "zerolatency", **limits}
        context.flags |= av.codec.context.Flags.global_header
        context.open()
        noise = np.random.default_rng(1).integers(0, NOISE, (4, HEIGHT, WIDTH), np.uint8)
        chroma = np.full((HEIGHT // 2, WIDTH // 2), 128, np.uint8)
        run = time.monotonic_ns()
        for number in itertools.count():
            if self._stop.wait(max(0.0, self.began_s + number / FPS - time.monotonic())):
                return
            planar = np.full((HEIGHT * 3 // 2, WIDTH), 128, np.uint8)
            planar[:HEIGHT] = 60 + noise[number % 4]
            now = self._clock.now()
            draw_clock(planar, round((now.mono_s - self.began_s) / TICK_S))
            picture = av.VideoFrame.from_ndarray(planar, format="yuv420p")
            picture.pts, picture.time_base = round(number * 90_000 / FPS), BASE
            form = StreamFormat("h264", WIDTH, HEIGHT, BASE, context.extradata or b"")
            packets = [
                Packet(CAM, run, now, one.pts or 0, one.dts or 0, 6000, one.is_keyframe, form, bytes(one))
                for one in context.encode(picture)
            ]
            begin_s = time.perf_counter()
            self.tap.packets(packets)
            if number % ANALYSED == 0:
                self.tap.frame(Frame(CAM, run, number, now, planar[:HEIGHT], chroma, chroma))
            self.worst_put_s = max(self.worst_put_s, time.perf_counter() - begin_s)
            if number == 2 * FPS:
                self._warm.set()


class Player:
    """Looks at the stream inside the ward and reads the clock in each picture."""

    def __init__(self, url: str, here: World, began_s: float) -> None:
        self._url = url
        self._here = here
        self._began_s = began_s
        self._stop = threading.Event()
        self._seen: list[tuple[float, float]] = []  # when, delay in ms
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def since(self, from_s: float) -> list[float]:
        """Delays of the pictures that were seen after a moment, in milliseconds."""
        return [delay_ms for at_s, delay_ms in list(self._seen) if at_s >= from_s]

    def close(self) -> None:
        """Look away."""
        self._stop.set()
        self._thread.join(15.0)

    def _run(self) -> None:
        with self._here.ward.inside():
            while not self._stop.is_set():
                with contextlib.suppress(av.FFmpegError):  # no stream yet, or it began anew
                    for picture in self._pictures():
                        now_s = time.monotonic()
                        told_s = self._began_s + read_clock(picture) * TICK_S
                        self._seen.append((now_s, (now_s - told_s) * 1000))

    def _pictures(self) -> Iterator[av.VideoFrame]:
        options = {"fflags": "nobuffer", "analyzeduration": "100000", "probesize": "20000", "rtmp_live": "live"}
        with av.open(self._url, timeout=(5.0, 5.0), options=options) as container:
            stream = container.streams.video[0]
            stream.codec_context.thread_count = 1
            stream.codec_context.flags |= av.codec.context.Flags.low_delay
            for picture in container.decode(stream):
                if self._stop.is_set():
                    return
                yield picture


def draw_clock(planar: np.ndarray[tuple[int, ...], np.dtype[np.uint8]], ticks: int) -> None:
    """Into the upper left corner of the luma."""
    for bit in range(BITS):
        planar[:BLOCK, bit * BLOCK : (bit + 1) * BLOCK] = 220 if ticks >> bit & 1 else 20


def read_clock(picture: av.VideoFrame) -> int:
    """The ticks in a picture of any size."""
    luma = picture.to_ndarray(format="gray")
    step = BLOCK * picture.width / WIDTH
    rows = slice(int(step * 0.3), int(step * 0.7))
    middles = [luma[rows, int(step * (bit + 0.3)) : int(step * (bit + 0.7))].mean() for bit in range(BITS)]
    return sum(1 << bit for bit, bright in enumerate(middles) if bright > 120)
