import numpy as np
import pytest

from agent.capture.picamera.planes import Layout, fitted, paint, planes


def flat(layout: Layout) -> np.ndarray:
    """Luma 1, u 2, v 3, padding 9."""
    width, height, stride = layout.width, layout.height, layout.stride
    made = np.full(stride * height * 3 // 2, 9, np.uint8)
    made[: stride * height].reshape(height, stride)[:, :width] = 1
    rest = made[stride * height :]
    first, second = (3, 2) if layout.format in ("YVU420", "NV21") else (2, 3)
    if layout.format.startswith("NV"):
        pairs = rest.reshape(height // 2, stride)
        pairs[:, 0:width:2], pairs[:, 1:width:2] = first, second
    else:
        half = rest.reshape(2, height // 2, stride // 2)
        half[0, :, : width // 2], half[1, :, : width // 2] = first, second
    return made


@pytest.mark.parametrize("form", ["YUV420", "YVU420", "NV12", "NV21"])
@pytest.mark.parametrize(("width", "height", "stride"), [(64, 32, 64), (70, 38, 128), (2, 2, 64)])
def test_planes_of_every_layout(form: str, width: int, height: int, stride: int) -> None:
    layout = Layout(form, width, height, stride)
    buffer = flat(layout)
    found = planes(buffer, layout)
    half = (height // 2, width // 2)
    assert [plane.shape for plane in found] == [(height, width), half, half]
    assert [set(np.unique(plane)) for plane in found] == [{1}, {2}, {3}]
    assert all(np.shares_memory(plane, buffer) for plane in found)


@pytest.mark.parametrize("form", ["YUV420", "NV12"])
def test_more_bytes_than_the_picture_has_are_left_alone(form: str) -> None:
    layout = Layout(form, 64, 32, 64)
    buffer = np.concatenate((flat(layout), np.full(4096, 9, np.uint8)))
    assert [set(np.unique(plane)) for plane in planes(buffer, layout)] == [{1}, {2}, {3}]


def test_a_buffer_that_is_too_short() -> None:
    layout = Layout("YUV420", 64, 32, 64)
    with pytest.raises(ValueError, match="reshape"):
        planes(flat(layout)[:-10], layout)


@pytest.mark.parametrize("form", ["YUV420", "NV12"])
def test_painting_goes_into_the_buffer_and_nowhere_else(form: str) -> None:
    layout = Layout(form, 64, 48, 96)
    buffer = flat(layout)
    paint(planes(buffer, layout), [(16, 16, 32, 48)])
    luma, u, v = planes(buffer, layout)
    for plane, black, other, cut in ((luma, 16, 1, 1), (u, 128, 2, 2), (v, 128, 3, 2)):
        area = np.zeros(plane.shape, np.bool_)
        area[16 // cut : 48 // cut, 16 // cut : 32 // cut] = True
        assert set(plane[area]) == {black} and set(plane[~area]) == {other}


def test_masks_for_the_size_that_was_asked_for() -> None:
    assert fitted([(16, 0, 48, 32)], (640, 360), (640, 360)) == ((16, 0, 48, 32),)


@pytest.mark.parametrize("got", [(632, 352), (1280, 720), (638, 358), (320, 180)])
def test_masks_for_another_size_cover_at_least_the_same_part(got: tuple[int, int]) -> None:
    asked, mask = (640, 360), (80, 48, 352, 360)
    ((left, top, right, bottom),) = fitted([mask], asked, got)
    assert left / got[0] <= mask[0] / asked[0] and top / got[1] <= mask[1] / asked[1]
    assert right / got[0] >= mask[2] / asked[0] and bottom / got[1] >= mask[3] / asked[1]
    assert (left % 16, top % 16) == (0, 0) and right <= got[0] and bottom <= got[1]
