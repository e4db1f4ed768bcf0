"""What is remembered of trials from one start to the next, and what ends the memory."""

from pathlib import Path

import numpy as np
import pytest

from agent.detection.providers import (
    RETRY_STARTS,
    SETTLED_RUNS,
    UNSETTLED_STARTS,
    Watched,
)
from agent.detection.session import CPU, CUDA
from agent.detection.verdicts import MOST_KEPT, Memory, Remembered, Verdict
from tests.detection.choosing import Node, odd, tried


def test_a_second_start_tries_nothing(folder: Path, model: Path) -> None:
    node = Node(folder, model)
    node.start("cuda")
    node.command = ("/nowhere",)
    assert node.start("cuda").provider == CUDA
    assert node.reported == []


def test_a_failure_is_tried_anew_after_some_starts(folder: Path, model: Path) -> None:
    node = Node(folder, model, "fails")
    node.start("cuda")
    node.command = odd("works")
    providers = [node.start("cuda").provider for _ in range(RETRY_STARTS)]
    assert providers == [CPU] * (RETRY_STARTS - 1) + [CUDA]
    assert len(node.reported) == RETRY_STARTS


def test_a_crash_loop_with_a_proven_provider_ends_at_the_cpu(folder: Path, model: Path) -> None:
    """Each start here is a process that died in the provider's library: nobody said goodbye."""
    node = Node(folder, model)
    tried(node, CUDA, 0.5)
    assert [node.start("cuda").provider for _ in range(UNSETTLED_STARTS + 1)] == [CUDA] * UNSETTLED_STARTS + [CPU]
    assert node.known()[CUDA].outcome == "unsettled"
    assert node.reported[0].code == "provider_failed"


def test_an_orderly_end_is_no_crash(folder: Path, model: Path) -> None:
    node = Node(folder, model)
    tried(node, CUDA, 0.5)
    for _ in range(UNSETTLED_STARTS + 2):
        network = node.start("cuda")
        assert isinstance(network, Watched)
        network.settle()
    assert node.start("cuda").provider == CUDA


def test_long_work_is_no_crash(folder: Path, model: Path) -> None:
    node = Node(folder, model)
    tried(node, CUDA, 0.5)
    tensor = np.zeros((1, 3, 64, 64), np.float32)
    for _ in range(UNSETTLED_STARTS + 2):
        network = node.start("cuda")
        for _ in range(SETTLED_RUNS):
            network.run(tensor)
    assert network.provider == CUDA


def test_a_proven_provider_that_does_not_open_here_gives_the_cpu_and_a_fault(folder: Path, model: Path) -> None:
    node = Node(folder, model)
    tried(node, CUDA, 0.5)
    node.way_here = "does not open"
    assert node.start("cuda").provider == CPU
    assert [error.code for error in node.reported] == ["provider_failed"]
    assert node.known()[CUDA].outcome == "failed"


def test_engines_of_another_model_are_removed_before_a_trial(folder: Path, model: Path) -> None:
    (folder / "tensorrt").mkdir(parents=True)
    (folder / "tensorrt" / "old.engine").write_bytes(b"x")
    Node(folder, model).start("tensorrt")
    assert list((folder / "tensorrt").iterdir()) == []


@pytest.mark.parametrize("content", ["", "{", "[]", '{"k": 1}', '{"k": {"verdict": {"outcome": "fine"}, "starts": 0}}'])
def test_a_damaged_memory_is_an_empty_one(content: str, tmp_path: Path) -> None:
    path = tmp_path / "verdicts.json"
    path.write_text(content, encoding="utf-8")
    memory = Memory(path)
    assert memory.recall("k") is None
    memory.keep("k", Remembered(Verdict("works", 0.5), 2))
    assert memory.recall("k") == Remembered(Verdict("works", 0.5), 2)


def test_the_memory_is_bounded(tmp_path: Path) -> None:
    memory = Memory(tmp_path / "verdicts.json")
    for number in range(MOST_KEPT + 5):
        memory.keep(str(number), Remembered(Verdict("hung", detail="x" * 150)))
    kept = [number for number in range(MOST_KEPT + 5) if memory.recall(str(number))]
    assert kept == list(range(5, MOST_KEPT + 5))


def test_a_memory_that_cannot_be_written_costs_only_a_trial(model: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    node = Node(tmp_path / "file" / "providers", model)
    assert node.start("cuda").provider == CUDA
