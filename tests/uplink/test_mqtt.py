"""One node at a real broker: greeting, delivery, loss of the line, farewell."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from agent.errors import LinkError, StorageError
from agent.i18n import Text
from agent.uplink import RetainedMessage
from deploy.ward import Ward, WardError, WardOptions
from tests.proxy import Proxy
from tests.uplink.station import Ear, Station

EVENT = "camera/v1/ward-1/{}/cam/gate/event/intrusion"


@pytest.fixture
def station(ward: Ward, request: pytest.FixtureRequest) -> Iterator[Station]:
    """A node of its own per test, so that nothing retained is left over from another."""
    name = request.node.name.split("[")[0].replace("_", "-").lower()[5:60]
    made = Station(ward.mqtt_url, name)
    yield made
    made.close()


@pytest.fixture
def ear(ward: Ward, station: Station) -> Iterator[Ear]:
    with Ear(ward.mqtt_port, station) as made:
        yield made


@pytest.mark.parametrize("protocol", ["5", "3.1.1"])
def test_greeting_then_messages_in_order_then_farewell(ward: Ward, protocol: str) -> None:
    station = Station(ward.mqtt_url, f"greeting-{protocol[0]}", protocol=protocol)
    event = EVENT.format(station.topics.node)
    with Ear(ward.mqtt_port, station) as ear:
        for row in range(1, 60):
            station.put(row, event, {"row": row})
        station.states.put(RetainedMessage(station.topics.health(), b"{}", 180))
        station.until(lambda: not station.rows)
        station.put(60, event, {"row": 60})
        station.close()
        ear.wait(station.topics.availability(), 2)
        assert ear.states(station.topics.availability()) == ["online", "stopped"]
        assert ear.rows(event) == list(range(1, 61))
        first = [message.topic for message in ear.heard[:3]]
        assert first == [station.topics.availability(), station.topics.birth(), station.topics.health()]
    assert station.memory.stats.state().protocol == protocol
    assert not station.memory.stats.state().connected


@pytest.mark.fault("B18", "the node vanishes: the will speaks")
def test_the_will_speaks_when_the_node_is_lost(ward: Ward) -> None:
    # By 3.1.1, where a Will is not delayed.
    station = Station(ward.mqtt_url, "lost", protocol="3.1.1")
    with Ear(ward.mqtt_port, station) as ear:
        station.until(lambda: bool(ear.on(station.topics.availability())))
        station.job.close()  # not stopping: as after an error
        ear.wait(station.topics.availability(), 2)
        online, offline = (json.loads(payload) for payload in ear.on(station.topics.availability()))
    assert (online["state"], offline["state"]) == ("online", "offline")
    assert online["session"] == offline["session"]


def test_content_type_and_expiry(station: Station, ear: Ear) -> None:
    thumb = station.topics.thumb("gate", "e1")
    station.put(1, thumb, b"\xff\xd8jpeg")
    station.states.put(RetainedMessage(station.topics.health(), b"{}", 180))
    station.until(lambda: not station.rows)
    ear.wait(thumb)
    ear.wait(station.topics.health())
    by_topic = {message.topic: message.properties for message in ear.heard}
    assert by_topic[thumb].ContentType == "image/jpeg"  # type: ignore[union-attr]
    assert by_topic[station.topics.health()].MessageExpiryInterval <= 180  # type: ignore[union-attr]


def test_newest_state_wins_and_is_sent_again_after_a_loss(ward: Ward) -> None:
    with Proxy(ward.mqtt_port) as proxy:
        station = Station(f"mqtt://127.0.0.1:{proxy.port}", "newest")
        ear = Ear(ward.mqtt_port, station)
        health = station.topics.health()
        for number in range(5):
            station.states.put(RetainedMessage(health, str(number).encode()))
        station.until(lambda: bool(ear.on(health)))
        proxy.reset()
        with pytest.raises(LinkError) as caught:
            station.until(lambda: False)
        assert caught.value.code == "broker_unreachable"
        station.job.close()
        assert not station.memory.stats.state().connected
        station.states.put(RetainedMessage(health, b"9"))
        station.fresh()
        station.until(lambda: len(ear.on(health)) >= 2)
        assert ear.on(health) == [b"4", b"9"]
        assert station.memory.stats.state().reconnects == 1
        ear.close()
        station.close()


def test_a_cleared_state_is_cleared_once(station: Station, ear: Ear) -> None:
    fault = station.topics.fault("disk_full")
    station.states.put(RetainedMessage(fault, b"{}"))
    station.until(lambda: bool(ear.on(fault)))
    station.states.put(RetainedMessage(fault, b""))
    station.until(lambda: len(ear.on(fault)) == 2)
    station.until(lambda: fault not in station.states.topics())
    assert ear.on(fault) == [b"{}", b""]


def test_what_an_earlier_run_left_retained_is_cleared(ward: Ward, station: Station, ear: Ear) -> None:
    left, stands = station.topics.fault("camera_lost"), station.topics.fault("disk_full")
    for topic in (left, stands):
        ear.say(topic, b"{}", retain=True)
    station.stale = [left, stands, station.topics.birth()]
    station.states.put(RetainedMessage(stands, b'{"still": 1}'))
    station.until(lambda: len(ear.on(left)) == 2 and len(ear.on(stands)) == 2 and station.forgotten == [left])
    with Ear(ward.mqtt_port, station) as late:
        late.wait(station.topics.birth())
        late.wait(stands)
        assert late.on(left) == []
    assert station.forgotten == [left]


def test_a_fault_that_opens_while_old_ones_are_cleared_stands(station: Station, ear: Ear) -> None:
    fault = station.topics.fault("model_missing")

    class Noted(list[str]):
        """What the disk tells; the fault is told by another thread while it is read."""

        def __iter__(self) -> Iterator[str]:
            station.states.put(RetainedMessage(fault, b'{"now": 1}'))
            return super().__iter__()

    station.stale = Noted([fault])
    station.until(lambda: bool(ear.on(fault)))
    assert ear.on(fault) == [b'{"now": 1}']
    assert fault in station.states.topics()


@pytest.mark.fault("B21", "the line is cut in the middle of messages")
def test_nothing_is_lost_when_the_line_breaks_in_the_middle(ward: Ward) -> None:
    with Proxy(ward.mqtt_port) as proxy:
        station = Station(f"mqtt://127.0.0.1:{proxy.port}", "middle")
        ear = Ear(ward.mqtt_port, station)
        event = EVENT.format("middle")
        for row in range(100):
            station.put(row, event, {"row": row, "fill": "x" * 1000})
        proxy.reset_at = 40_000
        with pytest.raises(LinkError):
            station.until(lambda: not station.rows)
        assert station.rows
        station.job.close()
        station.fresh()
        station.until(lambda: not station.rows)
        assert sorted(station.acked) == list(range(100))
        ear.wait_rows(event, set(range(100)))
        ear.close()
        station.close()


@pytest.mark.fault("B19", "a half-open line: nothing passes, nothing is closed")
def test_a_dead_line_is_noticed_within_45_s(ward: Ward) -> None:
    with Proxy(ward.mqtt_port) as proxy:
        station = Station(f"mqtt://127.0.0.1:{proxy.port}", "dead")
        station.until(lambda: station.memory.stats.state().connected)
        station.until(lambda: station.memory.stats.state().rtt_ms is not None)
        proxy.stall()
        station.job.run_once()  # what was on its way
        station.clock.skipped_s = 30.0
        station.job.run_once()
        station.clock.skipped_s = 45.0
        with pytest.raises(LinkError, match=r"does not answer|không trả lời"):
            station.job.run_once()
        station.job.close()


@pytest.mark.fault("B19", "a broker that never answers the connect")
def test_a_broker_that_never_answers_the_connect(ward: Ward) -> None:
    with Proxy(ward.mqtt_port) as proxy:
        proxy.stall()
        station = Station(f"mqtt://127.0.0.1:{proxy.port}", "mute")
        station.job.run_once()
        station.clock.skipped_s = 11.0
        with pytest.raises(LinkError) as caught:
            station.job.run_once()
        assert caught.value.code == "broker_unreachable"
        station.job.close()


@pytest.mark.fault("B22", "broker killed, restarted with empty persistence")
def test_broker_killed_and_restarted_empty(tmp_path: Path) -> None:
    try:
        own = Ward.start(tmp_path, WardOptions(upload=False, persistence=False))
    except WardError as error:
        pytest.skip(str(error))
    with own:
        station = Station(own.mqtt_url, "empty")
        station.put(1, EVENT.format("empty"), {})
        station.until(lambda: station.acked == [1])
        own.kill_broker()
        station.put(2, EVENT.format("empty"), {})
        with pytest.raises(LinkError):
            station.until(lambda: False)
        station.job.close()
        with pytest.raises(LinkError, match=r"refuses connections|từ chối kết nối"):
            station.fresh().run_once()
        own.start_broker()
        station.fresh()
        station.until(lambda: station.acked == [1, 2])
        station.close()


def test_a_fault_overtakes_a_backlog(station: Station, ear: Ear) -> None:
    event, fault = EVENT.format(station.topics.node), station.topics.fault("disk_full")
    for row in range(200):
        station.put(row, event, {"row": row})
    station.until(lambda: len(station.acked) >= 20)
    station.states.put(RetainedMessage(fault, b"{}"))
    station.until(lambda: not station.rows)
    ear.wait(event, 200)
    topics = [message.topic for message in ear.heard if message.topic in {event, fault}]
    assert topics.index(fault) < len(topics) - 50


def test_will_delay_and_session_expiry_are_asked_for(ward: Ward) -> None:
    seen: list[bytes] = []
    with Proxy(ward.mqtt_port) as proxy:
        proxy.answer = seen.append
        station = Station(f"mqtt://127.0.0.1:{proxy.port}", "asked")
        station.until(lambda: station.memory.stats.state().connected)
        station.close()
    assert b"\x18" + (60).to_bytes(4, "big") in seen[0]  # will delay interval
    assert b"\x11" + (86_400).to_bytes(4, "big") in seen[0]  # session expiry interval


def test_rebirth(station: Station, ear: Ear) -> None:
    station.states.put(RetainedMessage(station.topics.health(), b"{}"))
    station.until(lambda: bool(ear.on(station.topics.health())))
    station.memory.ask_rebirth()
    station.until(lambda: len(ear.on(station.topics.birth())) > 1 and len(ear.on(station.topics.health())) > 1)
    first, again = ear.on(station.topics.birth())
    assert first == again
    assert ear.on(station.topics.health()) == [b"{}", b"{}"]


def test_commands_come_in_and_are_acknowledged_after_they_were_dealt_with(station: Station, ear: Ear) -> None:
    station.until(lambda: bool(ear.on(station.topics.birth())))
    ear.say(station.topics.command("rebirth"), b"first")

    def fail(topic: str, payload: bytes, retained: bool) -> None:
        raise StorageError(Text(en="full", vi="đầy"))

    station.on_command = fail
    with pytest.raises(StorageError):
        station.until(lambda: False)
    station.job.close()
    station.on_command = lambda *_: None
    station.fresh()
    station.until(lambda: len(station.commands) == 2)
    ear.say(station.topics.command("identify"), b"second", retain=True)
    station.until(lambda: len(station.commands) == 3)
    assert [payload for _, payload, _ in station.commands] == [b"first", b"first", b"second"]


def test_commands_that_were_sent_while_away_arrive(ward: Ward, ear: Ear, station: Station) -> None:
    station.until(lambda: bool(ear.on(station.topics.birth())))
    station.close()
    ear.say(station.topics.command("rebirth"), b"while away")
    station.stop.clear()
    station.fresh()
    station.until(lambda: bool(station.commands))
    assert station.commands == [(station.topics.command("rebirth"), b"while away", False)]


def test_messages_that_nobody_has_subscribed_to_are_counted(station: Station, ear: Ear) -> None:
    nobodys, event = "another/ward/altogether", EVENT.format(station.topics.node)
    for row, topic in enumerate((nobodys, event, nobodys), start=1):
        station.put(row, topic, {"row": row})
    station.until(station.empty)
    ear.wait(event, 1)
    assert station.memory.stats.state().unheard == 2, "the broker said so (PUBACK 16)"
