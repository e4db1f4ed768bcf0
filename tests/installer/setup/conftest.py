"""Fixtures of the setup page."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.installer.people import browser
from tests.installer.setup.node import Node


@pytest.fixture
def node(home: Path) -> Node:
    return Node(home)


@pytest.fixture
def stranger(node: Node, address: str) -> Iterator[httpx.Client]:
    with browser(node, address) as made:
        yield made
