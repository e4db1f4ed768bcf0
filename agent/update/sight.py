"""What a node sees of itself, and what worked before: as the proof and the trial carry them to the gate.

Read from files that the node's user can write, so anything may stand there; what makes no sense counts as not seen, or
as not known. Only the standard library.
"""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Sight:
    """Of a node since it started; the names are those of agent/settings/gate.py and of the file."""

    captured: tuple[str, ...] = ()  # cameras
    analysed: tuple[str, ...] = ()
    broken: tuple[str, ...] = ()  # workers
    inferred: bool = False
    acknowledged: bool = False
    silent: bool = False
    model: bool = True  # is one configured?

    @staticmethod
    def of(told: dict[str, Any]) -> "Sight":
        """As it was written."""
        return Sight(
            captured=_names(told.get("captured")) or (),
            analysed=_names(told.get("analysed")) or (),
            broken=_names(told.get("broken")) or (),
            inferred=told.get("inferred") is True,
            acknowledged=told.get("acknowledged") is True,
            silent=told.get("silent") is True,
            model=told.get("model") is not False,
        )


@dataclass(frozen=True, slots=True)
class Worked:
    """What an update has to reach again; the names are those of agent/settings/state.py and of the file."""

    cams: tuple[str, ...] = ()
    model: bool = False
    broker: bool = False
    broken: tuple[str, ...] = ()  # workers that failed already

    @staticmethod
    def of(told: Any) -> "Worked | None":
        """None when nobody knows: nothing was written, or nothing that makes sense."""
        if not isinstance(told, dict) or not told:
            return None
        cams, broken = (_names(told.get(name, [])) for name in ("cams", "broken"))
        model, broker = (told.get(name, False) for name in ("model", "broker"))
        if cams is None or broken is None or not isinstance(model, bool) or not isinstance(broker, bool):
            return None
        return Worked(cams, model, broker, broken)


def _names(told: Any) -> tuple[str, ...] | None:
    return tuple(told) if isinstance(told, list) and all(isinstance(each, str) for each in told) else None
