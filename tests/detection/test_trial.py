"""The trial of a provider in its child: whatever happens there, it ends and says what it was."""

import threading
from pathlib import Path

import numpy as np
import pytest

from agent.detection import proving
from agent.detection.proving import Job, prove
from agent.detection.session import CPU, Provider
from agent.detection.trial import difference
from agent.errors import ModelError
from deploy.assets import find_ssd_model
from tests.detection.choosing import DEADLINE_S, Node, job_for, odd


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
