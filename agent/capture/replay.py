"""A file as fast as it goes, on media time: the same frames as live, because the same code chooses them by pts."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import av

from agent.capture.attention import Attention
from agent.capture.file import NO_PICTURE, open_video
from agent.capture.problems import from_av, problem
from agent.capture.stream import Reading, StreamReader, Wants
from agent.capture.timeline import NS
from agent.clock import MediaClock
from agent.config.camera import CameraSection
from agent.values import Frame


@dataclass(frozen=True, slots=True)
class FrameAt:
    """A frame on the analysis grid and its number among all pictures of the file, from 0."""

    frame: Frame
    number: int


def read_file(
    path: Path, camera: CameraSection, clock: MediaClock, attention: Attention | None = None
) -> Iterator[FrameAt]:
    """The analysed frames of a file. Media second 0 is its first picture; `clock` stands at each frame's `at`.

    Raises CameraError: camera_file; camera_codec when there is no video in it.
    """
    reader = StreamReader(camera, str(path), Reading(clock, Wants(packets=False, frames=True), attention=attention))
    try:
        with open_video(str(path)) as container:
            stream = reader.attach(container)
            origin: int | None = None
            for packet in container.demux(stream):
                stamp = packet.dts if packet.dts is not None else packet.pts
                if stamp is not None:
                    origin = origin if origin is not None else (packet.pts if packet.pts is not None else stamp)
                    clock.advance(_ns(reader, stamp) / NS - _ns(reader, origin) / NS)
                for item in reader.take(packet):
                    if isinstance(item, Frame):
                        clock.advance(item.at.mono_s)
                        yield FrameAt(item, item.seq)
    except av.FFmpegError as error:
        failed = from_av(error, "file", str(path))
    else:
        if reader.counts().decoded:
            return
        failed = problem("camera_file", str(path), NO_PICTURE)
    raise failed


def _ns(reader: StreamReader, ticks: int) -> int:
    base = reader.known_format.time_base
    return ticks * NS * base.numerator // base.denominator
