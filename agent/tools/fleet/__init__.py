"""A city of nodes in one process, for whoever must know what a broker bears: `simulate(plan)` gives a `Report`.

Each simulated node runs the agent's own line to the broker (MqttJob, LinkMemory, Patience) and says messages of the
contract; only its cameras and its disk are not there. One thread turns all connections, a few more make new ones.
"""

from agent.tools.fleet.plan import Plan
from agent.tools.fleet.report import Report
from agent.tools.fleet.simulate import simulate

__all__ = ["Plan", "Report", "simulate"]
