"""A kill loses nothing of what was written, so these tests need not wait for the disk; what is synced is noted."""

import os
from pathlib import Path

import pytest

SYNCED: list[str] = []


@pytest.fixture(autouse=True)
def quick_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    SYNCED.clear()
    monkeypatch.setattr(os, "sync", lambda: SYNCED.append("all"))
    monkeypatch.setattr(
        os, "fsync", lambda descriptor: SYNCED.append(str(Path(f"/proc/self/fd/{descriptor}").readlink()))
    )
