"""The access log: who asked for what, when and why. Append-only, hash-chained, readable by the household."""

from agent.access.check import Broken, Checked, check
from agent.access.log import AccessLog
from agent.access.record import Record, parse

__all__ = ["AccessLog", "Broken", "Checked", "Record", "check", "parse"]
