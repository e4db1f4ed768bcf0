"""Points, lines and zones as a configuration writes them: [x, y] from 0 to 1, origin top left."""

from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema

from agent.config.units import Bilingual, shown
from agent.i18n import Text
from agent.values import Point

_PIXELS = Text(
    en="points are shares of the picture, not pixels: divide x by the width and y by the height",
    vi="toạ độ là tỉ lệ của khung hình, không phải điểm ảnh: lấy x chia chiều rộng, y chia chiều cao",
)


MIN_ARROW = 0.02


def _point(value: Any) -> Point:
    if isinstance(value, Point):
        return value
    numbers = isinstance(value, list | tuple) and all(
        isinstance(part, int | float) and not isinstance(part, bool) for part in value
    )
    if numbers and len(value) == 2 and all(0 <= part <= 1 for part in value):
        return Point(float(value[0]), float(value[1]))
    pixels = numbers and any(part > 1 for part in value)
    raise Bilingual(
        f"a point is [x, y], both from 0 to 1 (0,0 is the top left corner), not {shown(value)}",
        f"một điểm là [x, y], cả hai từ 0 đến 1 (0,0 là góc trên bên trái), không phải {shown(value)}",
        _PIXELS if pixels else None,
    )


def turn(a: Point, b: Point, c: Point) -> float:
    """Twice the signed area of the triangle; 0 when the three lie on one line."""
    return (b.x - a.x) * (c.y - a.y) - (b.y - a.y) * (c.x - a.x)


def _cross(a: Point, b: Point, c: Point, d: Point) -> bool:
    return turn(a, b, c) * turn(a, b, d) < 0 and turn(c, d, a) * turn(c, d, b) < 0


def _polygon(points: tuple[Point, ...]) -> tuple[Point, ...]:
    edges = list(zip(points, (*points[1:], points[0]), strict=True))
    for index, (a, b) in enumerate(edges):
        for c, d in edges[index + 2 :]:
            if _cross(a, b, c, d):
                raise Bilingual(
                    "the zone's edges cross each other",
                    "các cạnh của vùng cắt nhau",
                    Text(
                        en="list the corners in the order in which you walk around the zone",
                        vi="hãy ghi các góc theo thứ tự đi vòng quanh vùng",
                    ),
                )
    if abs(sum(a.x * b.y - b.x * a.y for a, b in edges)) < 1e-6:
        raise Bilingual("the zone has no area", "vùng này không có diện tích")
    return points


def _line(points: tuple[Point, ...]) -> tuple[Point, ...]:
    if abs(points[0].x - points[1].x) + abs(points[0].y - points[1].y) < 1e-3:
        raise Bilingual("the line's two points are the same", "hai đầu của vạch trùng nhau")
    return points


def _arrow(value: Any) -> Any:
    if isinstance(value, list | tuple):
        return value
    raise Bilingual(
        f"expected an arrow of two points, not {shown(value)}",
        f"cần một mũi tên gồm hai điểm, không phải {shown(value)}",
        Text(
            en="[[x, y], [x, y]] on the picture: from where traffic comes to where it goes",
            vi="[[x, y], [x, y]] trên khung hình: từ nơi xe đến tới nơi xe đi",
        ),
    )


def _long_enough(points: tuple[Point, ...]) -> tuple[Point, ...]:
    # A short arrow is drawn by chance: a slip of the finger would turn it by half a circle.
    if abs(points[0].x - points[1].x) + abs(points[0].y - points[1].y) < MIN_ARROW:
        raise Bilingual(
            "the arrow's two points are too near to each other to tell a direction",
            "hai điểm của mũi tên quá gần nhau, không xác định được hướng",
        )
    return points


_POINT_SCHEMA = {"type": "array", "items": {"type": "number", "minimum": 0, "maximum": 1}, "minItems": 2, "maxItems": 2}
PointPair = Annotated[Point, BeforeValidator(_point), WithJsonSchema(_POINT_SCHEMA)]
Polygon = Annotated[tuple[PointPair, ...], Field(min_length=3, max_length=64), AfterValidator(_polygon)]
Line = Annotated[tuple[PointPair, ...], Field(min_length=2, max_length=2), AfterValidator(_line)]
Arrow = Annotated[
    tuple[PointPair, ...],
    Field(min_length=2, max_length=2),
    BeforeValidator(_arrow, json_schema_input_type=list[tuple[float, float]]),
    AfterValidator(_long_enough),
]
