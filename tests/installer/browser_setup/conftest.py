"""Fixtures: one browser for all tests here, a certificate, a node with its page, and people in front of it."""

import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.installer.browser import chromium, missing
from tests.installer.browser_setup.node import Node, Server, serving
from tests.installer.browser_setup.visitor import DESK, PHONE, Visitor


@pytest.fixture(scope="session")
def papers(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A self-signed certificate and its key."""
    folder: Path = tmp_path_factory.mktemp("papers")
    cert, key = folder / "cert.pem", folder / "key.pem"
    command = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 30 -subj /CN=node"
    subprocess.run([*command.split(), "-keyout", key, "-out", cert], check=True, capture_output=True, timeout=60)
    return cert, key


@pytest.fixture(scope="package")
def browser() -> Iterator[Any]:
    """Chromium without a window. Not for longer: while its driver runs, no other loop of asyncio can in this thread."""
    why = missing()
    if why is not None:
        pytest.skip(why)
    with chromium() as one:
        yield one


@pytest.fixture
def node() -> Node:
    """A node with one camera on which nothing is drawn."""
    return Node()


@pytest.fixture
def server(node: Node, papers: tuple[Path, Path], tmp_path: Path) -> Iterator[Server]:
    """Its page."""
    with serving(node, papers, tmp_path) as one:
        yield one


@pytest.fixture
def phone(browser: Any) -> Iterator[Visitor]:
    """Somebody with a phone of 360 pixels, upright, who reads Vietnamese."""
    visitor = Visitor(browser, PHONE)
    yield visitor
    visitor.close()


@pytest.fixture
def desk(browser: Any) -> Iterator[Visitor]:
    """Somebody at a desk."""
    visitor = Visitor(browser, DESK)
    yield visitor
    visitor.close()
