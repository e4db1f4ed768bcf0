from collections.abc import Sequence
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.capture.masks import BLACK, ENCODED, SMALL, Blocks, Masks, masks_of, plain_masks, refuse_unmasked
from agent.config.camera import CameraSection
from agent.errors import CameraError
from agent.values import Point
from tests.capture.masking import POLYGONS, inside

SHARE = st.floats(0, 1, allow_nan=False)
CORNERS = st.lists(st.tuples(SHARE, SHARE), min_size=3, max_size=8)


def masks(polygon: Sequence[Sequence[float]], blocks: Blocks) -> Masks:
    return Masks([[Point(x, y) for x, y in polygon]], blocks)


def covered(found: Masks, width: int, height: int) -> np.ndarray:
    area = np.zeros((height, width), np.uint8)
    for one in found.rectangles(width, height):
        area[one.top : one.bottom, one.left : one.right] += 1
    return area


@given(CORNERS, st.integers(2, 200), st.integers(2, 200), st.sampled_from([ENCODED, SMALL]))
def test_all_of_the_polygon_is_covered_and_nothing_twice(
    corners: list[tuple[float, float]], width: int, height: int, blocks: Blocks
) -> None:
    found = masks(corners, blocks)
    area = covered(found, width, height)
    assert area.max() <= 1
    assert area[inside([corners], width, height)].all()
    for one in found.rectangles(width, height):
        assert one.left % blocks.size == one.top % blocks.size == 0
        assert one.right % blocks.size == 0 or one.right == width
        assert one.bottom % blocks.size == 0 or one.bottom == height
        assert 0 <= one.left < one.right <= width and 0 <= one.top < one.bottom <= height


@pytest.mark.parametrize("name", POLYGONS)
@pytest.mark.parametrize("size", [(1920, 1080), (768, 576), (641, 359)])
def test_a_block_of_margin_and_hardly_more_is_covered(name: str, size: tuple[int, int]) -> None:
    width, height = size
    area = covered(masks(POLYGONS[name], ENCODED), width, height)
    polygon = inside([POLYGONS[name]], width, height)
    rows, columns = np.nonzero(polygon)
    near = np.zeros_like(polygon)
    for row, column in set(zip(rows // 16, columns // 16, strict=True)):
        near[max(0, row - 1) * 16 : row * 16 + 32, max(0, column - 1) * 16 : column * 16 + 32] = True
        least = area[max(0, row * 16 - 16) : row * 16 + 32, max(0, column * 16 - 16) : column * 16 + 32]
        assert least.all()
    extra = (area > 0) & ~near
    assert extra.sum() <= 0.15 * near.sum() + 16 * 16 * 6  # blocks that are touched at an edge only


def test_an_area_that_is_walked_round_twice_is_still_covered() -> None:
    corners = [(0.2, 0.2), (0.8, 0.2), (0.8, 0.8), (0.2, 0.8)]
    assert covered(masks(corners * 2, SMALL), 320, 180)[90, 160]


def test_the_notch_of_a_concave_mask_is_still_seen() -> None:
    area = covered(masks(POLYGONS["concave"], ENCODED), 1920, 1080)
    assert area[1080 * 50 // 100, 1920 * 42 // 100] and not area[1080 * 75 // 100, 1920 * 42 // 100]


def test_a_mask_over_everything_is_one_rectangle() -> None:
    assert len(masks([(0, 0), (1, 0), (1, 1), (0, 1)], ENCODED).rectangles(641, 359)) == 1


@pytest.mark.parametrize(("width", "height"), [(64, 48), (65, 47), (64, 47), (65, 48)])
def test_planes_of_odd_sizes_are_painted_to_the_edge(width: int, height: int) -> None:
    half = ((height + 1) // 2, (width + 1) // 2)
    luma, u, v = np.full((height, width), 200, np.uint8), np.full(half, 90, np.uint8), np.full(half, 70, np.uint8)
    masks([(0.9, 0.9), (1, 0.9), (1, 1)], SMALL).paint(luma, u, v)
    assert (luma[-1, -1], u[-1, -1], v[-1, -1]) == BLACK
    assert (luma[0, 0], u[0, 0], v[0, 0]) == (200, 90, 70)


def test_the_plain_form_says_the_same() -> None:
    camera = CameraSection.model_validate({"id": "gate", "source": "picamera2", "privacy_masks": POLYGONS})
    together = Masks([[Point(x, y) for x, y in polygon] for polygon in POLYGONS.values()], ENCODED)
    expected = [[one.left, one.top, one.right, one.bottom] for one in together.rectangles(1280, 720)]
    assert plain_masks(camera, 1280, 720) == expected
    assert plain_masks(camera, 640, 360, SMALL) != plain_masks(camera, 640, 360)
    flat = [tuple(edges) for edges in expected]
    assert not any(a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3] for a, b in combinations(flat, 2))


def test_a_camera_without_masks_costs_nothing() -> None:
    camera = CameraSection.model_validate({"id": "gate", "source": "picamera2"})
    assert masks_of(camera) is None and plain_masks(camera, 640, 360) == []
    refuse_unmasked(camera, camera.source, "h264")


def test_packets_of_a_camera_with_masks_are_never_passed_on() -> None:
    camera = CameraSection.model_validate({"id": "gate", "source": "picamera2", "privacy_masks": POLYGONS})
    with pytest.raises(CameraError) as caught:
        refuse_unmasked(camera, camera.source, "h264")
    assert "privacy masks" in caught.value.text.en and "vùng riêng tư" in caught.value.text.vi
    assert "transcode: true" in str(caught.value.hint)
