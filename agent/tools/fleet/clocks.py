"""Clocks of machines that are all switched on together."""

import uuid

from agent.clock import NS, Clock, Moment
from agent.uplink.patience import JUST_BOOTED_S


class Power:
    """When the power came (back). Until `on`, the clocks of all nodes stand still."""

    def __init__(self, power_cut: bool) -> None:
        self.real = Clock()
        self._uptime_ns = 0 if power_cut else round((JUST_BOOTED_S + 1) * NS)
        self._on_ns: int | None = None

    def on(self) -> None:
        """Now."""
        self._on_ns = self.real.now().mono_ns

    def since_ns(self) -> int:
        """How long the machines have run."""
        if self._on_ns is None:
            return self._uptime_ns
        return self.real.now().mono_ns - self._on_ns + self._uptime_ns

    def since_s(self) -> float:
        """Seconds since the power came, whatever the machines' clocks say."""
        return (self.since_ns() - self._uptime_ns) / NS


class BootClock(Clock):
    """One simulated machine: a boot of its own, this machine's time of day."""

    def __init__(self, power: Power) -> None:
        self.boot_id = str(uuid.uuid4())
        self._power = power

    def now(self) -> Moment:
        """Both clocks."""
        real = self._power.real.now()
        return Moment(self._power.since_ns(), real.wall_ns, real.trusted, self.boot_id)

    def mono_s(self) -> float:
        """Seconds since this machine was switched on."""
        return self._power.since_ns() / NS

    def trusted(self) -> bool:
        """As on this machine."""
        return self._power.real.trusted()

    @property
    def error_ms(self) -> int | None:
        """As on this machine."""
        return self._power.real.error_ms
