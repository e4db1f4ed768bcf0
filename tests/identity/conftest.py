"""A real authority as a child, and a node's directory that enrols with it."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml

from agent.cli import main
from deploy.ward import WardError
from deploy.ward.ca import RunningAuthority, start_authority


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningAuthority]:
    """One for all; tests name their own node."""
    try:
        running = start_authority(tmp_path_factory.mktemp("authority"))
    except WardError as error:
        pytest.skip(str(error))
    yield running
    running.child.stop()


@dataclass(frozen=True)
class Device:
    """A node's files, and its command line."""

    home: Path
    id: str

    @property
    def data(self) -> Path:
        return self.home / "data"

    @property
    def tls(self) -> Path:
        return self.data / "tls"

    @property
    def config(self) -> Path:
        return self.home / "config.yaml"

    def configure(self, **tls: str) -> None:
        tree = {
            "node": {"id": self.id, "ward": "test", "data_dir": str(self.data)},
            "mqtt": {"url": "mqtts://ward.example"},
            "retention": {"max_days": 30},
            "cameras": [{"id": "gate", "source": "rtsp://192.168.1.64/stream"}],
        } | ({"tls": tls} if tls else {})
        self.config.write_text(yaml.safe_dump(tree), encoding="utf-8")

    def enrol(self, url: str, token: str, *more: str) -> int:
        file = self.home / "token"
        file.write_text(token + "\n", encoding="ascii")
        return main(["enrol", "--ward", url, "--token-file", str(file), "--config", str(self.config), *more])


def device(home: Path, node: str) -> Device:
    made = Device(home, node)
    made.data.mkdir(parents=True)
    made.configure()
    return made
