"""Random histories of one node's configurations, killed between any two of their steps on the disk.

After each kill a start must find a configuration that loads: the installer's file, one that proved itself, or (once)
the candidate; and never one that was given up.
"""

import os
import shutil
import tempfile
from pathlib import Path

import pytest
import yaml
from hypothesis import settings as bounds
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from agent import durable
from agent.config.mistakes import InvalidConfig
from agent.i18n import Text
from agent.settings import Keeping, in_use
from tests.settings.asking import changed
from tests.settings.test_opening import TREE, fps, trial

WHY = Text(en="camera gate gives no picture", vi="camera gate không cho hình")
RATES = st.sampled_from([float(rate) for rate in range(6, 30)])
KILLS = st.integers(0, 9)  # at which step; most lie beyond the end


class Killed(BaseException):
    """The process is gone."""


class Steps:
    """Counts what changes the disk, and ends the process at one of them: before it, or half way through a file."""

    def __init__(self) -> None:
        self.left = -1

    def step(self) -> None:
        self.left -= 1
        if self.left == 0:
            raise Killed


class Histories(RuleBasedStateMachine):
    """The node is `self.node` while it runs; the model is what may run at the next start."""

    def __init__(self) -> None:
        super().__init__()
        self.steps = Steps()
        self.real = (durable.publish, durable.sync_dir, Path.unlink, Path.mkdir)
        self.directory = Path(tempfile.mkdtemp())
        self.node: Keeping | None = None
        self.boots = 0
        self.edits = 0
        self.good: set[float] = set()  # rates that may be the good one
        self.waits: float | None = None  # proposed, perhaps
        self.given_up: set[float] = set()
        self.patch()

    def patch(self) -> None:
        publish, sync, unlink, _ = self.real
        steps = self.steps

        def published(temporary: Path, path: Path) -> None:
            steps.step()
            publish(temporary, path)
            steps.step()

        def synced(path: Path) -> None:
            steps.step()
            sync(path)

        def unlinked(path: Path, missing_ok: bool = False) -> None:
            if steps.left > 0:
                steps.step()
            unlink(path, missing_ok)

        self.patches = pytest.MonkeyPatch()
        self.patches.setattr(durable, "publish", published)
        self.patches.setattr(durable, "sync_dir", synced)
        self.patches.setattr(Path, "unlink", unlinked)

    @initialize()
    def begin(self) -> None:
        self.file = self.directory / "config.yaml"
        tree = TREE | {"node": {**TREE["node"], "data_dir": str(self.directory / "data")}}  # type: ignore[dict-item]
        self.file.write_text(yaml.safe_dump(tree, sort_keys=False))
        (self.directory / "data").mkdir()
        self.good = {5.0}

    @rule(kill=KILLS, power=st.booleans())
    def start(self, kill: int, power: bool) -> None:
        """Also while it runs: as a kill does. A candidate that was begun before is given up."""
        self.boots += power
        before = self.node
        tried = before.chosen.trial is not None if before is not None else False
        self.node = None
        if tried and self.waits is not None:
            self.given_up.add(self.waits)
            self.waits = None
        keeping = Keeping(self.file, {})

        def begin() -> None:
            keeping.begin(f"boot-{self.boots}")

        if self.survives(begin, kill):
            self.node = keeping
            rate = fps(keeping.chosen)
            if keeping.chosen.trial is not None:
                assert rate == self.waits
            else:
                assert rate in self.good
                self.waits = None

    @precondition(lambda self: self.node is not None and not self.node.busy)
    @rule(rate=RATES, kill=KILLS)
    def propose(self, rate: float, kill: int) -> None:
        assert self.node is not None
        node = self.node
        if rate in self.good or rate in self.given_up:
            return
        self.waits = rate
        if not self.survives(lambda: node.propose(trial(), changed(self.file, analysis_fps=rate)), kill):
            self.node = None

    @precondition(lambda self: self.node is not None and self.node.chosen.trial is not None)
    @rule(kill=KILLS)
    def proves(self, kill: int) -> None:
        assert self.node is not None and self.waits is not None
        rate = self.waits
        if self.survives(self.node.proved, kill):
            self.good, self.waits = {rate}, None
        else:  # it may have been written, and is then the good one; if not, the next start gives it up
            self.good.add(rate)
            self.node, self.waits = None, None

    @precondition(lambda self: self.node is not None and self.node.chosen.trial is not None and self.node.busy)
    @rule(kill=KILLS)
    def fails(self, kill: int) -> None:
        assert self.node is not None and self.waits is not None
        node = self.node
        self.given_up.add(self.waits)
        self.waits = None
        self.survives(lambda: node.failed(WHY), kill)
        self.node = None  # it begins again

    @precondition(lambda self: self.node is not None and self.node.chosen.trial is None)
    @rule(kill=KILLS)
    def runs_well(self, kill: int) -> None:
        assert self.node is not None
        if not self.survives(self.node.healthy, kill):
            self.node = None

    @precondition(lambda self: self.node is not None and self.node.untold())
    @rule(kill=KILLS)
    def tells(self, kill: int) -> None:
        assert self.node is not None
        node = self.node
        if not self.survives(lambda: node.told(node.untold()[0]), kill):
            self.node = None

    @rule()
    def installer_edits(self) -> None:
        """Takes effect at the next start, and wins. Never back to what it was, which would be no edit."""
        self.edits += 1
        rate = self.edits / 1000
        self.file.write_text(changed(self.file, analysis_fps=rate))
        self.node, self.waits, self.good = None, None, {rate}

    def survives(self, act: object, kill: int) -> bool:
        self.steps.left = kill
        try:
            act()  # type: ignore[operator]
        except Killed:
            return False
        finally:
            self.steps.left = -1
        return True

    @invariant()
    def always_something_that_loads(self) -> None:
        if not (self.directory / "config.yaml").exists():
            return
        chosen = in_use(self.file, {})
        # What was given up may still be shown when the kill came before that was written down; no start runs it.
        assert fps(chosen) in self.good | self.given_up | ({self.waits} if self.waits is not None else set())
        assert [error.code for error in chosen.faults] == []

    def teardown(self) -> None:
        self.patches.undo()
        shutil.rmtree(self.directory, ignore_errors=True)


