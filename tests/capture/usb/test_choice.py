from fractions import Fraction

import pytest

from agent.capture.usb.choice import Chosen, choose
from agent.capture.usb.formats import DeviceFormats, FormatOffer, SizeOffer
from agent.capture.usb.ioctl import RateRange, SizeRange
from agent.config.camera import CameraSection
from agent.errors import CameraError
from tests.capture.kernel import offers

MASK = {"privacy_masks": {"window": [[0, 0], [0.5, 0], [0.5, 0.5]]}}
HD, VGA, FULL_HD = (1280, 720), (640, 480), (1920, 1080)
Offers = dict[str, dict[tuple[int, int], tuple[int, ...]]]
USUAL: Offers = {"MJPG": {FULL_HD: (30,), HD: (30, 15), VGA: (30,)}, "YUYV": {HD: (10, 5), VGA: (30, 15)}}


def section(**settings: object) -> CameraSection:
    return CameraSection.model_validate({"id": "gate", "source": "/dev/video0", **settings})


def chosen(formats: Offers, **settings: object) -> tuple[str, int, int, int]:
    one = choose(offers("/dev/video0", formats), section(**settings))
    return one.input_format, one.width, one.height, int(one.fps)


def test_h264_of_the_wanted_size_is_passed_through() -> None:
    assert chosen({**USUAL, "H264": {HD: (30, 15)}}) == ("h264", *HD, 15)


def test_h264_of_another_size_is_not() -> None:
    assert chosen({**USUAL, "H264": {FULL_HD: (30,)}}) == ("mjpeg", *HD, 15)


def test_h264_is_not_taken_under_privacy_masks() -> None:
    assert chosen({**USUAL, "H264": {HD: (15,)}}, **MASK) == ("mjpeg", *HD, 15)
    assert chosen({"H264": {HD: (15,)}}, **MASK) == ("h264", *HD, 15)  # decoded, painted and encoded anew


def test_mjpeg_else() -> None:
    assert chosen(USUAL) == ("mjpeg", *HD, 15)


def test_raw_pictures_at_a_size_where_the_rate_is_reached() -> None:
    assert chosen({"YUYV": USUAL["YUYV"]}) == ("yuyv422", *VGA, 15)
    assert chosen({"YUYV": USUAL["YUYV"]}, v4l2={"fps": 5}) == ("yuyv422", *HD, 5)


def test_nv12_costs_less_than_yuyv() -> None:
    assert chosen({"YUYV": {VGA: (30,)}, "NV12": {VGA: (30,)}})[0] == "nv12"


def test_the_slowest_rate_that_is_fast_enough() -> None:
    assert chosen({"MJPG": {HD: (60, 30, 20, 10)}}) == ("mjpeg", *HD, 20)


def test_a_slow_camera_gives_what_it_can() -> None:
    assert chosen({"YUYV": {HD: (5,)}}) == ("yuyv422", *HD, 5)


def test_the_television_rates_count_as_the_whole_ones() -> None:
    ntsc = RateRange(Fraction(30000, 1001), Fraction(30000, 1001))
    size = SizeOffer(SizeRange(1280, 1280, 1, 720, 720, 1), (ntsc,))
    device = DeviceFormats("/dev/video0", "uvcvideo", "x", "usb", (FormatOffer("MJPG", "mjpeg", (size,)),))
    assert choose(device, section(v4l2={"fps": 30})) == Chosen("mjpeg", 1280, 720, Fraction(30000, 1001))


def test_a_range_of_sizes_and_rates() -> None:
    anything = SizeOffer(SizeRange(32, 2591, 1, 32, 1943, 1), (RateRange(Fraction(1), Fraction(90)),))
    device = DeviceFormats("/dev/video0", "unicam", "x", "platform", (FormatOffer("YUYV", "yuyv422", (anything,)),))
    assert choose(device, section()) == Chosen("yuyv422", 1280, 720, Fraction(15))
    largest = choose(device, section(v4l2={"width": 4000, "height": 3000}))
    assert (largest.width, largest.height) == (2590, 1942)  # even


def test_a_driver_that_cannot_tell_sizes_gets_the_wish() -> None:
    device = DeviceFormats("/dev/video0", "old", "x", "usb", (FormatOffer("YUYV", "yuyv422", ()),))
    assert choose(device, section()) == Chosen("yuyv422", 1280, 720, Fraction(15))


def test_the_asked_format_and_no_other() -> None:
    assert chosen(USUAL, v4l2={"input_format": "yuyv422"})[0] == "yuyv422"
    with pytest.raises(CameraError) as caught:
        chosen(USUAL, v4l2={"input_format": "h264"})
    assert caught.value.code == "camera_codec"
    assert "mjpeg 1920x1080@30" in str(caught.value) and "yuyv422" in str(caught.value)


def test_without_leave_to_encode_only_h264() -> None:
    assert chosen({**USUAL, "H264": {VGA: (30,)}}, transcode=False) == ("h264", *VGA, 30)
    with pytest.raises(CameraError) as caught:
        chosen(USUAL, transcode=False)
    assert "transcode" in str(caught.value.hint) and "mjpeg" in str(caught.value)


def test_a_camera_with_nothing_of_use_says_what_it_has() -> None:
    with pytest.raises(CameraError) as caught:
        chosen({"Z16 ": {VGA: (30,)}, "BA81": {VGA: (30,)}})
    assert caught.value.code == "camera_codec"
    assert "BA81 640x480@30" in str(caught.value)
