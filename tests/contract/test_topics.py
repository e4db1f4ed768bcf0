"""Topics are exact and stay within the node's own tree."""

import pytest

from agent.contract.topics import Topics, node_of

TOPICS = Topics("camera", "ward-1", "node-7")


def test_topics_are_the_contract_s() -> None:
    assert TOPICS.event("gate", "line_crossing") == "camera/v1/ward-1/node-7/cam/gate/event/line_crossing"
    assert TOPICS.thumb("gate", "01J") == "camera/v1/ward-1/node-7/cam/gate/thumb/01J"
    assert TOPICS.fault("disk_full") == "camera/v1/ward-1/node-7/fault/disk_full"
    assert TOPICS.server_state() == "camera/v1/ward-1/server/state"


def test_commands_are_subscribed_exactly() -> None:
    assert "camera/v1/ward-1/node-7/cmd/rebirth" in TOPICS.commands()
    assert not any("#" in topic or "+" in topic for topic in TOPICS.commands())


def test_the_node_is_read_from_its_topic() -> None:
    assert node_of(TOPICS.health()) == "node-7"
    with pytest.raises(ValueError, match="not a node's topic"):
        node_of(TOPICS.ward)
