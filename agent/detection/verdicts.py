"""What the trials of providers came to, kept in a small file so that not every start pays for them.

A verdict belongs to one model, one ONNX Runtime, one provider and one graphics driver; another of any of these is
tried anew. A file that cannot be read or written only costs a trial.
"""

import json
import logging
from dataclasses import asdict, dataclass, replace
from math import isfinite
from pathlib import Path
from typing import Any, Literal, get_args

from agent.durable import write_durably
from agent.i18n import Text

log = logging.getLogger(__name__)

Outcome = Literal["works", "wrong", "failed", "hung", "crashed", "unsettled", "missing", "model"]
MOST_KEPT = 12
LARGEST_FILE = 64_000
LONGEST_DETAIL = 200


@dataclass(frozen=True, slots=True)
class Verdict:
    """One trial: `ratio` is the provider's time for one run by the CPU's, 0.0 where it was not measured.

    `model`: the model itself cannot be used, which says nothing about the provider.
    """

    outcome: Outcome
    ratio: float = 0.0
    detail: str = ""

    @property
    def works(self) -> bool:
        """It gave the CPU's results; it may be slow."""
        return self.outcome == "works"

    @property
    def why(self) -> Text:
        """Why the provider is not used."""
        detail = f" ({self.detail})" if self.detail else ""
        words = {
            "works": Text(
                en=f"one run takes {self.ratio:.2f} of the CPU's time",
                vi=f"mỗi lần chạy mất {self.ratio:.2f} lần thời gian của CPU",
            ),
            "wrong": Text(en="its results are not those of the CPU", vi="kết quả không giống kết quả của CPU"),
            "failed": Text(en="it reports an error", vi="nó báo lỗi"),
            "hung": Text(en="it does not answer", vi="nó không phản hồi"),
            "crashed": Text(en="it crashes", vi="nó bị sập"),
            "unsettled": Text(
                en="the agent ended several times soon after it began to use it",
                vi="chương trình nhiều lần dừng đột ngột ngay sau khi bắt đầu dùng nó",
            ),
            "missing": Text(
                en="the installed ONNX Runtime comes without it", vi="bản ONNX Runtime đã cài không kèm theo nó"
            ),
            "model": Text(en="the model cannot be used", vi="không dùng được mô hình"),
        }[self.outcome]
        return Text(en=words.en + detail, vi=words.vi + detail)

    def line(self) -> bytes:
        """As JSON."""
        return json.dumps(asdict(replace(self, detail=self.detail[:LONGEST_DETAIL]))).encode()


def read_verdict(data: Any) -> Verdict | None:
    """A verdict from JSON that may be anything."""
    if not isinstance(data, dict):
        return None
    outcome, ratio, detail = data.get("outcome"), data.get("ratio"), data.get("detail")
    known: dict[Any, Outcome] = {name: name for name in get_args(Outcome)}
    if not isinstance(outcome, str) or not isinstance(ratio, float) or not isinstance(detail, str):
        return None
    good = outcome in known and isfinite(ratio)
    return Verdict(known[outcome], ratio, detail[:LONGEST_DETAIL]) if good else None


@dataclass(frozen=True, slots=True)
class Remembered:
    """A verdict and how often the agent started since: with a provider that works only the starts that ended soon."""

    verdict: Verdict
    starts: int = 0


class Memory:
    """The file; read at every call, as it is asked twice in a life."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def recall(self, key: str) -> Remembered | None:
        """What is known of `key`."""
        return self._read().get(key)

    def keep(self, key: str, known: Remembered) -> None:
        """`key` is now this; the oldest of too many is forgotten."""
        entries = self._read()
        entries.pop(key, None)
        entries[key] = known
        newest = dict(list(entries.items())[-MOST_KEPT:])
        written = {name: {"starts": one.starts, "verdict": asdict(one.verdict)} for name, one in newest.items()}
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            write_durably(self.path, json.dumps(written, indent=1).encode())
        except OSError as error:
            log.warning("the trial of a provider is not remembered: %s: %s", self.path, error.strerror)

    def _read(self) -> dict[str, Remembered]:
        try:
            with self.path.open("rb") as file:
                data = json.loads(file.read(LARGEST_FILE))
        except (OSError, ValueError):  # not there, or damaged
            return {}
        entries = {}
        for key, entry in data.items() if isinstance(data, dict) else ():
            verdict = read_verdict(entry.get("verdict")) if isinstance(entry, dict) else None
            if verdict and isinstance(starts := entry.get("starts"), int):
                entries[str(key)] = Remembered(verdict, starts)
        return entries
