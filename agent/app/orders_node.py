"""The commands about the node itself."""

from typing import TYPE_CHECKING

from agent.clock import Clock
from agent.commands import Command, RebirthCommand
from agent.config.model import Config

if TYPE_CHECKING:
    from agent.app.node import Node


def node_commands(node: "Node", config: Config, clock: Clock) -> tuple[Command, ...]:
    """What the ward may ask of the node as a whole."""
    return (RebirthCommand(node.reborn),)
