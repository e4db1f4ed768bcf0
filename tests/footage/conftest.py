"""The videos of capture's tests, one of another shape, and a disk that is small."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.capture.conftest import drawn_h264, drawn_hevc, street_h264
from tests.capture.videos import Recipe, drawn, encode

__all__ = ["drawn_h264", "drawn_hevc", "street_h264"]


@pytest.fixture(scope="session")
def drawn_wide(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """As drawn_h264, but 480 wide: another format."""
    return encode(drawn(40, 480), tmp_path_factory.mktemp("drawn") / "wide.mp4", Recipe(gop=10))


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 1.6 MB."""
    yield from mounted(tmp_path / "disk", "size=1600k")


@pytest.fixture
def few_files(tmp_path: Path) -> Iterator[Path]:
    """A file system with room for 100 files."""
    yield from mounted(tmp_path / "disk", "nr_inodes=100")


def mounted(disk: Path, options: str) -> Iterator[Path]:
    if os.geteuid() != 0:
        pytest.skip("mounting a small disk needs root")
    disk.mkdir()
    try:
        subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(disk)], check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError) as error:
        pytest.skip(f"cannot mount a small disk: {error}")
    yield disk
    subprocess.run(["umount", "-l", str(disk)], check=True)
