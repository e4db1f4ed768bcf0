"""What a command may change of the configuration, and what only the person at the device may.

A list of what is allowed, so that a setting which is new tomorrow is locked until somebody thinks about it. The ward
may say what is watched, when and how closely. Who the node is, where it sends, what it may take of the household's
line, what protects footage, and how long footage of people is kept are the household's.
"""

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from agent.config.model import Config
from agent.config.units import Step
from agent.i18n import Text

Steps = tuple[Step, ...]
CAMERA = ("label", "analysis_fps", "idle", "zones", "lines", "rules")
AT_DEVICE = ("privacy_masks", "transcode")
OTHERS = {
    "detection": ("score", "max_inferences", "inferences_per_s"),
    "footage": ("pre_roll", "post_roll", "max_clip"),
    "update": ("stage",),
}
OFTEN_S = 10.0  # reports of health at the most, unless the installer wants more
_NOTHING = object()

_ONLY_THERE = Text(
    en="only a person at the device may change this; the installer's file decides",
    vi="chỉ người trực tiếp ở thiết bị mới được đổi; tệp cấu hình trên thiết bị quyết định",
)
_MASK = Text(
    en="a privacy mask of the installer's file may not be taken away or changed; more may be added",
    vi="không được bỏ hoặc sửa vùng che riêng tư đã có trên thiết bị; chỉ được thêm vùng mới",
)
_LONGER = Text(
    en="footage may not be kept longer than the installer's file says",
    vi="không được giữ hình lâu hơn mức ghi trong tệp cấu hình trên thiết bị",
)
_OFTEN = Text(
    en="reports may not come more often than every 10 s: the line is the household's",
    vi="không được báo cáo dày hơn 10 giây một lần: đường truyền là của gia đình",
)


class Locked(NamedTuple):
    """A setting that was to be changed and may not be."""

    steps: Steps
    text: Text


def locked(installed: Config, wanted: Config) -> tuple[Locked, ...]:
    """What `wanted` changes of the installer's configuration beyond what a command may."""
    return tuple(_differences(installed.model_dump(mode="json"), wanted.model_dump(mode="json"), ()))


def _differences(installed: Any, wanted: Any, steps: Steps) -> Iterator[Locked]:
    if installed == wanted or _is_free(steps):
        return
    judge = _JUDGES.get(_kind(steps))
    if judge is not None:
        yield from judge(installed, wanted, steps)
    elif isinstance(installed, dict) and isinstance(wanted, dict):
        for key in (*installed, *(key for key in wanted if key not in installed)):
            yield from _differences(installed.get(key, _NOTHING), wanted.get(key, _NOTHING), (*steps, key))
    elif isinstance(installed, list) and isinstance(wanted, list):
        for index in range(max(len(installed), len(wanted))):
            one, other = (each[index] if index < len(each) else _NOTHING for each in (installed, wanted))
            yield from _differences(one, other, (*steps, index))
    else:
        yield Locked(steps, _ONLY_THERE)


def _is_free(steps: Steps) -> bool:
    if len(steps) == 3 and steps[0] == "cameras":
        return steps[2] in CAMERA
    return len(steps) == 2 and steps[1] in OTHERS.get(str(steps[0]), ())


def _kind(steps: Steps) -> Steps:
    return tuple("*" if isinstance(step, int) else step for step in steps)


def _masks(installed: dict[str, Any], wanted: dict[str, Any], steps: Steps) -> Iterator[Locked]:
    for name, corners in installed.items():
        if wanted.get(name) != corners:
            yield Locked((*steps, name), _MASK)


def _days(installed: int, wanted: int, steps: Steps) -> Iterator[Locked]:
    if wanted > installed:
        yield Locked(steps, _LONGER)


def _often(installed: float, wanted: float, steps: Steps) -> Iterator[Locked]:
    if wanted < min(installed, OFTEN_S):
        yield Locked(steps, _OFTEN)


def at_device(installed: Config, wanted: Config) -> tuple[Locked, ...]:
    """The same for what a person saves at the device itself: also privacy masks, and the encoding that they need."""
    one, other = (each.model_dump(mode="json") for each in (installed, wanted))
    for camera in (*one["cameras"], *other["cameras"]):
        for key in AT_DEVICE:
            camera.pop(key)
    return tuple(_differences(one, other, ()))


_JUDGES: dict[Steps, Callable[[Any, Any, Steps], Iterator[Locked]]] = {
    ("cameras", "*", "privacy_masks"): _masks,
    ("retention", "max_days"): _days,
    ("health", "interval"): _often,
}
