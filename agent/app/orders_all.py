"""All commands of a node. Importing this loads them: `orders.py` does so when the first one comes."""

from typing import TYPE_CHECKING

from agent.app.orders_config import config_commands
from agent.app.orders_footage import footage_commands
from agent.app.orders_live import live_commands
from agent.app.orders_node import node_commands
from agent.clock import Clock
from agent.commands import Command
from agent.config.model import Config

if TYPE_CHECKING:
    from agent.app.node import Node


def all_commands(node: "Node", config: Config, clock: Clock) -> tuple[Command, ...]:
    """Theme by theme."""
    return (
        *node_commands(node, config, clock),
        *footage_commands(node, config, clock),
        *live_commands(node, config, clock),
        *config_commands(node, clock),
    )
