"""Fixtures of the household's page."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from agent.installer.household import page
from tests.installer.household.node import Node, Person, opened


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Made once: what is tested is not how a key is made."""
    directory: Path = tmp_path_factory.mktemp("household-papers")
    with opened(Node(directory)):
        pass
    return directory / "setup"


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """A page that ends soon after it is told to."""
    monkeypatch.setattr(page, "SLICE_S", 0.03)


@pytest.fixture
def node(tmp_path: Path, certificate: Path) -> Node:
    made = Node(tmp_path)
    made.file.folder.mkdir(mode=0o700)
    for name in ("cert.pem", "key.pem", "names.json"):
        shutil.copy2(certificate / name, made.file.folder / name)
    return made


@pytest.fixture
def address(node: Node) -> Iterator[str]:
    with opened(node) as url:
        yield url


@pytest.fixture
def person(node: Node, address: str) -> Iterator[Person]:
    made = Person(node, address)
    yield made
    made.browser.close()