MANY = os.environ.get("FAULTS") == "1"
Histories.TestCase.settings = bounds(max_examples=150 if MANY else 12, stateful_step_count=25, deadline=None)
TestHistories = pytest.mark.fault("config", "kills at random steps of random histories of configurations")(
    Histories.TestCase
)


def test_a_broken_file_never_costs_a_node_that_ran_well(tmp_path: Path) -> None:
    """The file breaks at any moment of a trial; the last one that ran well is found again."""
    tree = TREE | {"node": {**TREE["node"], "data_dir": str(tmp_path / "data")}}  # type: ignore[dict-item]
    file = tmp_path / "config.yaml"
    file.write_text(yaml.safe_dump(tree, sort_keys=False))
    keeping = Keeping(file, {})
    keeping.begin("boot")
    file.write_text("node: [")
    with pytest.raises(InvalidConfig):
        in_use(file, {"STATE_DIRECTORY": str(tmp_path / "data")})
    file.write_text(yaml.safe_dump(tree, sort_keys=False))
    keeping.healthy()
    for stage in ("", "proposed", "begun"):
        if stage == "proposed":
            keeping.propose(trial(), changed(file, analysis_fps=2.0))
        if stage == "begun":
            keeping = Keeping(file, {})
            keeping.begin("boot")
        text = file.read_text()
        file.write_text(text.replace("max_days", "maxdays"))
        back = in_use(file, {})
        assert back.last_known_good and fps(back) == 5.0
        file.write_text(text)
