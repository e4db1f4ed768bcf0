import pytest

from agent.rules.geometry import Line, edge_distance, heading_deg, inside, still_inside
from agent.values import Point

SQUARE = (Point(0.2, 0.2), Point(0.8, 0.2), Point(0.8, 0.8), Point(0.2, 0.8))
# A U that opens upwards.
HOLLOW = (
    Point(0.0, 0.0), Point(0.3, 0.0), Point(0.3, 0.7), Point(0.7, 0.7),
    Point(0.7, 0.0), Point(1.0, 0.0), Point(1.0, 1.0), Point(0.0, 1.0),
)  # fmt: skip


@pytest.mark.parametrize(
    ("polygon", "point", "expected"),
    [
        (SQUARE, (0.5, 0.5), True),
        (SQUARE, (0.1, 0.5), False),
        (SQUARE, (0.9, 0.5), False),
        (SQUARE, (0.2, 0.2), True),
        (SQUARE, (0.8, 0.8), True),
        (SQUARE, (0.5, 0.8), True),
        (SQUARE, (0.1, 0.2), False),  # level with a corner
        (HOLLOW, (0.5, 0.3), False),
        (HOLLOW, (0.5, 0.9), True),
        (HOLLOW, (0.1, 0.3), True),
    ],
)
def test_inside(polygon: tuple[Point, ...], point: tuple[float, float], expected: bool) -> None:
    assert inside(polygon, Point(*point)) is expected
    assert inside(tuple(reversed(polygon)), Point(*point)) is expected


def test_distance_to_the_nearest_edge() -> None:
    assert edge_distance(SQUARE, Point(0.5, 0.3)) == pytest.approx(0.1)
    assert edge_distance(SQUARE, Point(0.0, 0.2)) == pytest.approx(0.2)


def test_leaving_needs_the_margin() -> None:
    assert still_inside(SQUARE, Point(0.809, 0.5), 0.01)
    assert not still_inside(SQUARE, Point(0.811, 0.5), 0.01)


def test_the_right_side_is_at_the_right_hand() -> None:
    upwards = Line(Point(0.5, 0.9), Point(0.5, 0.1))
    assert upwards.side(Point(0.6, 0.5)) == pytest.approx(0.1)
    assert upwards.side(Point(0.3, 0.5)) == pytest.approx(-0.2)
    to_the_right = Line(Point(0.1, 0.5), Point(0.9, 0.5))
    assert to_the_right.side(Point(0.5, 0.7)) == pytest.approx(0.2)  # below


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ([(0.5, 0.5), (0.5, 0.3)], 0.0),
        ([(0.5, 0.5), (0.7, 0.5)], 90.0),
        ([(0.5, 0.5), (0.5, 0.7)], 180.0),
        ([(0.5, 0.5), (0.3, 0.5)], 270.0),
        ([(0.5, 0.5), (0.505, 0.5)], None),
        ([(0.5, 0.5)], None),
        ([], None),
    ],
)
def test_heading_is_a_compass_on_the_picture(path: list[tuple[float, float]], expected: float | None) -> None:
    heading = heading_deg(tuple(Point(*point) for point in path))
    assert heading == (expected if expected is None else pytest.approx(expected))
