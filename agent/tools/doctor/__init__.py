"""`camera-agent doctor`: the checks of agent/health/checks, run by a person beside the node."""

from agent.tools.doctor.doctor import Diagnosis, Finding, diagnose
from agent.tools.doctor.table import as_json, table

__all__ = ["Diagnosis", "Finding", "as_json", "diagnose", "table"]
