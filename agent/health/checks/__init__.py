"""The self-test: one small file per check, each a function from facts to rows. Used by the ward's `selftest`
command, the setup page and `camera-agent doctor`.
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
    notice,
    packages,
    power,
    retention,
    secrets,
    server,
    service,
    tls,
    upload,
    watchdog,
    wifi,
)
from agent.health.checks.facts import Facts, Looked, Setup, Tried
from agent.health.checks.titles import title_of

CHECKS = (
    cameras.check,
    model.check,
    retention.check,
    disk.check,
    card.check,
    clock.check,
    power.check,
    wifi.check,
    line.check,
    tls.check,
    certificate.check,
    server.check,
    upload.check,
    service.check,
    watchdog.check,
    secrets.check,
    notice.check,
    packages.check,
    faults.check,
)

__all__ = ["CHECKS", "Facts", "Looked", "Setup", "Tried", "check_all", "title_of"]


def check_all(facts: Facts) -> tuple[CheckRow, ...]:
    """Every row, in a fixed order."""
    return tuple(row for check in CHECKS for row in check(facts))
