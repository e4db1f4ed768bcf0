"""What a person at the device is told of whose configuration runs."""

from pathlib import Path

import pytest

from agent.cli import main
from agent.cli.status import which_node
from agent.settings import Keeping, in_use
from tests.settings.test_opening import Node, applied, fps, node

__all__ = ["node"]


def test_check_config_says_that_the_wards_runs(node: Node, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check-config", str(node.file)]) == 0
    assert "ward" not in capsys.readouterr().out.replace("what the ward", "")
    applied(node, 2.0)
    assert main(["check-config", str(node.file)]) == 0
    assert "The node runs what the ward applied over this file" in capsys.readouterr().out


def test_check_config_says_that_the_last_good_one_runs(node: Node, capsys: pytest.CaptureFixture[str]) -> None:
    node.start().healthy()
    node.file.write_text(node.file.read_text().replace("max_days", "maxdays"))
    assert main(["check-config", str(node.file)]) == 78
    assert "runs the last good configuration until the file is mended" in capsys.readouterr().err


def test_whoever_asks_beside_a_node_with_a_broken_file_is_answered(node: Node) -> None:
    applied(node, 2.0)
    node.file.write_text(node.file.read_text() + "more: 1\n")
    assert which_node(node.file)[0] == "node-1"
    assert fps(in_use(node.file, {})) == 2.0


def test_another_agent_on_the_same_data_counts_no_attempt(node: Node) -> None:
    """It is refused by the lock of the data directory, before it begins."""
    node.propose(node.start(), 2.0)
    Keeping(node.file, {})
    Keeping(node.file, {})
    assert node.start().chosen.trial is not None


def test_the_file_of_a_node_is_found_by_another_path(node: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    applied(node, 2.0)
    monkeypatch.chdir(node.file.parent)
    assert fps(in_use(Path("config.yaml"), {})) == 2.0
