"""Fixtures of the local page: a node that shows the drawn lane, and its page on a free port."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.installer import scene
from tests.installer.node import Node, serving


@pytest.fixture(scope="session")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path: Path = tmp_path_factory.mktemp("clips") / "clip.mp4"
    scene.write_clip(path)
    return path


@pytest.fixture
def node(clip: Path) -> Node:
    made = Node(clip)
    made.show(2.0, 1)
    return made


@pytest.fixture
def address(node: Node) -> Iterator[str]:
    with serving(node) as url:
        yield url
