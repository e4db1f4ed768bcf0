"""An accelerator runs the model only after it has proven itself; whatever it does, the CPU is there."""

import atexit
import json
import sys
import threading
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from agent.config.model import DetectionSection
from agent.contract.faults import CODES
from agent.detection import complaints, proving
from agent.detection.detector import load_detector
from agent.detection.family import Array, Tensor
from agent.detection.providers import (
    RETRY_STARTS,
    SETTLED_RUNS,
    UNSETTLED_STARTS,
    Machine,
    Providers,
    Watched,
    driver,
)
from agent.detection.proving import Job, prove
from agent.detection.session import CPU, CUDA, TENSORRT, Network, Provider, Session
from agent.detection.trial import difference
from agent.detection.verdicts import MOST_KEPT, Memory, Remembered, Verdict
from agent.errors import ModelError
from deploy.assets import find_ssd_model
from tests.detection.material import constant_model, yolox_rows
from tests.detection.odd_trial import OddSession

ODD = str(Path(__file__).parent / "odd_trial.py")
ALL = (TENSORRT, CUDA, "AzureExecutionProvider", CPU)
SHA = "ab" * 32
DEADLINE_S = 60.0  # for children that end by themselves


def odd(way: str) -> tuple[str, ...]:
    return (sys.executable, ODD, way)


@pytest.fixture
def model(tmp_path: Path) -> Path:
    rows = yolox_rows()
    rows += np.random.default_rng(3).random(rows.shape, np.float32)
    return constant_model(tmp_path / "street.onnx", {"output": rows})


def job_for(model: Path, deadline_s: float = DEADLINE_S) -> Job:
    return Job(model, "auto", Provider(CUDA), deadline_s)


class Node:
    """A node's choice of provider, start after start; `fakes` keeps what its sessions were opened with."""

    def __init__(self, folder: Path, model: Path, way: str = "works", available: Sequence[str] = ALL) -> None:
        self.folder = folder
        self.model = model
        self.available = available
        self.command = odd(way)
        self.reported: list[ModelError] = []
        self.opened: list[str] = []
        self.way_here = "works"

    def start(self, wanted: str = "auto", deadline_s: float = DEADLINE_S) -> Network:
        machine = Machine(
            available=lambda: self.available,
            version=lambda: "1.31.1",
            open_session=self._open,
            command=self.command,
            deadline_s={TENSORRT: deadline_s, CUDA: deadline_s},
        )
        providers = Providers(self.folder, self.reported.append, machine)
        section = DetectionSection.model_validate({"model": self.model, "provider": wanted})
        network = providers.open(self.model, SHA, section)
        if isinstance(network, Watched):
            atexit.unregister(network.settle)  # the end of the tests is not the end of this node
        return network

    def _open(self, model: Path, provider: Provider) -> Network:
        self.opened.append(provider.name)
        if self.way_here == "does not open":
            raise complaints.not_loaded(model, provider.name)
        return OddSession(model, provider.name, self.way_here)

    def known(self) -> dict[str, Verdict]:
        entries = json.loads((self.folder / "verdicts.json").read_text(encoding="utf-8"))
        return {key.split()[2]: Verdict(**entry["verdict"]) for key, entry in entries.items()}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "providers"


# The trial in its child


@pytest.mark.parametrize("way", ["works", "rounded", "chatters"])
def test_a_provider_with_the_results_of_the_cpu_works(way: str, model: Path) -> None:
    verdict = prove(job_for(model), odd(way))
    assert verdict.outcome == "works", verdict
    assert verdict.ratio > 0


