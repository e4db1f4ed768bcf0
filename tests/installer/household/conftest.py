"""Fixtures of the household's page."""

from pathlib import Path

import pytest

from agent.installer.household import page
from tests.installer.household.node import Node


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """A page that ends soon after it is told to."""
    monkeypatch.setattr(page, "SLICE_S", 0.03)


@pytest.fixture
def node(home: Path) -> Node:
    return Node(home)
