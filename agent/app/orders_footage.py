"""The commands about footage, joined with the rooms that hold it."""

from typing import TYPE_CHECKING

from agent.clock import Clock, Moment
from agent.commands import ClipRequestCommand, Command, FootageDoors
from agent.config.model import Config
from agent.values import FootageFound

if TYPE_CHECKING:
    from agent.app.node import Node


def footage_commands(node: "Node", config: Config, clock: Clock) -> tuple[Command, ...]:
    """What the ward may ask about footage."""
    cams = frozenset(camera.id for camera in config.cameras)

    def plan(cam: str, start: Moment, end: Moment) -> FootageFound:
        # Asked each time: a damaged index is replaced while the node runs.
        return node.footage.library.plan(cam, start, end)

    doors = FootageDoors(plan, node.spool.want, node.spool.put, node.access.write)
    return (ClipRequestCommand(node.line.topics, cams, doors, clock),)
