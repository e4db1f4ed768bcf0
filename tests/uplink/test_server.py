"""What the ward's consumer says of itself: told in health, never believed as a clock."""

import json

import pytest

from agent.clock import FLOOR_WALL_NS, NS
from agent.contract.base import utc
from agent.uplink import WardServer
from tests.commands.orders import TurnedClock


def said(offset_s: float = 0.0, state: str = "online") -> bytes:
    return json.dumps({"state": state, "sent_utc": utc(round(FLOOR_WALL_NS + offset_s * NS)), "new": 1}).encode()


def test_a_consumer_that_never_spoke_is_unknown() -> None:
    assert WardServer(TurnedClock()).state() is None


def test_state_age_and_difference_are_told() -> None:
    clock = TurnedClock()
    server = WardServer(clock)
    server.hear(said(300.0), False)
    clock.seconds = 40.0
    seen = server.state()
    assert seen is not None
    assert (seen.state, seen.heard_s, seen.differs_s) == ("online", 40.0, 300.0)


def test_what_the_broker_kept_tells_no_time() -> None:
    server = WardServer(TurnedClock())
    server.hear(said(9000.0), True)
    seen = server.state()
    assert seen is not None
    assert seen.differs_s is None


def test_with_an_unset_clock_nothing_is_compared() -> None:
    clock = TurnedClock()
    clock.right = False
    server = WardServer(clock)
    server.hear(said(9000.0), False)
    seen = server.state()
    assert seen is not None
    assert seen.differs_s is None


@pytest.mark.parametrize(
    "payload",
    [b"{", b"[]", b"x" * 2000, said(state="asleep"), b'{"state":"online","sent_utc":"9999999-01-01T00:00:00.000Z"}'],
)
def test_rubbish_changes_nothing(payload: bytes) -> None:
    server = WardServer(TurnedClock())
    server.hear(said(1.0), False)
    server.hear(payload, False)
    seen = server.state()
    assert seen is not None
    assert seen.differs_s == 1.0


def test_an_empty_message_forgets_it() -> None:
    server = WardServer(TurnedClock())
    server.hear(said(), False)
    server.hear(b"", True)
    assert server.state() is None
