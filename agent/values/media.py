"""What a camera gives and what footage is made of."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property
from pathlib import Path

import numpy as np
import numpy.typing as npt

from agent.clock import Moment

Picture = npt.NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class StreamFormat:
    """How a main stream is encoded. Two packets with equal formats may stand in one file."""

    codec: str  # FFmpeg's name: h264, hevc
    width: int
    height: int
    time_base: Fraction
    extradata: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Packet:
    """One encoded picture of the main stream, never decoded, only remuxed. `pts`, `dts`, `duration` in `time_base`.

    `run` is the monotonic nanosecond at which the source was opened, so it is unique within a boot; time stamps are
    comparable only within one (boot, run).
    """

    cam: str
    run: int
    at: Moment  # when the picture was taken (its pts on the node's clocks)
    pts: int
    dts: int
    duration: int
    key: bool
    format: StreamFormat
    data: bytes = field(repr=False)


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """A decoded picture for analysis, planar YUV 4:2:0, as views of the decoder's own memory where it allows.

    `luma` is (height, width); `u` and `v` are (ceil(height/2), ceil(width/2)).
    """

    cam: str
    run: int
    seq: int
    at: Moment
    luma: Picture = field(repr=False)
    u: Picture = field(repr=False)
    v: Picture = field(repr=False)
    rewound: bool = False  # looked up afterwards, when the camera woke: one of several that came at once

    @property
    def width(self) -> int:
        """Pixels."""
        return int(self.luma.shape[1])

    @property
    def height(self) -> int:
        """Pixels."""
        return int(self.luma.shape[0])


@dataclass(frozen=True, eq=False)
class Small:
    """A frame's luma in small, and the shape the frame has in full.

    `make` gives the small luma when it is first read: most frames are done with before anybody looks.
    """

    at: Moment
    run: int
    width: int
    height: int
    make: Callable[[], Picture] = field(repr=False)

    @cached_property
    def luma(self) -> Picture:
        """(rows, columns), longer side at most 240."""
        return self.make()


@dataclass(frozen=True, slots=True)
class Gap:
    """A stretch of time with no footage. Unix nanoseconds."""

    from_ns: int
    to_ns: int
    cause: str


CHAIN_BEGINS = "0" * 64  # the link before the first file of a camera


@dataclass(frozen=True, slots=True)
class Mark:
    """What a segment file says of its own place in the hash chain of its camera, written before its first picture.

    `seq` counts the files that were begun; one that was lost before it was whole leaves a number out, and no break.
    """

    epoch: str
    seq: int
    before: str  # the link of the file before it, hex
    key: str  # fingerprint of the device key, hex
    signature: str  # of that key over camera, epoch, seq and `before`; base64

    def seal(self, cam: str, sha256: str) -> "Seal":
        """The place of the finished file, whose hash is `sha256`."""
        text = f"camera-agent segment/1\n{self.before}\n{cam}\n{self.epoch}\n{self.seq}\n{sha256}\n"
        return Seal(self.epoch, self.seq, sha256, hashlib.sha256(text.encode()).hexdigest())


@dataclass(frozen=True, slots=True)
class Seal:
    """A segment's place in the hash chain of its camera (agent/evidence)."""

    epoch: str  # a new one at every start of the agent; its first link holds the last link of the epoch before
    seq: int  # 1, 2, 3, … within the epoch
    sha256: str  # of the file, hex
    link: str  # hex; holds the link before it, `epoch`, `seq` and `sha256`


@dataclass(frozen=True, slots=True)
class Segment:
    """One finished footage file: key frame first, one run, one format."""

    id: int
    cam: str
    run: int
    path: Path
    start: Moment
    duration_s: float
    bytes: int
    format: StreamFormat
    gap_cause: str | None = None  # why this segment does not join the one before it
    seal: Seal | None = None  # None: written before there was a device key

    @property
    def end_ns(self) -> int:
        """Unix nanoseconds after the last picture."""
        return self.start.wall_ns + round(self.duration_s * 1e9)


@dataclass(frozen=True, slots=True)
class Used:
    """A segment that a cut took pictures from, or left out because it is not what was sealed (`altered`)."""

    segment: Segment
    mark: Mark | None  # what the file itself says
    sha256: str  # as read now
    altered: bool = False


@dataclass(frozen=True, slots=True)
class FootageFound:
    """What there is of a stretch of time; `bytes` in proportion to the segments that would be cut."""

    coverage_s: float
    bytes: int
    gaps: tuple[Gap, ...] = ()
    segments: int = 0


@dataclass(frozen=True, slots=True)
class Recorded:
    """Footage without a gap. Unix nanoseconds."""

    from_ns: int
    to_ns: int
    bytes: int
    segments: int


@dataclass(frozen=True, slots=True)
class FootageList:
    """What there is of a camera, oldest first; `next_ns`: ask again from here, there is more."""

    ranges: tuple[Recorded, ...] = ()
    gaps: tuple[Gap, ...] = ()
    next_ns: int | None = None


@dataclass(frozen=True, slots=True)
class Hold:
    """A stretch of footage that retention passes over until `until_ns`. Unix nanoseconds, by a clock that was right."""

    id: str
    cam: str
    from_ns: int
    to_ns: int
    until_ns: int
    by: str  # who asked for it
    reason: str


@dataclass(frozen=True, slots=True)
class Clip:
    """A cut of footage on its way to the ward."""

    id: str  # the event's id, or the job's
    cam: str
    path: Path
    start_ns: int
    end_ns: int
    bytes: int
    sha256: str
    gaps: tuple[Gap, ...] = ()
    priority: int = 50  # lower leaves first
    manifest: Path | None = None  # what proves it, a file beside it
    clear: "ClearFile | None" = None  # of an encrypted one: what is in it
    bundle: bool = False  # segments as they are, which only the ward can open


@dataclass(frozen=True, slots=True)
class ClearFile:
    """What an encrypted clip is when it has been opened."""

    bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class ClipWanted:
    """A stretch of footage that somebody asked for.

    `end` is fixed from the start (event start + the longest clip) and moved nearer when the event ends; from `due` on
    what is there is cut, gaps and all, so that nothing waits for a camera that is gone.
    """

    id: str
    cam: str
    start: Moment
    end: Moment
    due: Moment
    priority: int = 50