@pytest.mark.parametrize(
    ("way", "outcome", "detail"),
    [
        ("nan", "wrong", "output 0 is not finite"),
        ("different", "wrong", "output 0 is off by"),
        ("shape", "wrong", "shapes"),
        ("fails", "failed", "out of memory"),
        ("no_libraries", "failed", "libcudnn.so.9"),
        ("crashes", "crashed", "SIGSEGV"),
        ("no_answer", "crashed", "exit code 3"),
    ],
)
def test_what_is_wrong_with_a_provider_is_told(way: str, outcome: str, detail: str, model: Path) -> None:
    verdict = prove(job_for(model), odd(way))
    assert verdict.outcome == outcome, verdict
    assert detail in verdict.detail
    assert detail in verdict.why.vi


def test_a_provider_that_hangs_is_killed_with_what_it_started(model: Path, tmp_path: Path) -> None:
    note = tmp_path / "pids"
    script = f"sleep 1000 & echo $$ $! > '{note}'; wait"
    verdict = prove(job_for(model, 2.0), ("sh", "-c", script))
    assert verdict.outcome == "hung"
    for pid in note.read_text(encoding="ascii").split():
        # Killed is killed, but of an orphan nobody waits for the end: the kernel takes its moment.
        assert any(not is_running(int(pid)) or POLL.wait(0.05) for _ in range(200))


POLL = threading.Event()  # never set


def is_running(pid: int) -> bool:
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8")
    except OSError:
        return False
    return stat.rpartition(")")[2].split()[0] not in "ZX"


def test_a_trial_ends_itself_when_nobody_waits_for_it(model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The parent's patience is longer here than the child's own alarm, as when the agent has died meanwhile."""
    real = proving.Job.line
    monkeypatch.setattr(proving.Job, "line", lambda job: real(job).replace(b'"deadline_s": 60.0', b'"deadline_s": 1.0'))
    assert prove(job_for(model), odd("hangs")).outcome == "hung"


def test_a_trial_that_cannot_be_started(model: Path, tmp_path: Path) -> None:
    before = len(list(Path("/proc/self/fd").iterdir()))
    assert prove(job_for(model), (str(tmp_path / "none"),)).outcome == "failed"
    assert len(list(Path("/proc/self/fd").iterdir())) == before


def test_a_broken_model_says_nothing_about_the_provider(tmp_path: Path, folder: Path) -> None:
    path = tmp_path / "street.onnx"
    path.write_bytes(b"no model" * 100)
    node = Node(folder, path)
    with pytest.raises(ModelError) as caught:
        node.start("cuda")
    assert caught.value.code == "model_broken"
    assert node.reported == []
    assert not (folder / "verdicts.json").exists()


def test_the_real_trial_with_the_real_model() -> None:
    model = find_ssd_model()
    if model is None:
        pytest.skip("no model; `python -m deploy.assets model` makes it")
    verdict = prove(Job(model, "auto", Provider(CPU), DEADLINE_S))
    assert verdict.outcome == "works", verdict


def test_the_real_trial_of_a_provider_that_is_not_installed(model: Path) -> None:
    verdict = prove(job_for(model))
    assert verdict.outcome == "failed"
    assert "CUDA" in verdict.detail


def test_rounding_is_no_difference_and_one_wrong_class_is() -> None:
    scores = np.random.default_rng(1).random((1, 100, 90)).astype(np.float32)
    assert difference([scores], [scores * 1.001]) == ""
    wrong = scores.copy()
    wrong[:, :, 0] = 0  # one column of ninety
    assert "peak" in difference([scores], [wrong])


# The choice


def test_auto_takes_the_first_that_proves_itself(folder: Path, model: Path) -> None:
    node = Node(folder, model)
    tried(node, TENSORRT, 0.2)
    tried(node, CUDA, 0.1)
    network = node.start()
    assert network.provider == TENSORRT
    assert node.reported == []


def tried(node: Node, provider: str, ratio: float) -> None:
    """As if `provider` had proven itself: real ones are faster than a stand-in that computes on the CPU."""
    key = f"{SHA[:16]} 1.31.1 {provider} {driver()}"
    Memory(node.folder / "verdicts.json").keep(key, Remembered(Verdict("works", ratio)))


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


# What is remembered


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
