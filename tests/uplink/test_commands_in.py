"""Commands on their way in, at a real broker: floods, packets without end, what is retained, what breaks."""

from collections.abc import Iterator

import pytest

from agent.uplink import RetainedMessage
from agent.uplink.bounded import LARGEST_IN, PIECE
from deploy.ward import Ward
from tests.uplink.station import Ear, Station


@pytest.fixture(params=["5", "3.1.1"])
def station(ward: Ward, request: pytest.FixtureRequest) -> Iterator[Station]:
    name = request.node.name.split("[")[0].replace("_", "-").lower()[5:55]
    made = Station(ward.mqtt_url, f"{name}-{request.param[0]}", protocol=request.param)
    yield made
    made.close()


@pytest.fixture
def ear(ward: Ward, station: Station) -> Iterator[Ear]:
    with Ear(ward.mqtt_port, station) as made:
        station.until(lambda: bool(made.on(station.topics.birth())))
        yield made


def is_five(station: Station) -> bool:
    return station.link.section.protocol == "5"


def test_a_command_without_end_is_cut_and_acknowledged(ward: Ward, station: Station, ear: Ear) -> None:
    topic = station.topics.command("rebirth")
    ear.say(topic, b"x" * 5_000_000)
    ear.say(topic, b"after it")
    station.until(lambda: (topic, b"after it", False) in station.commands)
    lengths = [len(payload) for _, payload, _ in station.commands]
    if is_five(station):
        assert lengths == [8], "the broker knows what we take, and drops it"
    else:
        assert len(lengths) == 2 and 64_000 < lengths[0] <= LARGEST_IN + PIECE
    station.close()
    station.stop.clear()
    station.fresh()
    ear.say(topic, b"later")
    station.until(lambda: (topic, b"later", False) in station.commands)
    assert len(station.commands) == len(lengths) + 1, "it did not come again"


@pytest.mark.fault("C31", "a flood of commands: all are heard, events still leave")
def test_a_flood_comes_whole_and_keeps_nothing_back(station: Station, ear: Ear) -> None:
    topic, event = station.topics.command("rebirth"), station.topics.event("gate", "intrusion")
    heard_at_ack: list[int] = []
    for number in range(1000):
        ear.client.publish(topic, str(number).encode(), 1)
    station.put(1, event, {"row": 1})

    def all_there() -> bool:
        if station.acked and not heard_at_ack:
            heard_at_ack.append(len(station.commands))
        return len(station.commands) >= 1000

    station.until(all_there, 2000)
    assert [int(payload) for _, payload, _ in station.commands] == list(range(1000))
    assert heard_at_ack and heard_at_ack[0] < 1000
    station.close()
    station.stop.clear()
    station.fresh()
    ear.say(topic, b"later")
    station.until(lambda: station.commands[-1][1] == b"later")
    assert len(station.commands) == 1001, "all were acknowledged"


def test_a_refusal_leaves_without_the_spool(station: Station, ear: Ear) -> None:
    said = RetainedMessage(station.topics.response("one"), b'{"code": "bad_json"}', 600)
    station.on_command = lambda *_: said
    ear.say(station.topics.command("rebirth"), b"rubbish")
    station.until(lambda: bool(ear.on(said.topic)))
    assert ear.on(said.topic) == [said.payload]
    assert not any(message.retain for message in ear.heard if message.topic == said.topic)
    assert station.acked == []


def test_retained_commands_show_it_or_do_not_come(ward: Ward, station: Station, ear: Ear) -> None:
    topic = station.topics.command("identify")
    ear.say(topic, b"stands", retain=True)
    station.until(lambda: bool(station.commands))
    assert station.commands == [(topic, b"stands", is_five(station))]
    station.commands.clear()
    station.close()
    station.stop.clear()
    station.fresh()
    ear.say(topic, b"now")
    wanted = {(topic, b"now", False)} | (set() if is_five(station) else {(topic, b"stands", True)})
    station.until(lambda: wanted <= set(station.commands))
    assert len(station.commands) == len(wanted)
    ear.say(topic, b"", retain=True)


def test_a_command_that_breaks_the_node_is_not_brought_again(station: Station, ear: Ear) -> None:
    topic = station.topics.command("rebirth")

    def broken(*_: object) -> None:
        raise ZeroDivisionError

    station.on_command = broken
    ear.say(topic, b"poison")
    with pytest.raises(ZeroDivisionError):
        station.until(lambda: False)
    station.job.close()
    station.on_command = lambda *_: None
    station.fresh()
    ear.say(topic, b"later")
    station.until(lambda: station.commands[-1][1] == b"later")
    assert [payload for _, payload, _ in station.commands] == [b"poison", b"later"]
