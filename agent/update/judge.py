"""Is the version on trial good? Asked of the running node's own proof, all the while, until it is clear.

A proof counts when it is of the trial and of the very process that systemd started, and that process runs the new
version's program. What has to work is judged by the same gate as a configuration on trial; it is handed in.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, Protocol

from agent.clock import Clock
from agent.i18n import Text
from agent.update.place import Place
from agent.update.proof import Proof, read_proof
from agent.update.services import Life, Services
from agent.update.sight import Sight
from agent.update.state import Trial

LOOK_S = 1.0
MOST_ENDS = 3  # the service ended so often by itself: waiting longer shows nothing new
GRACE_S = 60.0  # beyond the window, for a node that works but has not run for long enough
Look = Literal["wait", "good"] | Text

ENDS = Text(en=f"the new version ended {MOST_ENDS} times by itself", vi=f"phiên bản mới tự dừng {MOST_ENDS} lần")
SILENT = Text(en="the new version did not say that it works", vi="phiên bản mới không báo là chạy tốt")


class Gate(Protocol):
    """Judges what a node sees of itself against what worked before. A text is what is lacking when the time is over."""

    def look(self, seen: Sight, now_s: float) -> Look:
        """Called all the while."""


class Interrupted(Exception):
    """Asked to stop; the trial stays as it is."""


def believed(proof: Proof | None, trial: Trial, life: Life, clock: Clock) -> Proof | None:
    """`proof` when it is of this trial, of now, and of the process that the service is."""
    if proof is None or not proof.is_fresh(clock.boot_id, clock.mono_s()):
        return None
    ours = proof.trial == trial.id and proof.folder == trial.new
    return proof if ours and life.active and life.pid == proof.pid and life.folder == trial.new else None


@dataclass(frozen=True, slots=True)
class Eyes:
    """What is looked at for how long: the proof in /run, the service, the time. `wait` says whether to stop."""

    place: Place
    services: Services
    clock: Clock
    wait: Callable[[float], bool]


def judged(trial: Trial, gate: Gate, eyes: Eyes) -> Text | None:
    """None: it is good; else why not. Raises Interrupted and AgentError."""
    clock = eyes.clock
    last_s = trial.since_s + trial.window_s + GRACE_S
    while True:
        life = eyes.services.life()
        now_s = clock.mono_s()
        proof = believed(read_proof(eyes.place.run), trial, life, clock)
        verdict = gate.look(proof.seen if proof is not None else Sight(), now_s)
        if isinstance(verdict, Text):
            return SILENT if proof is None else verdict
        if verdict == "good" and proof is not None and proof.at_s - proof.began_s >= trial.settle_s:
            return None
        if life.ends >= MOST_ENDS:
            return ENDS
        if now_s > last_s:
            return SILENT
        if eyes.wait(LOOK_S):
            raise Interrupted
