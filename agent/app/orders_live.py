"""The commands about the picture of now, joined with what pushes it."""

from typing import TYPE_CHECKING

from agent.clock import Clock
from agent.commands import Command
from agent.commands.live import LiveDoors, LiveKeepaliveCommand, LiveStartCommand, LiveStopCommand
from agent.config.model import Config
from agent.uplink.live.words import PAUSED
from agent.values import LiveGrant, LiveNo, LiveWish

if TYPE_CHECKING:
    from agent.app.node import Node


def live_commands(node: "Node", config: Config, clock: Clock) -> tuple[Command, ...]:
    """None on a node without a media server: it does not claim that it can."""
    if node.live is None:
        return ()
    desk = node.live.desk
    cams = frozenset(camera.id for camera in config.cameras)

    def plan(wish: LiveWish) -> LiveGrant | LiveNo:
        return LiveNo("busy", PAUSED) if node.pause.active else desk.plan(wish)

    doors = LiveDoors(plan, desk.begin, node.access.write)
    return (LiveStartCommand(cams, doors, clock), LiveKeepaliveCommand(desk.heard), LiveStopCommand(desk.stop))
