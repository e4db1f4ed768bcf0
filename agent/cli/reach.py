"""`camera-agent reach`: how far from the camera a person is still found, for a lens and a size of picture."""

import argparse
import json
import math

from agent.cli.arguments import Subparsers, add_json
from agent.errors import ConfigError
from agent.i18n import Text
from agent.tools.reach import LENSES_MM, PERSON_M, View, limit_px, of_angle, of_lens, reach_m

LIGHTS = {
    "day": Text(en="by day", vi="ban ngày"),
    "night": Text(en="at night, infrared lamp", vi="ban đêm, đèn hồng ngoại"),
    "dusk": Text(en="in the dark, no lamp", vi="trời tối, không đèn"),
}
MODELS = {"ssd": "SSDLite", "yolox": "YOLOX-nano"}
NEVER = Text(en="not reliably", vi="không chắc")


def add(subparsers: Subparsers) -> argparse.ArgumentParser:
    """The command's arguments."""
    parser = subparsers.add_parser(
        "reach", help=str(Text(en="how far a person can be from the camera", vi="người đứng xa bao nhiêu còn nhận ra"))
    )
    which = parser.add_mutually_exclusive_group()
    lens = Text(en="the lens; without it a table of the usual ones", vi="ống kính; không ghi thì in bảng thông dụng")
    which.add_argument("--lens", type=float, metavar="MM", help=str(lens))
    fov = Text(en="or how wide the camera sees, left to right", vi="hoặc góc nhìn ngang của camera")
    which.add_argument("--fov", type=float, metavar="DEG", help=str(fov))
    sensor = Text(en="size of the sensor", vi="cỡ cảm biến")
    parser.add_argument("--sensor", default="1/2.8", metavar="1/2.8", help=f"{sensor} [1/2.8]")
    rows = Text(
        en="rows of the picture that is analysed: the sub stream where there is one",
        vi="số dòng của hình được phân tích: luồng phụ nếu có",
    )
    parser.add_argument("--height", type=int, default=360, metavar="PX", help=f"{rows} [360]")
    parser.add_argument("--width", type=int, metavar="PX", help="[16:9]")
    add_json(parser)
    return parser


def run(arguments: argparse.Namespace) -> int:
    """Print the table. Raises ConfigError for a lens, sensor or size that cannot be."""
    views = views_of(arguments)
    if arguments.json:
        print(json.dumps({"schema": "reach/1", "person_m": PERSON_M, "lenses": [*map(as_json, views.items())]}))
    else:
        print(table(views))
    return 0


def views_of(arguments: argparse.Namespace) -> dict[str, View]:
    """The view of each lens that is asked for, by its name. Raises ConfigError."""
    rows: int = arguments.height
    size = (round(rows * 16 / 9) if arguments.width is None else arguments.width, rows)
    if not (16 <= size[0] <= 20_000 and 16 <= rows <= 20_000):
        raise _impossible("--height, --width", f"{size[0]}x{rows}")
    if arguments.fov is not None:
        if not 1 <= arguments.fov <= 170:
            raise _impossible("--fov", arguments.fov)
        return {f"{arguments.fov:g}°": of_angle(arguments.fov, size)}
    sensor = sensor_of(arguments.sensor)
    lenses = LENSES_MM if arguments.lens is None else (arguments.lens,)
    if not all(0.5 <= lens <= 1000 for lens in lenses):
        raise _impossible("--lens", arguments.lens)
    return {f"{lens:g} mm": of_lens(lens, sensor, size) for lens in lenses}


def sensor_of(text: str) -> float:
    """2.8 of "1/2.8". Raises ConfigError."""
    one, _, number = text.strip().removesuffix('"').partition("/")
    try:
        sensor = float(number) / float(one)
    except (ValueError, ZeroDivisionError):
        raise _impossible("--sensor", text) from None
    if not (math.isfinite(sensor) and 0.5 <= sensor <= 20):
        raise _impossible("--sensor", text)
    return sensor


def table(views: dict[str, View]) -> str:
    """Metres for each model and light, for people."""
    one = next(iter(views.values()))
    head = Text(
        en=f"A person of {PERSON_M} m is followed up to so far away, in an analysed picture of {one.width}x{one.rows}:",
        vi=f"Người cao {PERSON_M} m còn được theo dõi ở khoảng cách tối đa, với hình phân tích {one.width}x{one.rows}:",
    )
    wide = [f"{name} ({view.angle_deg:.0f}°)" for name, view in views.items()]
    lines = [str(head), f"{'':38}{'px':>5}" + "".join(f"{each:>16}" for each in wide)]
    for model, name in MODELS.items():
        for light, words in LIGHTS.items():
            pixels = limit_px(model, light, one.rows)
            metres = (reach_m(view, model, light) for view in views.values())
            cells = [str(NEVER) if each is None else f"{each:.0f} m" for each in metres]
            smallest = "-" if pixels is None else f"{pixels:.0f}"
            lines.append(f"{name + ', ' + str(words):38}{smallest:>5}" + "".join(f"{each:>16}" for each in cells))
    foot = Text(
        en="px: the smallest person, measured by `python -m bench reach`. Metres: in the middle of the picture, with a "
        "clear view and clean glass;\nat night no further than the lamp shines.",
        vi="px: người nhỏ nhất, đo bằng `python -m bench reach`. Số mét: ở giữa hình, không bị che, kính sạch;\n"
        "ban đêm không xa hơn tầm đèn chiếu.",
    )
    return "\n".join([*lines, str(foot)])


def as_json(named: tuple[str, View]) -> dict[str, object]:
    """For programs: pixels and metres by model and light; null: not reliably."""
    name, view = named
    limits: dict[str, object] = {}
    for model in MODELS:
        for light in LIGHTS:
            metres, pixels = reach_m(view, model, light), limit_px(model, light, view.rows)
            limits[f"{model}_{light}"] = {
                "pixels": None if pixels is None else round(pixels, 1),
                "metres": None if metres is None else round(metres, 1),
            }
    return {"lens": name, "angle_deg": round(view.angle_deg, 1), "picture": [view.width, view.rows], "reach": limits}


def _impossible(option: str, value: object) -> ConfigError:
    return ConfigError(
        Text(en=f"{option} {value}: there is no such camera", vi=f"{option} {value}: không có camera như vậy"),
        Text(
            en="for example --lens 4 --sensor 1/2.8 --height 360, or --fov 90",
            vi="ví dụ --lens 4 --sensor 1/2.8 --height 360, hoặc --fov 90",
        ),
    )
