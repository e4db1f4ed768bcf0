"""What the setup page is asked: values of an object that web/body.py has read."""

import math

from agent.installer.setup.doors import LensTold
from agent.installer.web.body import BODY
from agent.installer.web.refusal import Json, Refusal

CAMERA_KEYS = frozenset(("id", "label", "transcode", "zones", "lines", "privacy_masks", "rules"))
MOST_CAMERAS = 8


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
