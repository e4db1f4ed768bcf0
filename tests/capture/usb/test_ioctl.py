import errno
import struct
from fractions import Fraction

import pytest

from agent.capture.usb import ioctl as kernel
from agent.capture.usb.ioctl import RateRange, SizeRange
from tests.capture.kernel import WrittenDevice

WEBCAM = WrittenDevice(
    {
        "MJPG": {(1280, 720): [(1, 30), (1, 15)], (640, 480): [(1, 30)]},
        "YUYV": {(640, 480): [(1, 30)], (1280, 720): [(1001, 10000)]},
    }
)


def test_the_questions_are_the_kernels() -> None:
    # As `printf("%x", VIDIOC_…)` says after including <linux/videodev2.h> on x86-64 and aarch64.
    assert kernel.QUERYCAP == 0x8068_5600
    assert kernel.ENUM_FMT == 0xC040_5602
    assert kernel.ENUM_FRAMESIZES == 0xC02C_564A
    assert kernel.ENUM_FRAMEINTERVALS == 0xC034_564B


def test_a_webcam_says_who_it_is_and_what_it_has() -> None:
    who = kernel.capability(3, WEBCAM)
    assert (who.driver, who.card, who.bus) == ("uvcvideo", "USB Camera: é", "usb-0000:01:00.0-1.3")
    assert who.caps & kernel.VIDEO_CAPTURE
    assert [one.fourcc for one in kernel.pixel_formats(3, ask=WEBCAM)] == ["MJPG", "YUYV"]
    assert kernel.sizes(3, b"YUYV", WEBCAM) == (
        SizeRange(640, 640, 1, 480, 480, 1),
        SizeRange(1280, 1280, 1, 720, 720, 1),
    )
    assert kernel.rates(3, b"MJPG", 1280, 720, WEBCAM) == tuple(RateRange(Fraction(n), Fraction(n)) for n in (30, 15))
    assert kernel.rates(3, b"YUYV", 1280, 720, WEBCAM)[0].fastest == Fraction(10000, 1001)


def test_big_endian_formats_have_a_bit_beside_their_letters() -> None:
    # V4L2_PIX_FMT_Y16_BE, as the kernel's test camera lists it.
    assert kernel.letters(b"Y16\xa0") == "Y16-BE"
    assert kernel.letters(b"Z16 ") == "Z16"


def test_the_bits_of_the_node_count_and_not_those_of_the_card() -> None:
    metadata = WrittenDevice({}, caps=0x04A0_0000)
    assert not kernel.capability(3, metadata).caps & kernel.VIDEO_CAPTURE


def test_ranges_of_sizes_and_rates() -> None:
    def ask(device: int, request: int, buffer: bytearray) -> None:
        if struct.unpack_from("=I", buffer)[0]:
            raise OSError(errno.EINVAL, "Invalid argument")
        if request == kernel.ENUM_FRAMESIZES:
            struct.pack_into("=7I", buffer, 8, 3, 32, 2592, 2, 48, 1944, 4)
        else:
            struct.pack_into("=7I", buffer, 16, 2, 1, 90, 1, 1, 1, 90)

    assert kernel.sizes(3, b"YUYV", ask) == (SizeRange(32, 2592, 2, 48, 1944, 4),)
    assert kernel.rates(3, b"YUYV", 640, 480, ask) == (RateRange(Fraction(1), Fraction(90)),)


def test_a_driver_that_never_says_no_more_is_not_asked_for_ever() -> None:
    asked: list[int] = []

    def ask(device: int, request: int, buffer: bytearray) -> None:
        asked.append(request)
        struct.pack_into("=III", buffer, 8, 1, 640, 480)

    assert len(kernel.sizes(3, b"YUYV", ask)) == len(asked) == kernel.MOST


def test_a_driver_that_does_not_know_the_question_offers_nothing() -> None:
    def ask(device: int, request: int, buffer: bytearray) -> None:
        raise OSError(errno.ENOTTY, "Inappropriate ioctl for device")

    assert kernel.sizes(3, b"YUYV", ask) == ()


def test_a_camera_unplugged_in_the_middle_is_an_error() -> None:
    def ask(device: int, request: int, buffer: bytearray) -> None:
        raise OSError(errno.ENODEV, "No such device")

    with pytest.raises(OSError, match="No such device"):
        kernel.sizes(3, b"YUYV", ask)


def test_what_a_driver_calls_itself_cannot_write_on_the_terminal() -> None:
    def ask(device: int, request: int, buffer: bytearray) -> None:
        struct.pack_into("=16s32s", buffer, 0, b"uvc\x1b[2Jvideo\0rest", b"\xff\xfe cam")

    who = kernel.capability(3, ask)
    assert who.driver == "uvc?[2Jvideo" and who.card.isprintable()
