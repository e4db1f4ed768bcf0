"""The kernel's own questions to a video device: a file descriptor in, frozen answers out. No picture is taken.

Numbers and layouts are the kernel's (`include/uapi/linux/videodev2.h`). The bindings on PyPI (`videodev2`) cover all of
it and cost 14 MB of memory; four structures are needed here.
"""

import errno
import fcntl
import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction

VIDEO_CAPTURE = 0x0000_0001
VIDEO_M2M_MPLANE = 0x0000_4000
VIDEO_M2M = 0x0000_8000
DEVICE_CAPS = 0x8000_0000  # `device_caps` is filled in
CAPTURE, CAPTURE_MPLANE = 1, 9  # enum v4l2_buf_type
EMULATED = 0x0002  # V4L2_FMT_FLAG_EMULATED: converted by a library, not by the camera
DISCRETE = 1  # of enum v4l2_frmsizetypes and v4l2_frmivaltypes
MOST = 256  # answers per question; a driver that never says "no more" ends here

Ask = Callable[[int, int, bytearray], object]
"""Like fcntl.ioctl: fills the buffer. Raises OSError."""


def _iowr(number: int, size: int, direction: int = 3) -> int:
    # _IOR (2) and _IOWR (3) of asm-generic/ioctl.h, as on x86 and ARM.
    return direction << 30 | size << 16 | ord("V") << 8 | number


# struct v4l2_capability: driver, card, bus_info, version, capabilities, device_caps
CAPABILITY = struct.Struct("=16s32s32sIII12x")
# struct v4l2_fmtdesc: index, type, flags, description, pixelformat, mbus_code
FMTDESC = struct.Struct("=III32s4sI12x")
# struct v4l2_frmsizeenum: index, pixel_format, type; width and height, or min, max, step of each
FRMSIZE = struct.Struct("=I4sI6I8x")
# struct v4l2_frmivalenum: index, pixel_format, width, height, type; a fraction of seconds, or min, max, step
FRMIVAL = struct.Struct("=I4sIII6I8x")
QUERYCAP = _iowr(0, CAPABILITY.size, direction=2)
ENUM_FMT = _iowr(2, FMTDESC.size)
ENUM_FRAMESIZES = _iowr(74, FRMSIZE.size)
ENUM_FRAMEINTERVALS = _iowr(75, FRMIVAL.size)


@dataclass(frozen=True, slots=True)
class Capability:
    """Who the device is. `caps` are the bits of this very node, not of the whole card."""

    driver: str
    card: str
    bus: str
    caps: int


@dataclass(frozen=True, slots=True)
class PixelFormat:
    """One pixel format: its code as the kernel has it, and as letters."""

    code: bytes
    fourcc: str
    description: str
    emulated: bool


@dataclass(frozen=True, slots=True)
class SizeRange:
    """Picture sizes from (min_width, min_height) to (max_width, max_height); one size when they are equal."""

    min_width: int
    max_width: int
    step_width: int
    min_height: int
    max_height: int
    step_height: int


@dataclass(frozen=True, slots=True)
class RateRange:
    """Pictures per second, slowest and fastest; one rate when they are equal, else anything between."""

    slowest: Fraction
    fastest: Fraction


def capability(device: int, ask: Ask = fcntl.ioctl) -> Capability:
    """VIDIOC_QUERYCAP. Raises OSError: ENOTTY or EINVAL when it is no video device."""
    buffer = bytearray(CAPABILITY.size)
    ask(device, QUERYCAP, buffer)
    driver, card, bus, _, caps, device_caps = CAPABILITY.unpack(buffer)
    return Capability(_text(driver), _text(card), _text(bus), device_caps if caps & DEVICE_CAPS else caps)


def pixel_formats(device: int, kind: int = CAPTURE, ask: Ask = fcntl.ioctl) -> tuple[PixelFormat, ...]:
    """VIDIOC_ENUM_FMT for the buffer type `kind`. Raises OSError."""
    answers = _all(device, ENUM_FMT, lambda index: FMTDESC.pack(index, kind, 0, b"", b"", 0), ask)
    found = (FMTDESC.unpack(answer) for answer in answers)
    return tuple(
        PixelFormat(code, letters(code), _text(words), bool(flags & EMULATED)) for _, _, flags, words, code, _ in found
    )


def sizes(device: int, code: bytes, ask: Ask = fcntl.ioctl) -> tuple[SizeRange, ...]:
    """VIDIOC_ENUM_FRAMESIZES; empty for a driver that cannot tell. Raises OSError."""
    made: list[SizeRange] = []
    for answer in _all(device, ENUM_FRAMESIZES, lambda index: FRMSIZE.pack(index, code, 0, *[0] * 6), ask):
        _, _, kind, first, second, *rest = FRMSIZE.unpack(answer)
        made.append(
            SizeRange(first, first, 1, second, second, 1) if kind == DISCRETE else SizeRange(first, second, *rest)
        )
    return tuple(made)


def rates(device: int, code: bytes, width: int, height: int, ask: Ask = fcntl.ioctl) -> tuple[RateRange, ...]:
    """VIDIOC_ENUM_FRAMEINTERVALS; empty for a driver that cannot tell. Raises OSError."""
    made: list[RateRange] = []
    question = ENUM_FRAMEINTERVALS
    for answer in _all(device, question, lambda index: FRMIVAL.pack(index, code, width, height, 0, *[0] * 6), ask):
        _, _, _, _, kind, shortest, per, longest, longest_per, *_ = FRMIVAL.unpack(answer)
        fastest = Fraction(per, shortest) if shortest else Fraction(0)
        slowest = fastest if kind == DISCRETE or not longest else Fraction(longest_per, longest)
        made.append(RateRange(slowest, fastest))
    return tuple(made)


def letters(code: bytes) -> str:
    """Like YUYV; like Y16-BE where the highest bit says so (v4l2_fourcc_be)."""
    return _text(bytes(byte & 0x7F for byte in code)) + ("-BE" if code[3] & 0x80 else "")


def _all(device: int, question: int, asking: Callable[[int], bytes], ask: Ask) -> Iterator[bytes]:
    for index in range(MOST):
        buffer = bytearray(asking(index))
        try:
            ask(device, question, buffer)
        except OSError as error:
            if error.errno in (errno.EINVAL, errno.ENOTTY):  # no more, or a question the driver does not know
                return
            raise
        yield bytes(buffer)


def _text(raw: bytes) -> str:
    text = raw.split(b"\0", 1)[0].decode("utf-8", "replace").strip()
    return "".join(letter if letter.isprintable() else "?" for letter in text)
