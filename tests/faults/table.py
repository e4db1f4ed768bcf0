"""`make faults`: what each test breaks, whether the agent bore it, and the seed with which to break it so again.

A test says which case it shows with `@pytest.mark.fault("A7", "EIO on fsync")`, wherever it stands; one test may show
several. What it saw it may tell with `record_property("seen", …)`. With `--faults` only these run, also those that take
minutes, and those marked `long`. A case that no test shows, or that only skipped ones show, is a failure. The numbers
are those of the table in docs/design/faults.md; marks with another word stand below it. A line of the table is all
tests of one stimulus.
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
PASS, FAIL, SKIP, NOT_RUN, NONE = "pass", "FAIL", "skip", "not run", "NO TEST"
LAST = (len(CASES) + 1, "")
WORST_FIRST = (FAIL, NOT_RUN, PASS, SKIP)


@dataclass
class Run:
    """One test and the (case, stimulus) pairs that it shows."""

    marks: tuple[tuple[str, str], ...]
    seen: str = ""
    result: str = NOT_RUN
    seconds: float = 0.0


@dataclass(frozen=True)
class Line:
    """All tests of one stimulus."""

    case: str
    stimulus: str
    runs: tuple[Run, ...]

    @property
    def result(self) -> str:
        """The worst; skipped only when all were."""
        return next(word for word in WORST_FIRST if any(run.result == word for run in self.runs))

    def said(self) -> str:
        """As one line of the table."""
        many = f" ({len(self.runs)} tests)" if len(self.runs) > 1 else ""
        seen = "; ".join(dict.fromkeys(run.seen for run in self.runs if run.seen))
        seconds = sum(run.seconds for run in self.runs)
        return f"{self.case:9}{self.result:8}{seconds:7.1f}  {self.stimulus}{many}{': ' * bool(seen)}{seen}"


@dataclass(eq=False)
class FaultTable:
    """The plugin; made by `--faults`."""

    seed: int
    runs: dict[str, Run] = field(default_factory=dict)
    whole: bool = True  # all tests were asked for

    def pytest_collection_modifyitems(self, config: pytest.Config, items: list[pytest.Item]) -> None:
        """Only marked tests, in the order of their cases; those that are only long come last, and have no line."""
        kept: list[pytest.Item] = []
        for item in items:
            marks = tuple((str(mark.args[0]), str(mark.args[1])) for mark in item.iter_markers("fault"))
            if marks or item.get_closest_marker("long"):
                kept.append(item)
                self.runs[item.nodeid] = Run(marks)
        config.hook.pytest_deselected(items=[item for item in items if item not in kept])
        items[:] = sorted(
            kept, key=lambda item: min((_order(case) for case, _ in self.runs[item.nodeid].marks), default=LAST)
        )

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Take note."""
        run = self.runs[report.nodeid]
        run.seconds += report.duration
        run.seen = "; ".join(str(value) for name, value in report.user_properties if name == "seen") or run.seen
        if report.failed:
            run.result = FAIL
        elif report.skipped:
            run.result = SKIP
            run.seen = report.longrepr[2] if isinstance(report.longrepr, tuple) else run.seen
        elif report.when == "call":
            run.result = PASS

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """A case that nothing shows is a failure, when all were asked for."""
        option = session.config.option
        self.whole = not (option.keyword or option.file_or_dir)
        if self.whole and self.missing() and not option.collectonly:
            session.exitstatus = session.exitstatus or pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """The table."""
        write = terminalreporter.write_line
        write(f"\n{'case':9}{'result':8}{'s':>7}  stimulus: seen")
        for line in self.lines():
            write(line.said())
        for case in self.missing() if self.whole else ():
            write(f"{case:9}{NONE}")
        write(f"seed {self.seed} (once more: make faults SEED={self.seed})")

    def lines(self) -> Iterable[Line]:
        """By case, then by stimulus as they came."""
        together: dict[tuple[str, str], list[Run]] = {}
        for run in self.runs.values():
            for mark in run.marks:
                together.setdefault(mark, []).append(run)
        lines = (Line(*mark, tuple(runs)) for mark, runs in together.items())
        return sorted(lines, key=lambda line: _order(line.case))

    def missing(self) -> list[str]:
        """Cases that no test shows; what was skipped, or not reached, shows nothing."""
        shown = {line.case for line in self.lines() if line.result not in {SKIP, NOT_RUN}}
        return [case for case in CASES if case not in shown]


def seed_of(config: pytest.Config) -> int:
    """As asked for, else drawn once a run; always printed."""
    asked = os.environ.get("FAULT_SEED")
    return int(asked) if asked else random.SystemRandom().randrange(2**32)


def _order(case: str) -> tuple[int, str]:
    """Cases of the table by number, then other words."""
    return (CASES.index(case), "") if case in CASES else (len(CASES), case)
