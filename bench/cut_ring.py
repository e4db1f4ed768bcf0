"""A ring of sealed 1080p footage among many other rows, for `bench cut`; grain in every picture gives it its size."""

from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

from agent.clock import Clock, Moment
from agent.config.storage import FootageSection
from agent.evidence.notary import Signer, begin_notary
from agent.footage.dates import Dates
from agent.footage.index import Index
from agent.footage.store import Footage
from agent.footage.stored import Stored
from agent.values import Packet, StreamFormat

CAM, BOOT, RUN = "gate", "bench-boot", 1
WALL_NS = 1_798_761_600 * 10**9  # 2027-01-01
START_S = 1000.0
FPS, GOP = 25, 50
SIZE = (1920, 1080)
LENGTH_S = 10.0  # of what is encoded, then repeated
OTHERS = 4  # cameras of the other rows


def encoded(kbps: int) -> tuple[StreamFormat, list[tuple[int, int, bool, bytes]]]:
    """Ten seconds: pts, dts, key, data."""
    chance = np.random.default_rng(20261122)
    grain = chance.integers(-12, 12, (1180, 2020), np.int16)
    target = av.open("/dev/null", "w", format="mp4")
    options = {"preset": "ultrafast", "g": str(GOP), "keyint_min": str(GOP), "sc_threshold": "0", "nal-hrd": "cbr"}
    stream = target.add_stream("libx264", rate=FPS, options=options)
    assert isinstance(stream, av.VideoStream)
    stream.width, stream.height, stream.pix_fmt = *SIZE, "yuv420p"
    stream.bit_rate = kbps * 1000
    stream.codec_context.options = options | {"maxrate": f"{kbps}k", "bufsize": f"{kbps}k"}
    ground = np.linspace(60, 190, SIZE[0], dtype=np.int16)[None, :].repeat(SIZE[1], 0)
    found: list[tuple[int, int, bool, bytes]] = []

    def take(frame: av.VideoFrame | None) -> None:
        for packet in stream.encode(frame):
            assert packet.pts is not None and packet.dts is not None
            found.append((packet.pts, packet.dts, bool(packet.is_keyframe), bytes(packet)))

    for number in range(round(LENGTH_S * FPS)):
        y, x = int(chance.integers(0, 100)), int(chance.integers(0, 100))
        luma = (ground + grain[y : y + SIZE[1], x : x + SIZE[0]]).astype(np.uint8)
        planes = np.vstack([luma, np.full((SIZE[1] // 2, SIZE[0]), 128, np.uint8)])
        frame = av.VideoFrame.from_ndarray(planes, format="yuv420p")
        frame.pts, frame.time_base = number, Fraction(1, FPS)
        take(frame)
    take(None)
    form = StreamFormat("h264", *SIZE, Fraction(1, FPS), stream.codec_context.extradata or b"")
    return form, found


def packets(kbps: int, seconds: float) -> Iterator[Packet]:
    """The same ten seconds again and again."""
    form, pictures = encoded(kbps)
    length = round(LENGTH_S * FPS)
    for turn in range(round(seconds / LENGTH_S)):
        for pts, dts, key, data in pictures:
            ticks = pts + turn * length
            mono_ns = round(START_S * 1e9) + ticks * 10**9 // FPS
            at = Moment(mono_ns, WALL_NS + mono_ns, True, BOOT)
            yield Packet(CAM, RUN, at, ticks, dts + turn * length, 1, key, form, data)


def record(data_dir: Path, kbps: int, seconds: float) -> None:
    """Sealed segments of ten seconds."""
    clock = Clock()
    store = Footage(data_dir / "footage", FootageSection.model_validate({"keep_free": "0B"}), 365, clock)
    store.seal_with(begin_notary(data_dir / "evidence", Signer("ward", "node", clock)))
    for packet in packets(kbps, seconds):
        store.write(packet)
    store.close()


def crowd(data_dir: Path, rows: int) -> int:
    """So many rows in all; the new ones name no files, as they are not asked for."""
    directory = data_dir / "footage"
    index = Index(directory, Dates(directory))
    like = index.all(CAM)
    for number in range(rows - len(like)):
        index.add(_other(like[number % len(like)], number))
    index.enter()
    count = index.totals().segments
    index.close()
    return count


def _other(like: Stored, number: int) -> Stored:
    cam = CAM if number % OTHERS == 0 else f"camera-{number % OTHERS}"
    start_ns = number // OTHERS * 10 * 10**9
    at = Moment(start_ns, WALL_NS - 90 * 86_400 * 10**9 + start_ns, True, "boot-before")
    path = like.path.parent.parent / cam / f"20261001T000000Z-bootbefo-{start_ns}.mp4"
    return replace(like, segment=replace(like.segment, id=0, cam=cam, path=path, start=at))
