"""A video device that answers with the bytes of the kernel's structures (include/uapi/linux/videodev2.h)."""

import errno
import struct
from dataclasses import dataclass, field
from fractions import Fraction

from agent.capture.usb.formats import CODECS, DeviceFormats, FormatOffer, SizeOffer
from agent.capture.usb.ioctl import (
    ENUM_FMT,
    ENUM_FRAMEINTERVALS,
    ENUM_FRAMESIZES,
    QUERYCAP,
    RateRange,
    SizeRange,
)

# Rate as (numerator, denominator) of seconds.
Rates = dict[tuple[int, int], list[tuple[int, int]]]


@dataclass
class WrittenDevice:
    """Formats by their four letters, with sizes and intervals; called like fcntl.ioctl."""

    formats: dict[str, Rates]
    caps: int = 0x0420_0001  # streaming, extended pixel formats, video capture
    emulated: tuple[str, ...] = ()
    asked: list[int] = field(default_factory=list)

    def __call__(self, device: int, request: int, buffer: bytearray) -> int:
        self.asked.append(request)
        if request == QUERYCAP:
            who = (b"uvcvideo", b"USB Camera: \xc3\xa9", b"usb-0000:01:00.0-1.3", 0x060C_2E00)
            struct.pack_into("=16s32s32s3I", buffer, 0, *who, self.caps | 0x8000_0000 | 0x0080_0000, self.caps)
            return 0
        (index,) = struct.unpack_from("=I", buffer)
        answer = {ENUM_FMT: self._format, ENUM_FRAMESIZES: self._size, ENUM_FRAMEINTERVALS: self._interval}[request]
        try:
            answer(index, buffer)
        except (IndexError, KeyError):
            raise OSError(errno.EINVAL, "Invalid argument") from None
        return 0

    def _format(self, index: int, buffer: bytearray) -> None:
        fourcc = list(self.formats)[index]
        flags = 2 if fourcc in self.emulated else 0
        struct.pack_into("=I32s4s", buffer, 8, flags, b"what it is called", fourcc.encode())

    def _size(self, index: int, buffer: bytearray) -> None:
        width, height = list(self.formats[buffer[4:8].decode().strip()])[index]
        struct.pack_into("=III", buffer, 8, 1, width, height)

    def _interval(self, index: int, buffer: bytearray) -> None:
        width, height = struct.unpack_from("=II", buffer, 8)
        numerator, denominator = self.formats[buffer[4:8].decode().strip()][width, height][index]
        struct.pack_into("=III", buffer, 16, 1, numerator, denominator)


def offers(path: str, formats: dict[str, dict[tuple[int, int], tuple[int, ...]]]) -> DeviceFormats:
    """Formats as a driver tells them: sizes with the rates at each."""
    made = tuple(
        FormatOffer(
            fourcc,
            CODECS.get(fourcc, ""),
            tuple(
                SizeOffer(SizeRange(width, width, 1, height, height, 1), tuple(_rate(rate) for rate in rates))
                for (width, height), rates in sizes.items()
            ),
        )
        for fourcc, sizes in formats.items()
    )
    return DeviceFormats(path, "uvcvideo", "USB Camera", "usb-1", made)


def _rate(rate: int) -> RateRange:
    return RateRange(Fraction(rate), Fraction(rate))
