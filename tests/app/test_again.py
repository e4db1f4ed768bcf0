"""How old a process is that began again in its own place."""

import os

import psutil
import pytest

from agent.app.again import BEGAN, begin_again, process_age_s
from agent.clock import Clock


def test_the_age_counts_from_the_last_beginning(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(BEGAN, raising=False)
    clock = Clock()
    since_kernel_s = clock.now().wall_ns / 1e9 - psutil.Process().create_time()
    assert process_age_s(clock) == pytest.approx(since_kernel_s, abs=5.0)  # psutil counts by the wall clock
    monkeypatch.setenv(BEGAN, "no number")
    assert process_age_s(clock) == pytest.approx(since_kernel_s, abs=5.0)
    monkeypatch.setenv(BEGAN, "0")  # as after a boot: put back afterwards
    monkeypatch.setattr(os, "execv", lambda *_: None)
    begin_again()
    assert process_age_s(clock) < since_kernel_s
