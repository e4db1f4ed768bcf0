"""What the setup page is asked: JSON into values. Everything is bounded before anything walks it."""

import json
import math
from typing import Any

from agent.i18n import Text
from agent.installer.setup.doors import LensTold
from agent.installer.setup.refusal import Json, Refusal

CAMERA_KEYS = frozenset(("id", "label", "transcode", "zones", "lines", "privacy_masks", "rules"))
MOST_CAMERAS = 8
DEEPEST, MOST_PARTS = 12, 5_000  # of nested values; the loader takes no more either
BODY = Text(en="This is not the request that is expected here", vi="Nội dung gửi lên không đúng dạng")


def object_in(data: bytes) -> Json:
    """The object in a body. Raises Refusal."""
    try:
        told = json.loads(data, parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        raise Refusal(400, "body", BODY) from error
    if not isinstance(told, dict) or not _bounded(told):
        raise Refusal(400, "body", BODY)
    return told


def _bounded(told: Json) -> bool:
    """Neither deeper nor larger than any configuration: what follows walks it by recursion."""
    level: list[Any] = [told]
    count = 0
    for _ in range(DEEPEST):
        level = [inner for each in level for inner in (each.values() if isinstance(each, dict) else each)]
        level = [each for each in level if isinstance(each, dict | list)]
        count += len(level)
        if not level or count > MOST_PARTS:
            break
    return not level and count <= MOST_PARTS


def cameras_in(told: Json) -> list[Json]:
    """The cameras of a check or a save, by their keys only: the loader judges the rest. Raises Refusal."""
    cameras = told.get("cameras")
    if not isinstance(cameras, list) or len(cameras) > MOST_CAMERAS:
        raise Refusal(400, "body", BODY)
    for camera in cameras:
        if not isinstance(camera, dict) or not isinstance(camera.get("id"), str) or not camera.keys() <= CAMERA_KEYS:
            raise Refusal(400, "body", BODY)
    if len({camera["id"] for camera in cameras}) < len(cameras):
        raise Refusal(400, "body", BODY)
    return cameras


def text_in(told: Json, key: str, longest: int) -> str:
    """A text. Raises Refusal."""
    value = told.get(key)
    if not isinstance(value, str) or len(value) > longest:
        raise Refusal(400, "body", BODY)
    return value


def lens_in(told: Json) -> LensTold | None:
    """What is told of the lens. Raises Refusal for one that cannot be."""
    lens = told.get("lens")
    if lens is None:
        return None
    if not isinstance(lens, dict):
        raise Refusal(400, "body", BODY)
    fov, length, sensor = (_number(lens.get(name)) for name in ("fov_deg", "lens_mm", "sensor"))
    if fov is not None and 1 <= fov <= 170:
        return LensTold(fov_deg=fov)
    if length is not None and 0.5 <= length <= 1000 and 0.5 <= (sensor or 2.8) <= 20:
        return LensTold(lens_mm=length, sensor=sensor or 2.8)
    raise Refusal(400, "body", BODY)


def _number(value: object) -> float | None:
    if isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value):
        return float(value)
    return None


def _no_number(_: str) -> None:
    raise ValueError("not a number")
