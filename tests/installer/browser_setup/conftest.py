"""Fixtures: one browser for all tests here, a certificate, a node with its page, and people in front of it."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.installer.browser import started
from tests.installer.browser_setup.node import Node, Server, serving
from tests.installer.browser_setup.visitor import DESK, PHONE, Visitor


@pytest.fixture(scope="session")
def papers(certificate: Path) -> tuple[Path, Path]:
    """A self-signed certificate and its key."""
    return certificate / "cert.pem", certificate / "key.pem"


@pytest.fixture(scope="package")
def browser() -> Iterator[Any]:
    """One for all tests here."""
    yield from started()


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
