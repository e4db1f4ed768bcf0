"""All checks of a node: by the running node's own report where there is one, else by what can be looked at alone."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from agent.app.selftest import setup_of
from agent.clock import Clock
from agent.config.model import Config
from agent.contract.answers import CheckRow
from agent.errors import AgentError
from agent.health.checks import Facts, check_all
from agent.health.status import StatusReport, places, read_status
from agent.tools.doctor.look import Tell, look_alone, look_at_machine, report_alone

Source = Literal["node", "here"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One check, and who knows it: the running node, or this command by looking itself."""

    row: CheckRow
    source: Source


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """`age_s`: of the node's report; None: no node runs here."""

    node: str
    ward: str
    age_s: float | None
    findings: tuple[Finding, ...] = field(default_factory=tuple)

    @property
    def well(self) -> bool:
        """Nothing is an error."""
        return all(finding.row.state != "error" for finding in self.findings)


def diagnose(config: Config, clock: Clock, tell: Tell) -> Diagnosis:
    """Takes from a second (a node runs) to a minute or two (eight cameras that do not answer)."""
    status = _running(config, clock)
    now = clock.now()
    here = Facts(
        setup=setup_of(config),
        report=report_alone(config, clock),
        clock_trusted=now.trusted,
        clock_error_ms=clock.error_ms,
        now_ns=now.wall_ns,
        live=False,
        looked=look_at_machine() if status else look_alone(config, clock, tell),
    )
    alone = [Finding(row, "here") for row in check_all(here)]
    if status is None:
        return Diagnosis(config.node.id, config.node.ward, None, tuple(alone))
    node = Facts(
        setup=here.setup,
        report=status.health,
        faults=status.faults,
        clock_trusted=status.clock_set,
        clock_error_ms=clock.error_ms,
        watchdog_s=status.watchdog_s,
        now_ns=now.wall_ns,
    )
    told = [Finding(row, "node") for row in check_all(node)]
    return Diagnosis(config.node.id, config.node.ward, status.age_s(clock), merged(told, alone))


def merged(told: Sequence[Finding], alone: Sequence[Finding]) -> tuple[Finding, ...]:
    """What the node tells counts; what it cannot tell, and somebody beside it can, is taken from there.

    The files of secrets are looked at from here: whoever mended their rights need not wait.
    """
    by_name = {finding.row.name: finding for finding in alone}
    made = []
    for finding in told:
        own = by_name.pop(finding.row.name, None)
        better = own is not None and own.row.state != "unknown"
        fresh = finding.row.state == "unknown" or finding.row.name == "secrets"
        made.append(own if own is not None and better and fresh else finding)
    kinds = {finding.row.name.partition(" ")[0] for finding in made}
    rest = [finding for finding in by_name.values() if finding.row.name not in kinds]
    at = next((index for index, finding in enumerate(made) if finding.row.name == "watchdog"), len(made))
    return (*made[:at], *rest, *made[at:])


def _running(config: Config, clock: Clock) -> StatusReport | None:
    try:
        status = read_status(config.node.id, places(config.node.data_dir), clock)
    except AgentError:
        return None
    return status if status.running(clock) else None
