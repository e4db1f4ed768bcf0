"""The self-test: one small file per check, each a function from facts to rows. Used by the ward's `selftest` command
and by whoever stands before the device.
"""

from agent.contract.answers import CheckRow
from agent.health.checks import (
    cameras,
    card,
    certificate,
    clock,
    disk,
    faults,
    line,
    model,
    power,
    retention,
    secrets,
    upload,
    watchdog,
)
from agent.health.checks.facts import Facts, Setup

CHECKS = (
    cameras.check,
    model.check,
    retention.check,
    disk.check,
    card.check,
    clock.check,
    power.check,
    line.check,
    certificate.check,
    upload.check,
    watchdog.check,
    secrets.check,
    faults.check,
)

__all__ = ["CHECKS", "Facts", "Setup", "check_all"]


def check_all(facts: Facts) -> tuple[CheckRow, ...]:
    """Every row, in a fixed order."""
    return tuple(row for check in CHECKS for row in check(facts))
