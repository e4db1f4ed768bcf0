"""Which configuration a start chooses, by what lies on the disk and what the installer did meanwhile."""

from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml

from agent.config.mistakes import InvalidConfig
from agent.errors import StorageError
from agent.i18n import Text
from agent.settings import Before, Chosen, Keeping, Trial, in_use
from agent.settings.folder import Folder
from tests.settings.asking import changed

TREE = {
    "node": {"ward": "test", "id": "node-1", "data_dir": ""},
    "mqtt": {"url": "mqtts://ward.example:8883"},
    "retention": {"max_days": 30},
    "cameras": [{"id": "gate", "source": "/videos/street.mp4", "zones": {"road": [[0, 0], [1, 0], [1, 1]]}}],
}


@dataclass
class Node:
    """A node's file and folder, without the node."""

    file: Path
    boots: int = 0

    @property
    def data(self) -> Path:
        return self.file.parent / "data"

    def start(self, power: bool = False) -> Keeping:
        self.boots += power
        keeping = Keeping(self.file, {})
        keeping.begin(f"boot-{self.boots}")
        return keeping

    def propose(self, keeping: Keeping, fps: float) -> None:
        keeping.propose(trial(), changed(self.file, analysis_fps=fps))


def trial(request: str = "01H00000000000000000000000") -> Trial:
    return Trial(request_id=request, window_s=60.0, before=Before())


def why(keeping: Keeping) -> str:
    """Of the newest trial that failed."""
    words = keeping.untold()[-1].why
    assert words is not None
    return f"{words.en} / {words.vi}"


def fps(chosen: Chosen) -> float:
    return chosen.config.cameras[0].analysis_fps


@pytest.fixture
def node(tmp_path: Path) -> Node:
    tree = TREE | {"node": {**TREE["node"], "data_dir": str(tmp_path / "data")}}  # type: ignore[dict-item]
    file = tmp_path / "config.yaml"
    file.write_text(yaml.safe_dump(tree, sort_keys=False))
    (tmp_path / "data").mkdir()
    return Node(file)


def applied(node: Node, *rates: float) -> Keeping:
    """The ward applied these one after another, and each proved itself."""
    keeping = node.start()
    for rate in rates:
        node.propose(keeping, rate)
        keeping = node.start()
        keeping.proved()
    return keeping


def test_the_file_alone_runs_and_nothing_is_on_trial(node: Node) -> None:
    chosen = node.start().chosen
    assert (chosen.source, chosen.trial, chosen.faults, fps(chosen)) == ("file", None, (), 5.0)


def test_a_candidate_waits_for_the_next_start_and_then_runs_on_trial(node: Node) -> None:
    keeping = node.start()
    node.propose(keeping, 2.0)
    assert keeping.busy and fps(in_use(node.file, {})) == 5.0, "still the old one"
    tried = node.start().chosen
    assert (tried.source, fps(tried), tried.trial is not None) == ("ward", 2.0, True)
    assert fps(in_use(node.file, {})) == 2.0, "whoever asks beside the node sees what it runs"


def test_what_proved_itself_stays(node: Node) -> None:
    keeping = applied(node, 2.0)
    assert [ended.why for ended in keeping.untold()] == [None]
    again = node.start()
    assert (fps(again.chosen), again.chosen.trial, again.busy) == (2.0, None, False)
    again.told(again.untold()[0])
    assert node.start().untold() == ()


@pytest.mark.parametrize(("power", "words"), [(False, "started anew"), (True, "power")])
def test_a_second_start_during_the_trial_brings_the_last_good_one_back(node: Node, power: bool, words: str) -> None:
    node.propose(applied(node, 2.0), 3.0)
    assert fps(node.start().chosen) == 3.0
    back = node.start(power)
    assert (fps(back.chosen), back.chosen.trial) == (2.0, None)
    assert words in why(back)


def test_what_lacked_is_told_after_the_restart(node: Node) -> None:
    keeping = node.start()
    node.propose(keeping, 2.0)
    tried = node.start()

    tried.failed(Text(en="camera gate gives no picture", vi="camera gate không cho hình"))
    back = node.start()
    assert fps(back.chosen) == 5.0
    assert "camera gate không cho hình" in why(back)


def test_rollback_goes_one_back_through_the_same_trial(node: Node) -> None:
    keeping = applied(node, 2.0, 3.0)
    assert keeping.may_undo
    keeping.propose(trial().model_copy(update={"rollback": True}), None)
    tried = node.start()
    assert (fps(tried.chosen), tried.chosen.trial is not None) == (2.0, True)
    tried.proved()
    assert fps(node.start().chosen) == 2.0 and not tried.may_undo


def test_rollback_of_the_first_is_the_file(node: Node) -> None:
    keeping = applied(node, 2.0)
    keeping.propose(trial().model_copy(update={"rollback": True}), None)
    tried = node.start()
    assert (tried.chosen.source, fps(tried.chosen), tried.chosen.trial is not None) == ("file", 5.0, True)
    tried.proved()
    assert node.start().chosen.source == "file"


def test_the_installers_edit_wins_and_is_told(node: Node) -> None:
    applied(node, 2.0)
    node.file.write_text(changed(node.file, analysis_fps=7.0))
    assert fps(in_use(node.file, {})) == 7.0
    edited = node.start()
    assert (edited.chosen.source, fps(edited.chosen)) == ("file", 7.0)
    assert [error.code for error in edited.chosen.faults] == ["config_set_aside"]
    assert not edited.may_undo and node.start().chosen.faults == ()


