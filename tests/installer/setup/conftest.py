"""Fixtures of the setup page: one page for all tests that leave it as it was, and a fresh one for the others."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.installer.setup.node import Node, Person, browser, opened


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Made once: what is tested is not how a key is made."""
    directory: Path = tmp_path_factory.mktemp("setup-papers")
    with opened(Node(directory)):
        pass
    return directory / "setup"


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


@pytest.fixture
def stranger(node: Node, address: str) -> Iterator[object]:
    with browser(node, address) as made:
        yield made
