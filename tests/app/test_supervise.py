"""Cameras that are stuck cost a stop one short time together, not one each; what gives up ends the watch."""

import threading

import pytest

from agent.app import supervise
from agent.app.supervise import CAMERAS_S, STOP_S, Phase, Supervisor
from agent.backoff import Backoff
from agent.clock import Clock
from agent.errors import AgentError
from agent.health.notify import Notifier
from agent.worker import Outcome, Worker


class Silent:
    def raised(self, source: str, error: AgentError) -> None:
        raise AssertionError((source, str(error)))

    def cleared(self, source: str) -> None:
        """Nothing was open."""


class Joined(Worker):
    """Notes for how long it may be waited for; its thread never ends, and waiting passes the clock."""

    def __init__(self, name: str, clock: "Passing") -> None:
        super().__init__(name, lambda _: Busy(), Silent(), Backoff(), clock)
        self.clock = clock
        self.asked: list[str] = clock.asked

    def stop(self) -> None:
        self.asked.append(f"stop {self.name}")

    def join(self, timeout_s: float) -> bool:
        self.asked.append(f"join {self.name}")
        self.clock.s += timeout_s
        return False


class Busy:
    def run_once(self) -> Outcome:
        return Outcome.IDLE

    def close(self) -> None:
        """Nothing to give back."""


class Passing(Clock):
    def __init__(self) -> None:
        super().__init__()
        self.s = 0.0
        self.asked: list[str] = []

    def mono_s(self) -> float:
        return self.s


def test_all_cameras_are_told_first_and_share_one_short_time() -> None:
    clock = Passing()
    cameras = tuple(Joined(f"capture-{number}", clock) for number in range(8))
    vision = Joined("vision", clock)
    Supervisor([Phase(cameras, camera=True), Phase((vision,))], Notifier(), Silent(), clock).stop()
    assert clock.asked[:8] == [f"stop capture-{number}" for number in range(8)]
    assert clock.asked[8:16] == [f"join capture-{number}" for number in range(8)]
    assert clock.asked[16:] == ["stop vision", "join vision"]
    assert clock.s < STOP_S + 0.1
    assert CAMERAS_S + 8 * 0.05 < STOP_S / 2, "who comes after the cameras must keep most of the time"


def test_giving_up_ends_the_watch_and_a_stop_does_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supervise, "LOOK_S", 0.01)
    supervisor = Supervisor([], Notifier(), Silent(), Clock())
    assert supervisor.watch(threading.Event(), lambda: "", lambda: True)
    stopped = threading.Event()
    stopped.set()
    assert not supervisor.watch(stopped, lambda: "", lambda: True)