def test_an_edit_during_a_trial_ends_it(node: Node) -> None:
    node.propose(node.start(), 2.0)
    node.start()
    node.file.write_text(changed(node.file, analysis_fps=7.0))
    edited = node.start()
    assert (fps(edited.chosen), edited.chosen.trial) == (7.0, None)
    assert "installer" in why(edited)


def test_an_edit_is_seen_before_a_candidate_is_judged(node: Node) -> None:
    keeping = node.start()
    assert keeping.installed() is not None
    node.file.write_text(changed(node.file, analysis_fps=7.0))
    assert keeping.installed() is None


@pytest.mark.parametrize("ward", [False, True])
@pytest.mark.parametrize(
    "broken",
    [
        lambda text: text.replace("max_days", "maxdays"),
        lambda text: text.replace("cameras:", "cameras: ["),
        lambda text: "\t" + text,
    ],
    ids=["setting", "syntax", "tab"],
)
def test_the_last_good_one_runs_when_the_file_breaks(node: Node, broken: object, ward: bool) -> None:
    keeping = applied(node, *([2.0] if ward else []))
    if not ward:
        keeping.healthy()
    text = node.file.read_text()
    node.file.write_text(broken(text))  # type: ignore[operator]
    back = node.start()
    assert back.chosen.last_known_good and fps(back.chosen) == (2.0 if ward else 5.0)
    assert [error.code for error in back.chosen.faults] == ["config_broken"]
    assert str(node.file) in back.chosen.faults[0].text.en
    assert in_use(node.file, {}).config == back.chosen.config
    assert back.installed() is None, "no candidate is taken over a broken file"
    node.file.write_text(text)
    mended = node.start()
    assert not mended.chosen.last_known_good and fps(mended.chosen) == (2.0 if ward else 5.0)


def test_an_unreadable_file_is_survived_where_the_state_directory_is_told(node: Node) -> None:
    node.start().healthy()
    node.file.unlink()
    with pytest.raises(InvalidConfig):
        Keeping(node.file, {})
    keeping = Keeping(node.file, {"STATE_DIRECTORY": str(node.data)})
    assert keeping.begin("boot-9").last_known_good


def test_a_file_that_never_ran_and_is_broken_cannot_run(node: Node) -> None:
    node.start()
    node.file.write_text("node: {}\n")
    with pytest.raises(InvalidConfig):
        Keeping(node.file, {})


def test_another_nodes_memory_is_not_ours(node: Node) -> None:
    node.start().healthy()
    other = node.file.with_name("other.yaml")
    other.write_text(node.file.read_text().replace("max_days", "maxdays"))
    with pytest.raises(InvalidConfig):
        Keeping(other, {})


@pytest.mark.parametrize("what", ["state", "text"])
def test_a_damaged_store_falls_back_to_the_file_with_a_fault(node: Node, what: str) -> None:
    applied(node, 2.0)
    folder = node.data / "config"
    for path in [folder / "state.json"] if what == "state" else list(folder.glob("*.yaml")):
        path.write_bytes(b'{"schema": "settings/1"' if what == "state" else path.read_bytes()[:-40])
    back = node.start()
    assert (back.chosen.source, fps(back.chosen)) == ("file", 5.0)
    assert [error.code for error in back.chosen.faults] == ["config_store"]
    assert node.start().chosen.config == back.chosen.config


def test_a_damaged_candidate_is_never_run(node: Node) -> None:
    keeping = node.start()
    node.propose(keeping, 2.0)
    for path in (node.data / "config").glob("*.yaml"):
        path.write_bytes(b"node: [")
    back = node.start()
    assert (fps(back.chosen), back.chosen.trial, back.busy) == (5.0, None, False)
    assert "loaded" in why(back)


def test_on_a_disk_that_cannot_count_the_attempt_nothing_is_tried(node: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    node.propose(node.start(), 2.0)

    def full(_folder: Folder, _kept: object) -> None:
        raise StorageError(Text(en="full", vi="đầy"), code="disk_full")

    with monkeypatch.context() as patched:
        patched.setattr(Folder, "write", full)
        kept = node.start()
        assert (fps(kept.chosen), kept.chosen.trial) == (5.0, None)
        assert [error.code for error in kept.chosen.faults] == ["disk_full"]
    assert fps(node.start().chosen) == 2.0, "tried when the disk is well"


def test_fewer_days_count_only_after_the_trial(node: Node) -> None:
    keeping = node.start()
    shorter = node.file.read_text().replace("max_days: 30", "max_days: 3")
    keeping.propose(trial(), shorter)
    tried = node.start()
    assert tried.chosen.config.retention.max_days == 30 and tried.chosen.holds_back
    tried.proved()
    assert node.start().chosen.config.retention.max_days == 3


def test_a_setting_that_is_locked_since_is_not_run(node: Node) -> None:
    """As after an update whose list is shorter: the store holds what would be refused today."""
    keeping = node.start()
    keeping.propose(trial(), node.file.read_text().replace("max_days: 30", "max_days: 300"))
    back = node.start()
    assert back.chosen.config.retention.max_days == 30 and back.chosen.trial is None


def test_texts_that_nobody_needs_are_removed(node: Node) -> None:
    keeping = applied(node, 2.0, 3.0, 4.0, 6.0)
    keeping.healthy()
    assert len(list((node.data / "config").iterdir())) <= 5
    modes = {oct(path.stat().st_mode & 0o777) for path in (node.data / "config").iterdir()}
    assert modes == {"0o600"} and (node.data / "config").stat().st_mode & 0o077 == 0
