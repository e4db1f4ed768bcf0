"""Two nodes on one broker: nothing that is meant for one has an effect on the other."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ulid import ULID

from agent.commands import Inbox, RebirthCommand, SeenRequests, Trust
from agent.contract.base import utc
from agent.uplink import RetainedMessage
from agent.values import Draft
from deploy.ward import Ward
from tests.uplink.station import Ear, Station


class Node:
    """A line with an inbox behind it; `runs` counts what its commands did."""

    def __init__(self, ward: Ward, directory: Path, name: str) -> None:
        self.runs = 0
        self.station = Station(ward.mqtt_url, name)
        self.ear = Ear(ward.mqtt_port, self.station)
        seen = SeenRequests(directory / f"{name}.db")
        self.inbox = Inbox(self.station.topics, [RebirthCommand(self._ran)], Trust(seen), self._put, self.station.clock)
        self.station.on_command = self._take
        self._rows = 0

    def _take(self, topic: str, payload: bytes, retained: bool) -> RetainedMessage | None:
        said = self.inbox.take(topic, payload, retained)
        return RetainedMessage(said.topic, said.body) if said else None

    def _ran(self) -> None:
        self.runs += 1

    def _put(self, draft: Draft) -> None:
        self._rows += 1
        self.station.put(self._rows, draft.topic, draft.body)

    def close(self) -> None:
        self.station.close()
        self.ear.close()


def turn_both(nodes: tuple[Node, Node], done: Callable[[], bool]) -> None:
    for _ in range(100):
        if done():
            return
        for node in nodes:
            node.station.job.run_once()
    raise AssertionError("not in time")


def rebirth(node: Node) -> dict[str, Any]:
    now = node.station.clock.now()
    return {"request_id": str(ULID()), "issued_utc": utc(now.wall_ns), "expires_in_s": 60}


def test_a_command_reaches_its_node_and_no_other(ward: Ward, tmp_path: Path) -> None:
    one, two = nodes = (Node(ward, tmp_path, "two-nodes-a"), Node(ward, tmp_path, "two-nodes-b"))
    turn_both(nodes, lambda: all(node.ear.on(node.station.topics.birth()) for node in nodes))
    wish = rebirth(one)
    one.ear.say(one.station.topics.command("rebirth"), json.dumps(wish).encode())
    answer_topic = one.station.topics.response(wish["request_id"])
    turn_both(nodes, lambda: bool(one.ear.on(answer_topic)))
    assert json.loads(one.ear.on(answer_topic)[0])["result"] == "done"
    # A marker that follows the command on the same broker: when it has come, the command would have come too.
    two.ear.say(two.station.topics.command("identify"), b"{}")
    turn_both(nodes, lambda: bool(two.station.commands))
    assert (one.runs, two.runs) == (1, 0)
    assert [topic for topic, _, _ in two.station.commands] == [two.station.topics.command("identify")]
    assert two.ear.on(two.station.topics.response(wish["request_id"])) == []
    for node in nodes:
        node.close()


def test_each_is_heard_below_its_own_id(ward: Ward, tmp_path: Path) -> None:
    one, two = nodes = (Node(ward, tmp_path, "two-nodes-c"), Node(ward, tmp_path, "two-nodes-d"))
    for row, node in enumerate(nodes, start=1):
        node.station.put(row, node.station.topics.event("gate", "crowd"), {"node": node.station.topics.node})
    turn_both(nodes, lambda: not one.station.rows and not two.station.rows)
    for node in nodes:
        node.ear.wait(node.station.topics.event("gate", "crowd"))
    one.station.close()
    one.ear.wait(one.station.topics.availability(), 2)
    for node in nodes:
        assert [json.loads(body)["node"] for body in node.ear.on(node.station.topics.event("gate", "crowd"))] == [
            node.station.topics.node
        ]
    assert one.ear.states(one.station.topics.availability()) == ["online", "stopped"]
    assert two.ear.states(two.station.topics.availability()) == ["online"]
    one.ear.close()
    two.close()


def test_the_same_request_to_both_is_two_requests(ward: Ward, tmp_path: Path) -> None:
    one, two = nodes = (Node(ward, tmp_path, "two-nodes-e"), Node(ward, tmp_path, "two-nodes-f"))
    turn_both(nodes, lambda: all(node.ear.on(node.station.topics.birth()) for node in nodes))
    wish = json.dumps(rebirth(one)).encode()
    for node in nodes:
        node.ear.say(node.station.topics.command("rebirth"), wish)
    turn_both(nodes, lambda: one.runs > 0 and two.runs > 0)
    assert (one.runs, two.runs) == (1, 1)
    for node in nodes:
        node.close()
