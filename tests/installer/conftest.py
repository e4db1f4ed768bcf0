"""Fixtures of the three pages: each package says what its `node` is, and here are its page and who comes to it."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from agent.app.setup_papers import papers
from agent.clock import Clock
from agent.errors import AgentError
from agent.installer.setup.opening import OpeningFile
from deploy.browser.axe import axe_script
from deploy.ward.ward import default_cache
from tests.installer import scene
from tests.installer.browser import started
from tests.installer.node import Node
from tests.installer.people import Person, Served


@pytest.fixture(scope="session")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path: Path = tmp_path_factory.mktemp("clips") / "clip.mp4"
    scene.write_clip(path)
    return path


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Made once: what is tested is not how a key is made."""
    directory: Path = tmp_path_factory.mktemp("papers")
    cert, _ = papers(OpeningFile(directory), Clock().now().wall_ns)
    return cert.parent


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """Chromium without a window."""
    yield from started()


@pytest.fixture(scope="session")
def axe() -> str:
    """The script of axe-core."""
    try:
        return axe_script(default_cache()).read_text(encoding="utf-8")
    except AgentError as error:
        pytest.skip(str(error))


@pytest.fixture
def home(tmp_path: Path, certificate: Path) -> Path:
    """A data directory that has it."""
    shutil.copytree(certificate, tmp_path / certificate.name)
    return tmp_path


@pytest.fixture
def node(clip: Path) -> Node:
    """Of the local page."""
    made = Node(clip)
    made.show(2.0, 1)
    return made


@pytest.fixture
def address(node: Served) -> Iterator[str]:
    with node.opened() as url:
        yield url


@pytest.fixture
def person(node: Served, address: str) -> Iterator[Person]:
    made = node.person(address)
    yield made
    made.browser.close()
