"""Points, lines and zones as a configuration writes them: [x, y] from 0 to 1, origin top left."""

from math import atan2
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema

from agent.config.units import Bilingual, shown
from agent.i18n import Text
from agent.values import Point

_PIXELS = Text(
    en="points are shares of the picture, not pixels: divide x by the width and y by the height",
    vi="toạ độ là tỉ lệ của khung hình, không phải điểm ảnh: lấy x chia chiều rộng, y chia chiều cao",
)


_SIZES = ((640, 360), (1280, 720), (1920, 1080), (2560, 1440), (3840, 2160))
_LIKE = Text(
    en="write two numbers with a comma, like `[0.5, 0.5]`", vi="hãy ghi hai số cách nhau dấu phẩy, ví dụ `[0.5, 0.5]`"
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
    pair = numbers and len(value) == 2
    raise Bilingual(
        f"a point is [x, y], both from 0 to 1 (0,0 is the top left corner), not {shown(value)}",
        f"một điểm là [x, y], cả hai từ 0 đến 1 (0,0 là góc trên bên trái), không phải {shown(value)}",
        _inside(value) if pair else _LIKE,
    )


def _inside(value: list[float]) -> Text:
    if not all(-1 <= part <= 2 for part in value):
        return _shares(value) if max(value) > 1 else _LIKE
    edge = f"[{', '.join(f'{min(max(part, 0), 1):g}' for part in value)}]"
    return Text(
        en=f"that is outside the picture; its edge is at `{edge}`",
        vi=f"điểm này nằm ngoài khung hình; mép hình ở `{edge}`",
    )


def _shares(value: list[float]) -> Text:
    # Which picture they are of is not known here: the smallest usual one that holds them.
    size = next((each for each in _SIZES if value[0] <= each[0] and value[1] <= each[1]), None)
    if size is None or min(value) < 0:
        return _PIXELS
    like = f"[{round(value[0] / size[0], 3):g}, {round(value[1] / size[1], 3):g}]"
    return Text(
        en=f"{_PIXELS.en}; in a picture of {size[0]}x{size[1]} that is `{like}`",
        vi=f"{_PIXELS.vi}; với hình {size[0]}x{size[1]} thì ghi `{like}`",
    )


def turn(a: Point, b: Point, c: Point) -> float:
    """Twice the signed area of the triangle; 0 when the three lie on one line."""
    return (b.x - a.x) * (c.y - a.y) - (b.y - a.y) * (c.x - a.x)


def _cross(a: Point, b: Point, c: Point, d: Point) -> bool:
    return turn(a, b, c) * turn(a, b, d) < 0 and turn(c, d, a) * turn(c, d, b) < 0


def _walked(points: tuple[Point, ...]) -> Text:
    """The corners as one meets them on the way around their middle: right unless the zone is of a strange shape."""
    x, y = (sum(each) / len(points) for each in (tuple(p.x for p in points), tuple(p.y for p in points)))
    order = sorted(points, key=lambda point: atan2(point.y - y, point.x - x))
    told = ", ".join(f"[{point.x:g}, {point.y:g}]" for point in order)
    en, vi = (
        "list the corners in the order in which you walk around the zone",
        "hãy ghi các góc theo thứ tự đi vòng quanh vùng",
    )
    if len(points) > 8:
        return Text(en=en, vi=vi)
    return Text(en=f"{en}, like `[{told}]`", vi=f"{vi}, ví dụ `[{told}]`")


def _polygon(points: tuple[Point, ...]) -> tuple[Point, ...]:
    edges = list(zip(points, (*points[1:], points[0]), strict=True))
    for index, (a, b) in enumerate(edges):
        for c, d in edges[index + 2 :]:
            if _cross(a, b, c, d):
                raise Bilingual(
                    "the zone's edges cross each other",
                    "các cạnh của vùng cắt nhau",
                    _walked(points),
                )
    if abs(sum(a.x * b.y - b.x * a.y for a, b in edges)) < 1e-6:
        raise Bilingual(
            "the zone has no area",
            "vùng này không có diện tích",
            Text(
                en="its corners lie on one line: move one, like `[[0.1, 0.5], [0.9, 0.5], [0.9, 1.0]]`",
                vi="các góc nằm trên một đường thẳng: hãy dời một góc, ví dụ `[[0.1, 0.5], [0.9, 0.5], [0.9, 1.0]]`",
            ),
        )
    return points


def _line(points: tuple[Point, ...]) -> tuple[Point, ...]:
    if abs(points[0].x - points[1].x) + abs(points[0].y - points[1].y) < 1e-3:
        raise Bilingual(
            "the line's two points are the same",
            "hai đầu của vạch trùng nhau",
            Text(
                en="move one of them, like `[[0.5, 0.9], [0.5, 0.4]]`",
                vi="hãy dời một đầu, ví dụ `[[0.5, 0.9], [0.5, 0.4]]`",
            ),
        )
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
            Text(
                en="draw it as long as a vehicle drives, like `[[0.5, 0.9], [0.5, 0.4]]`",
                vi="hãy vẽ dài theo đường xe chạy, ví dụ `[[0.5, 0.9], [0.5, 0.4]]`",
            ),
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
