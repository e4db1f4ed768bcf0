"""What a video device offers, asked from the kernel: a path in, frozen `DeviceFormats` out.

Only nodes that capture video count: a USB camera has a second node for metadata, a Raspberry Pi a dozen for codecs.
"""

import errno
import os
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

from agent.capture.problems import problem
from agent.capture.usb import ioctl as kernel
from agent.capture.usb.ioctl import RateRange, SizeRange
from agent.errors import CameraError
from agent.system_words import reason

# FFmpeg's names (as in `input_format`) of the formats that it takes from a device. Not YU12: FFmpeg would hand out the
# driver's own buffers as pictures, and they are gone when the device is closed; cameras that have it have YUYV too.
CODECS = {
    "H264": "h264",
    "MJPG": "mjpeg",
    "JPEG": "mjpeg",
    "YUYV": "yuyv422",
    "UYVY": "uyvy422",
    "NV12": "nv12",
    "GREY": "gray",
}
ABSENT = (errno.ENOENT, errno.ENODEV, errno.ENXIO, errno.EIO, errno.ENOTDIR)
FORBIDDEN = (errno.EACCES, errno.EPERM)


@dataclass(frozen=True, slots=True)
class SizeOffer:
    """A picture size, or a range of sizes, and the rates at it (at the largest, for a range); no rates: not told."""

    size: SizeRange
    rates: tuple[RateRange, ...]

    @property
    def fastest(self) -> Fraction | None:
        """Pictures per second at best; None when the driver does not tell."""
        return max((rate.fastest for rate in self.rates), default=None)

    def __str__(self) -> str:
        size = self.size
        largest = f"{size.max_width}x{size.max_height}"
        least = f"{size.min_width}x{size.min_height}"
        fastest = f"@{float(self.fastest):.4g}" if self.fastest else ""
        return (largest if least == largest else f"{least}-{largest}") + fastest


@dataclass(frozen=True, slots=True)
class FormatOffer:
    """One pixel format. `codec` is FFmpeg's name, "" for one that cannot be used here."""

    fourcc: str
    codec: str
    sizes: tuple[SizeOffer, ...]

    def __str__(self) -> str:
        return f"{self.codec or self.fourcc} {' '.join(map(str, self.sizes[:6]))}{' …' if len(self.sizes) > 6 else ''}"


@dataclass(frozen=True, slots=True)
class DeviceFormats:
    """A camera as its driver tells it."""

    path: str
    driver: str
    card: str
    bus: str
    formats: tuple[FormatOffer, ...]

    def __str__(self) -> str:
        return "; ".join(map(str, self.formats))


def device_formats(path: str) -> DeviceFormats:
    """Ask the device at `path`.

    Raises CameraError: camera_absent, camera_permission, camera_codec (no camera, or a camera's metadata node).
    """
    try:
        device = os.open(path, os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)
        try:
            return _asked(device, path)
        finally:
            os.close(device)
    except OSError as error:
        failed = from_os(error, path)
    raise failed


def from_os(error: OSError, path: str) -> CameraError:
    """What an error of the kernel at a video device means."""
    names = ((ABSENT, "camera_absent"), (FORBIDDEN, "camera_permission"), ((errno.EBUSY,), "camera_busy"))
    name = next((name for codes, name in names if error.errno in codes), "camera_refused")
    return problem(name, path, reason(error))


def _asked(device: int, path: str) -> DeviceFormats:
    try:
        who = kernel.capability(device)
    except OSError as error:
        if error.errno in (errno.ENOTTY, errno.EINVAL):
            raise problem("camera_no_camera", path, "-") from error
        raise
    if not who.caps & kernel.VIDEO_CAPTURE:
        raise problem("camera_no_camera", path, who.card)
    return DeviceFormats(path, who.driver, who.card, who.bus, tuple(_offers(device)))


def _offers(device: int) -> Iterator[FormatOffer]:
    for offered in kernel.pixel_formats(device):
        if offered.emulated:
            continue
        sizes = tuple(
            SizeOffer(size, kernel.rates(device, offered.code, size.max_width, size.max_height))
            for size in kernel.sizes(device, offered.code)
        )
        yield FormatOffer(offered.fourcc, CODECS.get(offered.fourcc, ""), sizes)
