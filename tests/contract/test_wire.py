"""The listener beside the wards hears real nodes, and would notice a message that fits no schema."""

import json

from agent.contract.examples import examples
from tests.wire import Wire

BY_CHANNEL = {one.channel: one for one in examples()}


def test_a_message_of_a_real_node_is_judged() -> None:
    wire = Wire()
    event = BY_CHANNEL["event"]
    wire.judge(event.topic, b"{}")
    assert wire.judged == 0  # nobody was born here
    wire.judge(BY_CHANNEL["birth"].topic, BY_CHANNEL["birth"].payload)
    for one in examples():
        wire.judge(one.topic, one.payload)
    assert wire.violations == []
    assert wire.judged > 8
    wire.judge(event.topic, json.dumps(json.loads(event.payload) | {"rev": 0}).encode())
    assert len(wire.violations) == 1
    wire.judge(event.topic, b"{")
    assert len(wire.violations) == 2
