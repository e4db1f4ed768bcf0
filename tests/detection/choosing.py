"""A node that chooses among made-up providers, start after start."""

import atexit
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from agent.config.model import DetectionSection
from agent.detection import complaints
from agent.detection.providers import (
    Machine,
    Providers,
    Watched,
    driver,
)
from agent.detection.proving import Job
from agent.detection.session import CPU, CUDA, TENSORRT, Network, Provider
from agent.detection.verdicts import Memory, Remembered, Verdict
from agent.errors import ModelError
from tests.detection.odd_trial import OddSession

ODD = str(Path(__file__).parent / "odd_trial.py")


ALL = (TENSORRT, CUDA, "AzureExecutionProvider", CPU)


SHA = "ab" * 32


DEADLINE_S = 60.0  # for children that end by themselves


def odd(way: str) -> tuple[str, ...]:
    return (sys.executable, ODD, way)


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


def tried(node: Node, provider: str, ratio: float) -> None:
    """As if `provider` had proven itself: real ones are faster than a stand-in that computes on the CPU."""
    key = f"{SHA[:16]} 1.31.1 {provider} {driver()}"
    Memory(node.folder / "verdicts.json").keep(key, Remembered(Verdict("works", ratio)))
