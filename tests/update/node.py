"""A node as its own word and the gate see it."""

from dataclasses import asdict
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from agent.app.update_gate import NodeGate
from agent.config.model import TlsSection
from agent.settings.state import Before
from agent.update.sight import Sight, Worked

GOOD = Sight(captured=("gate",), analysed=("gate",), inferred=True, acknowledged=True)


BEFORE = Worked(cams=("gate",), model=True, broker=True)


def looks(gate: NodeGate, seen: Sight, *times: float) -> Any:
    verdict: Any = None
    for now_s in times:
        verdict = gate.look(seen, now_s)
    return verdict


class Faults:
    def __init__(self) -> None:
        self.open: dict[str, str] = {}

    def raised(self, source: str, error: Any) -> None:
        self.open[source] = error.code

    def cleared(self, source: str) -> None:
        self.open.pop(source, None)


def node_of(monkeypatch: pytest.MonkeyPatch) -> Any:
    seen = SimpleNamespace(
        captured={"gate"}, analysed={"gate"}, broken=set(), inferred=True, acknowledged=True, silent=False
    )
    monkeypatch.setattr("agent.app.update_proof.before", lambda _node: Before(**asdict(BEFORE)))
    return SimpleNamespace(
        trying=SimpleNamespace(seen=lambda: seen), settings=SimpleNamespace(busy=False), faults=Faults(), eye=None
    )


def config_of(data: Path) -> Any:
    return SimpleNamespace(
        node=SimpleNamespace(data_dir=data, id="gate-1"),
        detection=SimpleNamespace(model=Path("m.onnx")),
        update=SimpleNamespace(url="https://ward.invalid/channel.json", stage=100),
        tls=TlsSection(),
    )
