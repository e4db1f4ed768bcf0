"""Tracks over time become events. Pure: no clock but the frames' own, no file, no network.

One file per rule; `ruleset.RuleSet` is the door, `lifecycle` the life all events share.
"""

from agent.rules.rule import RuleState
from agent.rules.ruleset import RuleSet

__all__ = ["RuleSet", "RuleState"]
