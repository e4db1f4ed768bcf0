"""Do two replays tell the same events? The tolerances stand here.

Decoding is the same to the bit on both processors. OpenCV's resizing is not (its code for ARM rounds otherwise, by one
grey level here and there), and ONNX Runtime's sums differ in the sixth digit; so boxes and scores differ a little.
"""

import json
from dataclasses import dataclass

TIME_S = 0.2  # one analysed picture
BOX = 0.01  # of the picture's width or height
SCORE = 0.05


@dataclass(frozen=True, slots=True)
class Told:
    """One message of an event."""

    at_s: float
    rule: str
    phase: str
    direction: str
    count: int
    box: tuple[float, ...]
    score: float

    def __str__(self) -> str:
        way = f" {self.direction}" if self.direction else ""
        return f"{self.at_s:.1f} s {self.rule} {self.phase}{way}, {self.count}, score {self.score:.3f}"


def told_by(lines: str) -> tuple[Told, ...]:
    """Of events.jsonl."""
    return tuple(_told(json.loads(line)) for line in lines.splitlines())


def differences(one: tuple[Told, ...], other: tuple[Told, ...]) -> tuple[str, ...]:
    """In words; empty when they are the same within the tolerances."""
    wrong = [] if len(one) == len(other) else [f"{len(one)} messages and {len(other)}"]
    for left, right in zip(one, other, strict=False):
        same = (left.rule, left.phase, left.direction, left.count) == (
            right.rule,
            right.phase,
            right.direction,
            right.count,
        )
        far = max((abs(a - b) for a, b in zip(left.box, right.box, strict=True)), default=0.0)
        if not same or abs(left.at_s - right.at_s) > TIME_S or far > BOX or abs(left.score - right.score) > SCORE:
            wrong.append(f"{left} but {right}")
    return tuple(wrong)


def _told(event: dict[str, object]) -> Told:
    objects = event.get("objects")
    first = objects[0] if isinstance(objects, list) and objects else {}
    return Told(
        at_s=float(str(event["mono_ms"])) / 1000,
        rule=str(event["rule_id"]),
        phase=str(event["phase"]),
        direction=str(event.get("direction") or ""),
        count=int(str(event.get("count") or 0)),
        box=tuple(float(value) for value in first.get("box", ())),
        score=float(first.get("score", 0.0)),
    )
