"""The gate of a version on trial: the one of configurations (agent/settings/gate.py), fed with a node's proof."""

from dataclasses import asdict

from agent.settings.gate import Gate, Outcome, Seen
from agent.settings.state import Before, Trial
from agent.update.judge import Look
from agent.update.sight import Sight, Worked

ANY = "*"  # where nobody knows what worked before: any camera


class NodeGate:
    """`before`: what worked, as the old version wrote it; None if it did not run: then a camera and the model must."""

    def __init__(self, before: Worked | None, window_s: float, start_s: float, *, broker: bool = False) -> None:
        self._unknown = before is None
        asked = Before(**asdict(before or Worked(cams=(ANY,), model=True, broker=broker)))
        self._gate = Gate(Trial(request_id="update", window_s=window_s, before=asked), start_s)

    def look(self, seen: Sight, now_s: float) -> Look:
        """Called all the while."""
        verdict = self._gate.look(self._seen(seen), now_s)
        if verdict.outcome is Outcome.WAIT:
            return "wait"
        return "good" if verdict.why is None else verdict.why

    def _seen(self, seen: Sight) -> Seen:
        captured, analysed = frozenset(seen.captured), frozenset(seen.analysed)
        inferred = seen.inferred
        if self._unknown:
            captured |= {ANY} if captured else frozenset()
            analysed |= {ANY} if analysed else frozenset()
            inferred = inferred or not seen.model
        return Seen(captured, analysed, frozenset(seen.broken), inferred, seen.acknowledged, seen.silent)
