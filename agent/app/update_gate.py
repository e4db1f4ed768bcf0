"""The gate of a version on trial: the one of configurations (agent/settings/gate.py), fed with a node's proof."""

from typing import Any

from pydantic import ValidationError

from agent.settings.gate import Gate, Outcome, Seen
from agent.settings.state import Before, Trial
from agent.update.judge import Look

ANY = "*"  # where nobody knows what worked before: any camera


class NodeGate:
    """`before`: what worked, as the old version wrote it; empty if it did not run: then a camera and the model must."""

    def __init__(self, before: dict[str, Any], window_s: float, start_s: float, *, broker: bool = False) -> None:
        known = _before(before)
        self._unknown = known is None
        asked = known or Before(cams=(ANY,), model=True, broker=broker)
        self._gate = Gate(Trial(request_id="update", window_s=window_s, before=asked), start_s)

    def look(self, seen: dict[str, Any], now_s: float) -> Look:
        """Called all the while."""
        verdict = self._gate.look(self._seen(seen), now_s)
        if verdict.outcome is Outcome.WAIT:
            return "wait"
        return "good" if verdict.why is None else verdict.why

    def _seen(self, seen: dict[str, Any]) -> Seen:
        captured, analysed, broken = (_names(seen.get(name)) for name in ("captured", "analysed", "broken"))
        inferred = seen.get("inferred") is True
        if self._unknown:
            captured |= {ANY} if captured else frozenset()
            analysed |= {ANY} if analysed else frozenset()
            inferred = inferred or seen.get("model") is False
        return Seen(
            captured=captured,
            analysed=analysed,
            broken=broken,
            inferred=inferred,
            acknowledged=seen.get("acknowledged") is True,
            silent=seen.get("silent") is True,
        )


def _before(told: dict[str, Any]) -> Before | None:
    try:
        return Before.model_validate(told) if told else None
    except ValidationError:
        return None


def _names(told: Any) -> frozenset[str]:
    return frozenset(each for each in told if isinstance(each, str)) if isinstance(told, list) else frozenset()
