"""Settings as libcamera's controls. What was asked for and the camera does not have is refused; defaults are left out.

`lib` is libcamera's module `controls`, which holds the enumerations.
"""

from collections.abc import Collection
from typing import Any

from agent.capture.picamera.settings import Settings
from agent.capture.picamera.trouble import Trouble

SLOWEST_US = 200_000  # at night a picture may take as long as this
US = 1_000_000


def controls_of(settings: Settings, lib: Any, known: Collection[str]) -> dict[str, Any]:
    """What is set before the start; `known`: the controls that this camera has. Raises Trouble: picamera_refused."""
    wished = _wished(settings, lib)
    missing = sorted(set(wished) - set(known))
    if missing:
        raise Trouble("picamera_refused", f"{', '.join(missing)} ({settings_named(missing)})")
    given = {**_usual(settings, lib), **wished}
    return {name: value for name, value in given.items() if name in known}


def after_start(settings: Settings, lib: Any) -> dict[str, Any]:
    """What only works on a running camera."""
    return {"AfTrigger": lib.AfTriggerEnum.Start} if settings.focus == "once" else {}


def settings_named(missing: Collection[str]) -> str:
    """Which lines of the configuration asked for controls."""
    return ", ".join(dict.fromkeys(f"`{ASKED_BY[name]}`" for name in missing))


ASKED_BY = {
    "AeExposureMode": "exposure",
    "ExposureTime": "exposure_time",
    "Saturation": "light",
    "AwbMode": "light",
    "HdrMode": "hdr",
    "AfMode": "focus",
    "LensPosition": "focus_distance",
}


def _usual(settings: Settings, lib: Any) -> dict[str, Any]:
    period = US // settings.fps
    slowest = max(period, SLOWEST_US) if settings.light == "night" else period
    if settings.exposure_time is not None:
        slowest = max(slowest, round(settings.exposure_time * US))
    given: dict[str, Any] = {"FrameDurationLimits": (period, slowest)}
    if settings.focus == "auto":
        given["AfMode"] = lib.AfModeEnum.Continuous
    if settings.light == "night":
        given["AeExposureMode"] = lib.AeExposureModeEnum.Long
    return given


def _wished(settings: Settings, lib: Any) -> dict[str, Any]:
    asked: dict[str, Any] = {}
    if settings.exposure != "normal":
        modes = {"short": lib.AeExposureModeEnum.Short, "long": lib.AeExposureModeEnum.Long}
        asked["AeExposureMode"] = modes[settings.exposure]
    if settings.exposure_time is not None:
        asked["ExposureTime"] = round(settings.exposure_time * US)
    if settings.light == "night":
        asked["Saturation"] = 0.0
    elif settings.light == "day":
        asked["AwbMode"] = lib.AwbModeEnum.Daylight
    if settings.hdr == "single":
        asked["HdrMode"] = lib.HdrModeEnum.SingleExposure
    if settings.focus == "once":
        asked["AfMode"] = lib.AfModeEnum.Auto
    elif settings.focus == "fixed":
        asked["AfMode"] = lib.AfModeEnum.Manual
        asked["LensPosition"] = settings.focus_distance
    return asked
