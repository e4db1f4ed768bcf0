"""The node's word of itself: its proof for root, and what it tells the ward."""

import os
from pathlib import Path

import pytest

from agent.app.update_gate import NodeGate
from agent.app.update_proof import ON_TRIAL, OwnWord
from agent.clock import Clock
from agent.update.place import Place, own_place
from agent.update.proof import read_proof
from agent.update.state import read_trial
from tests.update.bundles import OLD, Device
from tests.update.node import BEFORE, config_of, looks, node_of


def test_the_proof_of_a_node_on_trial_convinces_the_judge(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    device = Device(tmp_path)
    name = device.take(device.bundle("0.2.0"))
    monkeypatch.setenv("RUNTIME_DIRECTORY", str(device.place.run))
    word = OwnWord(config_of(tmp_path), device.clock, str(device.place.folder(name)))
    assert word.judged and word.hinders() == ON_TRIAL

    word.look(node_of(monkeypatch))

    proof, trial = read_proof(device.place.run), read_trial(device.place)
    assert proof is not None and trial is not None
    assert (proof.folder, proof.trial, proof.pid, proof.before) == (name, trial.id, os.getpid(), BEFORE)
    assert looks(NodeGate(proof.before, 60.0, 0.0), proof.seen, 1.0, 12.0) == "good"
    health = word.health()
    assert health is not None and (health.version, health.state, health.wanted) == ("0.2.0", "trying", "0.2.0")


def test_a_version_that_went_back_is_a_fault_until_one_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    device = Device(tmp_path)
    device.system.bad.add(device.take(device.bundle("0.2.0")))
    device.course().resume()
    word = OwnWord(config_of(tmp_path), device.clock, str(device.place.folder(OLD)))
    node = node_of(monkeypatch)
    word.look(node)
    assert node.faults.open == {"update": "update_returned"}
    health = word.health()
    assert health is not None and health.why is not None
    assert (health.version, health.state, health.wanted) == ("0.1.0", "returned", "0.2.0")
    device.system.bad.clear()
    device.take(device.bundle("0.3.0"))
    device.course().resume()
    word.look(node)
    assert node.faults.open == {}


def test_a_node_from_a_checkout_says_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    word = OwnWord(config_of(tmp_path), Clock())
    word.look(node_of(monkeypatch))
    assert (word.health(), word.version, word.judged, word.hinders()) == (None, None, False, None)


def test_the_place_of_a_program_is_told_from_its_own_path() -> None:
    assert own_place("/opt/camera-agent/versions/0.1.0-00000000") == Place(Path("/"))
    for elsewhere in ("/checkout/.venv", "/usr", "/opt/camera-agent", "/versions/x", "/srv/camera-agent/versions/x"):
        assert own_place(elsewhere) is None


def test_outside_a_trial_a_loaded_model_counts_as_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    device = Device(tmp_path)
    monkeypatch.setenv("RUNTIME_DIRECTORY", str(device.place.run))
    node = node_of(monkeypatch)
    node.trying.seen().inferred = False
    word = OwnWord(config_of(tmp_path), device.clock, str(device.place.folder(OLD)))
    for eye in (None, object()):
        node.eye = eye
        word.look(node)
        proof = read_proof(device.place.run)
        assert proof is not None and proof.seen.inferred is (eye is not None)
        assert proof.seen.model
