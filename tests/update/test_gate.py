"""The gate of a version on trial: what worked before must work again; nonsense counts as unknown."""

import threading
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from agent.app.update import Updates
from agent.app.update_gate import NodeGate
from agent.cli import main
from agent.clock import Clock
from agent.i18n import Text
from agent.update.judge import Interrupted
from agent.update.proof import Proof, write_proof
from agent.update.sight import Sight, Worked
from tests.update.bundles import OLD, Device
from tests.update.node import BEFORE, GOOD, looks


@pytest.mark.parametrize(
    ("lacking", "words"),
    [
        ({"captured": ()}, "gives no picture"), ({"analysed": ()}, "analysed"), ({"inferred": False}, "model"),
        ({"acknowledged": False}, "acknowledged nothing"), ({"broken": ("footage",)}, "footage fails"),
    ],
)  # fmt: skip
def test_what_worked_before_must_work_again(lacking: dict[str, Any], words: str) -> None:
    assert looks(NodeGate(BEFORE, 60.0, 0.0), GOOD, 1.0, 12.0) == "good"
    gate, ill = NodeGate(BEFORE, 60.0, 0.0), replace(GOOD, **lacking)
    assert looks(gate, ill, 1.0, 12.0) == "wait"
    verdict = gate.look(ill, 61.0)
    assert isinstance(verdict, Text) and words in verdict.en


def test_what_did_not_work_before_need_not() -> None:
    assert looks(NodeGate(Worked(), 60.0, 0.0), Sight(), 1.0, 12.0) == "good"


def test_a_line_that_is_down_for_everybody_is_waited_for() -> None:
    gate = NodeGate(BEFORE, 60.0, 0.0)
    seen = replace(GOOD, acknowledged=False, silent=True)
    assert looks(gate, seen, 1.0, 100.0, 800.0) == "wait"
    assert isinstance(gate.look(seen, 901.0), Text)


def test_where_nobody_knows_what_worked_a_camera_and_the_model_must() -> None:
    assert looks(NodeGate(None, 60.0, 0.0), GOOD, 1.0, 12.0) == "good"
    assert looks(NodeGate(None, 60.0, 0.0), Sight(), 1.0, 12.0) == "wait"
    assert looks(NodeGate(None, 60.0, 0.0), replace(GOOD, inferred=False), 1.0, 12.0) == "wait"
    assert looks(NodeGate(None, 60.0, 0.0), replace(GOOD, inferred=False, model=False), 1.0, 12.0) == "good"
    assert looks(NodeGate(None, 60.0, 0.0, broker=True), replace(GOOD, acknowledged=False), 1.0, 12.0) == "wait"


@pytest.mark.parametrize("told", [{}, {"cams": 7}, {"cams": [7]}, {"model": "yes"}, [], None, 1], ids=str)
def test_nonsense_about_what_worked_counts_as_unknown(told: Any) -> None:
    assert Worked.of(told) is None


def test_nonsense_about_what_is_seen_counts_as_not_seen() -> None:
    wrong = {"captured": "gate", "analysed": [7], "inferred": 1, "acknowledged": "true", "silent": None, "more": 1}
    assert Sight.of(wrong) == Sight.of({}) == Sight()


def test_the_gate_says_what_a_slot_exchange_needs_to_know(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place = Device(tmp_path).place
    clock = Clock()
    monkeypatch.setattr("agent.settings.gate.STEADY_S", 0.0)

    def proves(seen: Sight) -> None:
        now_s = clock.mono_s()
        write_proof(place.run, Proof(OLD, "0.1.0", 1, clock.boot_id, now_s, now_s, seen=seen))

    proves(GOOD)
    arguments = ["update", "--gate", "--root", str(place.root)]
    assert main([*arguments, "--window", "5s"]) == 0
    proves(replace(GOOD, acknowledged=False))
    assert main([*arguments, "--window", "100ms"]) == 1
    assert main([*arguments, "--no-broker", "--window", "5s"]) == 0
    proves(Sight())
    assert main([*arguments, "--window", "100ms"]) == 1


def test_the_gate_can_be_stopped(tmp_path: Path) -> None:
    stop = threading.Event()
    stop.set()
    with pytest.raises(Interrupted):
        Updates(Device(tmp_path).place, stop, lambda _text: None).gate(60.0, broker=True)
