"""Which of a camera's formats to ask for: what it offers and what is wanted go in, one `Chosen` comes out.

The order: pictures as often as wanted, then the size nearest to the wanted one, then the cheapest format: H.264 as it
is (never under privacy masks), MJPEG, raw pictures.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

from agent.capture.problems import problem
from agent.capture.usb.formats import DeviceFormats, FormatOffer, SizeOffer
from agent.capture.usb.ioctl import RateRange, SizeRange
from agent.config.camera import CameraSection

H264 = "h264"
# From cheap to dear. MJPEG before raw: raw pictures of a useful size fill the USB bus.
ORDER = (H264, "mjpeg", "nv12", "yuyv422", "uyvy422", "gray")
NEAR = Fraction(19, 20)  # 14.99 pictures per second are 15, and 30000/1001 are 30
SAME_SIZE = 0.01


@dataclass(frozen=True, slots=True)
class Chosen:
    """What to ask the driver for. `input_format` is FFmpeg's name."""

    input_format: str
    width: int
    height: int
    fps: Fraction

    @property
    def passthrough(self) -> bool:
        """The camera encodes."""
        return self.input_format == H264


def choose(device: DeviceFormats, camera: CameraSection) -> Chosen:
    """The best that `device` has for `camera`.

    Raises CameraError: camera_codec, naming what the camera offers, when nothing can be used.
    """
    wanted = camera.v4l2
    candidates = [
        (*_rank(one, camera), one)
        for offer in device.formats
        if _usable(offer, camera)
        for size in offer.sizes
        if (one := _fitted(offer.codec, size, camera)) is not None
    ]
    if candidates:
        return min(candidates, key=lambda candidate: candidate[:-1])[-1]
    usable = [offer for offer in device.formats if _usable(offer, camera)]
    if usable and not any(offer.sizes for offer in usable):  # an old driver that takes what it is asked for
        first = min(usable, key=lambda offer: _cost(offer.codec, camera))
        return Chosen(first.codec, wanted.width, wanted.height, Fraction(wanted.fps))
    offers = str(device) or "-"
    if wanted.input_format is not None:
        raise problem("camera_no_format", camera.source, f"{wanted.input_format}; {offers}")
    raise problem("camera_no_format" if camera.may_encode else "camera_must_encode", camera.source, offers)


def _usable(offer: FormatOffer, camera: CameraSection) -> bool:
    if not offer.codec:
        return False
    asked = camera.v4l2.input_format
    if asked is not None:
        return offer.codec == asked
    return camera.may_encode or offer.codec == H264


def _rank(one: Chosen, camera: CameraSection) -> tuple[bool, float, int, float]:
    wanted = camera.v4l2
    slow = one.fps < wanted.fps * NEAR
    off = max(abs(math.log(one.width / wanted.width)), abs(math.log(one.height / wanted.height)))
    return slow, 0.0 if off < SAME_SIZE else off, _cost(one.input_format, camera), abs(float(one.fps) - wanted.fps)


def _cost(codec: str, camera: CameraSection) -> int:
    # Under masks the camera's own H.264 would be decoded and encoded anew: the dearest of all.
    return ORDER.index(codec) + (len(ORDER) if camera.privacy_masks and codec == H264 else 0)


def _fitted(codec: str, offer: SizeOffer, camera: CameraSection) -> Chosen | None:
    wanted, size = camera.v4l2, offer.size
    width = _nearest(wanted.width, size.min_width, size.max_width, size.step_width)
    height = _nearest(wanted.height, size.min_height, size.max_height, size.step_height)
    if codec != H264 and (width % 2 or height % 2):  # an encoder wants even sizes
        width, height = _even(width, size.min_width), _even(height, size.min_height)
        if not _within(size, width, height):
            return None
    return Chosen(codec, width, height, _rate(offer.rates, wanted.fps))


def _rate(rates: tuple[RateRange, ...], wanted: int) -> Fraction:
    # The slowest rate that is still fast enough; else the fastest.
    offered = list(_rates(rates, Fraction(wanted)))
    enough = [rate for rate in offered if rate >= wanted * NEAR]
    return min(enough) if enough else max(offered, default=Fraction(wanted))


def _rates(rates: tuple[RateRange, ...], wanted: Fraction) -> Iterator[Fraction]:
    for rate in rates:
        inside = min(max(wanted, rate.slowest), rate.fastest)
        if inside > 0:
            yield inside


def _nearest(wanted: int, least: int, most: int, step: int) -> int:
    steps = round((min(max(wanted, least), most) - least) / max(step, 1))
    return min(least + steps * max(step, 1), most)


def _even(length: int, least: int) -> int:
    even = length - length % 2
    return even if even >= least else even + 2


def _within(size: SizeRange, width: int, height: int) -> bool:
    fits_width = size.min_width <= width <= size.max_width and not (width - size.min_width) % max(size.step_width, 1)
    fits_height = size.min_height <= height <= size.max_height and not (height - size.min_height) % max(
        size.step_height, 1
    )
    return fits_width and fits_height
