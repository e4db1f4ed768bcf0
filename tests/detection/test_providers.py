"""An accelerator runs the model only after it has proven itself; whatever it does, the CPU is there."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from agent.config.model import DetectionSection
from agent.contract.faults import CODES
from agent.detection.detector import load_detector
from agent.detection.family import Array, Tensor
from agent.detection.providers import (
    Providers,
    Watched,
)
from agent.detection.session import CPU, CUDA, TENSORRT, Session
from agent.errors import ModelError
from deploy.assets import find_ssd_model
from tests.detection.choosing import ALL, Node, tried


def test_auto_takes_the_first_that_proves_itself(folder: Path, model: Path) -> None:
    node = Node(folder, model)
    tried(node, TENSORRT, 0.2)
    tried(node, CUDA, 0.1)
    network = node.start()
    assert network.provider == TENSORRT
    assert node.reported == []


def test_auto_goes_on_to_the_next(folder: Path, model: Path) -> None:
    node = Node(folder, model, "crashes")
    tried(node, CUDA, 0.5)
    assert node.start().provider == CUDA
    assert node.known()[TENSORRT].outcome == "crashed"
    assert node.reported == [], "auto is no wish that could fail"


def test_auto_ends_at_the_cpu(folder: Path, model: Path) -> None:
    node = Node(folder, model, "nan")
    network = node.start()
    assert network.provider == CPU
    assert {name: verdict.outcome for name, verdict in node.known().items()} == {TENSORRT: "wrong", CUDA: "wrong"}
    assert node.opened == []
    assert len(network.run(np.zeros((1, 3, 64, 64), np.float32))) == 1


def test_auto_leaves_a_provider_that_is_slower_than_the_cpu(folder: Path) -> None:
    model = find_ssd_model()
    if model is None:
        pytest.skip("no model; `python -m deploy.assets model` makes it")
    node = Node(folder, model, "slow", (CUDA, CPU))
    assert node.start().provider == CPU
    known = node.known()[CUDA]
    assert known.works
    assert known.ratio > 1
    assert node.start("cuda").provider == CUDA, "who asks for it gets it: its results are right"


@pytest.mark.parametrize(("wanted", "way"), [("cuda", "different"), ("tensorrt", "fails"), ("tensorrt", "crashes")])
def test_a_forced_provider_that_fails_gives_the_cpu_and_a_fault(
    wanted: str, way: str, folder: Path, model: Path
) -> None:
    node = Node(folder, model, way)
    assert node.start(wanted).provider == CPU
    (error,) = node.reported
    assert error.code == "provider_failed"
    assert error.code in CODES
    assert "CPU" in error.text.vi
    assert error.hint is not None
    assert str(folder / "verdicts.json") in error.hint.vi
    assert len(node.known()) == 1


def test_a_forced_provider_that_hangs_gives_the_cpu_and_a_fault(folder: Path, model: Path) -> None:
    node = Node(folder, model)
    node.command = ("sleep", "1000")
    assert node.start("cuda", deadline_s=0.5).provider == CPU
    assert [error.code for error in node.reported] == ["provider_failed"]
    assert node.known()[CUDA].outcome == "hung"


def test_a_forced_provider_that_is_not_there(folder: Path, model: Path) -> None:
    node = Node(folder, model, available=("AzureExecutionProvider", CPU))
    assert node.start("cuda").provider == CPU
    assert "CUDA" in node.reported[0].text.en
    assert not folder.exists()


@pytest.mark.parametrize(
    ("wanted", "available"), [("auto", ("AzureExecutionProvider", CPU)), ("cpu", ALL)], ids=["only cpu", "cpu wanted"]
)
def test_the_cpu_alone_costs_no_child_and_no_second_session(
    wanted: str, available: Sequence[str], folder: Path, model: Path
) -> None:
    node = Node(folder, model, available=available)
    node.command = ("/nowhere",)
    network = node.start(wanted)
    assert isinstance(network, Session)
    assert network.provider == CPU
    assert node.opened == []
    assert not folder.exists()


def test_this_machine_with_the_real_model(tmp_path: Path) -> None:
    model = find_ssd_model()
    if model is None:
        pytest.skip("no model; `python -m deploy.assets model` makes it")
    reported: list[ModelError] = []
    detector = load_detector(DetectionSection(model=model), Providers(tmp_path, reported.append))
    assert detector.provider in {CPU, CUDA, TENSORRT}
    assert reported == []


def test_a_provider_that_fails_at_work_is_replaced_without_losing_the_picture(folder: Path, model: Path) -> None:
    node = Node(folder, model)
    tried(node, CUDA, 0.5)
    node.way_here = "fails"
    network = node.start("cuda")
    tensor = np.zeros((1, 3, 64, 64), np.float32)
    wanted: Sequence[Array] = Session(model).run(tensor)
    results = [network.run(tensor) for _ in range(3)]
    assert all(np.array_equal(result[0], wanted[0]) for result in results)
    assert network.provider == CPU
    assert [error.code for error in node.reported] == ["provider_failed"]
    assert node.known()[CUDA].outcome == "failed"


def test_an_error_of_the_cpu_stays_one(model: Path) -> None:
    told: list[str] = []
    watched = Watched(model, Session(model), lambda: told.append("settled"), lambda error: told.append(error.code))
    wrong: Tensor = np.zeros((1, 3, 32, 32), np.float32)
    with pytest.raises(ModelError):
        watched.run(wrong)
    watched.settle()
    assert told == []
