"""The running node's own word about itself, for root: /run/camera-agent/proof.json.

The node writes it all the while; whoever judges reads it with care, as the folder belongs to the node's user, and
believes it only of the process that systemd knows. Only the standard library.
"""

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from agent.update.regular import open_plain
from agent.update.sight import Sight, Worked

NAME = "proof.json"
MOST_BYTES = 1 << 16
MOST_KEPT = 1 << 13  # of `before`: eight cameras with long names take a tenth
FRESH_S = 30.0  # older than that, the node hangs or has gone


@dataclass(frozen=True, slots=True)
class Proof:
    """What a node says of itself. Times are monotonic seconds."""

    folder: str  # of the version, as it runs
    version: str
    pid: int
    boot_id: str
    began_s: float
    at_s: float
    trial: str | None = None  # the trial that it knows of
    busy: bool = False  # a configuration is on trial
    before: Worked | None = None  # what an update would have to reach again
    seen: Sight = field(default_factory=Sight)

    def is_fresh(self, boot_id: str, now_s: float) -> bool:
        """Is it of now?"""
        return self.boot_id == boot_id and 0.0 <= now_s - self.at_s < FRESH_S


def write_proof(folder: Path, proof: Proof) -> None:
    """Into memory, so without fsync. Raises OSError."""
    temporary = folder / f".{NAME}.tmp"
    temporary.write_text(json.dumps(asdict(proof)), encoding="utf-8")
    temporary.chmod(0o644)
    temporary.replace(folder / NAME)


def read_proof(folder: Path) -> Proof | None:
    """The newest word; None when there is none that makes sense."""
    try:
        with open_plain(folder / NAME) as file:
            data = json.loads(file.read(MOST_BYTES))
        return Proof(
            folder=str(data["folder"]),
            version=str(data["version"]),
            pid=int(data["pid"]),
            boot_id=str(data["boot_id"]),
            began_s=float(data["began_s"]),
            at_s=float(data["at_s"]),
            trial=None if data["trial"] is None else str(data["trial"]),
            busy=bool(data["busy"]),
            before=Worked.of(_small(data["before"] or {})),
            seen=Sight.of(_small(data["seen"])),
        )
    except (OSError, ValueError, KeyError, TypeError, OverflowError, RecursionError):
        return None


def _small(told: Any) -> dict[str, Any]:
    """What root may keep beside its own. Raises ValueError, TypeError."""
    if len(json.dumps(told, allow_nan=False, ensure_ascii=False).encode()) > MOST_KEPT:
        raise ValueError("more than a node can have to say")
    return dict(told)
