"""`make faults`: what each test breaks, whether the agent bore it, and the seed with which to break it so again.

A test says which case it shows with `@pytest.mark.fault("A7", "EIO on fsync")`, wherever it stands; what it saw it may
tell with `record_property("seen", …)`. With `--faults` only these run, also those that take minutes, and a case that
no test shows is a failure. The numbers are those of the table in docs/design/faults.md.
"""

import os
import random
from collections.abc import Iterable
from dataclasses import dataclass, field

import pytest

CASES = (
    *(f"A{number}" for number in range(1, 18)),
    *(f"B{number}" for number in range(18, 29)),
    *(f"D{number}" for number in range(33, 36)),
    "G42",
)
PASS, FAIL, SKIP, NONE = "pass", "FAIL", "skip", "NO TEST"


@dataclass
class Row:
    """One test of a case."""

    case: str
    stimulus: str
    test: str
    seen: str = ""
    result: str = PASS
    seconds: float = 0.0


@dataclass
class FaultTable:
    """The plugin; made by `--faults`."""

    seed: int
    rows: dict[str, Row] = field(default_factory=dict)

    def pytest_collection_modifyitems(self, config: pytest.Config, items: list[pytest.Item]) -> None:
        """Only marked tests."""
        kept: list[pytest.Item] = []
        for item in items:
            marks = list(item.iter_markers("fault"))
            if marks:
                kept.append(item)
                case, stimulus = marks[0].args
                self.rows[item.nodeid] = Row(case, stimulus, item.nodeid)
        config.hook.pytest_deselected(items=[item for item in items if item not in kept])
        items[:] = sorted(kept, key=lambda item: _order(self.rows[item.nodeid].case))

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Take note."""
        row = self.rows[report.nodeid]
        row.seconds += report.duration
        row.seen = "; ".join(str(value) for name, value in report.user_properties if name == "seen") or row.seen
        if report.failed:
            row.result = FAIL
        elif report.skipped:
            row.result = SKIP
            row.seen = report.longrepr[2] if isinstance(report.longrepr, tuple) else row.seen

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """A case without a test is a failure, when all were asked for."""
        if self.missing() and not session.config.option.keyword and not session.config.option.collectonly:
            session.exitstatus = session.exitstatus or pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """The table."""
        write = terminalreporter.write_line
        write(f"\n{'case':5}{'result':9}{'s':>7}  stimulus; seen")
        for row in self.sorted():
            write(f"{row.case:5}{row.result:9}{row.seconds:7.1f}  {row.stimulus}{'; ' * bool(row.seen)}{row.seen}")
        for case in self.missing():
            write(f"{case:5}{NONE:9}")
        write(f"seed {self.seed} (once more: make faults SEED={self.seed})")

    def sorted(self) -> Iterable[Row]:
        """By case."""
        return sorted(self.rows.values(), key=lambda row: _order(row.case))

    def missing(self) -> list[str]:
        """Cases that no test shows."""
        shown = {row.case for row in self.rows.values()}
        return [case for case in CASES if case not in shown]


def seed_of(config: pytest.Config) -> int:
    """As asked for, else drawn once a run; always printed."""
    asked = os.environ.get("FAULT_SEED")
    return int(asked) if asked else random.SystemRandom().randrange(2**32)


def _order(case: str) -> tuple[int, str]:
    return int(case[1:]), case
