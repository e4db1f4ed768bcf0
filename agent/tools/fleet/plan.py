"""What is to be simulated, checked at birth."""

from dataclasses import dataclass
from pathlib import Path

from agent.config.model import MqttSection, TlsSection
from agent.contract.topics import Topics
from agent.errors import ConfigError
from agent.i18n import Text

MOST_NODES = 60_000


@dataclass(frozen=True, slots=True)
class Keys:
    """TLS of the nodes; `{node}` in a path stands for the node's id."""

    ca: str | None = None
    cert: str | None = None
    key: str | None = None

    def of(self, node: str) -> TlsSection:
        """What one node uses."""
        ca, cert, key = (
            Path(each.replace("{node}", node)) if each else None for each in (self.ca, self.cert, self.key)
        )
        return TlsSection(ca=ca, cert=cert, key=key)


@dataclass(frozen=True, slots=True)
class Plan:
    """How many nodes do what for how long. `section` is the `mqtt` of a node's configuration."""

    nodes: int
    section: MqttSection
    seconds: float = 60.0
    events_per_hour: float = 6.0  # of one node; each event is three messages
    event_s: float = 20.0  # from its start to its end, with an update in between
    health_s: float = 60.0
    power_cut: bool = False  # all nodes boot within one second; else they start over `ramp_s`
    ramp_s: float = 30.0
    wards: int = 1
    thumb_bytes: int = 0  # 0: events come without pictures
    drain_s: float = 30.0  # after `seconds`: how long what is held may take to leave
    consumer: bool = True  # listen as the ward does, in a process of its own
    broker_pid: int | None = None  # None: found by its port, when it is on this machine
    keys: Keys = Keys()
    password: str = ""
    seed: int | None = None

    def __post_init__(self) -> None:
        if not 1 <= self.nodes <= MOST_NODES:
            raise _impossible("--nodes", self.nodes, f"1 … {MOST_NODES}")
        if not 1 <= self.wards <= self.nodes:
            raise _impossible("--wards", self.wards, f"1 … {self.nodes}")
        if not 0 < self.seconds <= 86_400:
            raise _impossible("--seconds", self.seconds, "1 … 86400")
        if not 0 <= self.events_per_hour <= 3600:
            raise _impossible("--events-per-hour", self.events_per_hour, "0 … 3600")
        if not 1 <= self.health_s <= 86_400:
            raise _impossible("--health-seconds", self.health_s, "1 … 86400")
        if not 0 <= self.ramp_s <= 86_400:
            raise _impossible("--ramp", self.ramp_s, "0 … 86400")
        if not 0 <= self.thumb_bytes <= 1_000_000:
            raise _impossible("--thumb-bytes", self.thumb_bytes, "0 … 1000000")

    @property
    def spread_s(self) -> float:
        """The time over which the first connections are to be spread."""
        return self.section.spread if self.power_cut else self.ramp_s

    def section_of(self, number: int) -> MqttSection:
        """Of several brokers each is the first of as many nodes, as an installer would have it."""
        urls = list(self.section.url)
        first = number % len(urls)
        return self.section.model_copy(update={"url": (*urls[first:], *urls[:first])}) if first else self.section

    def topics(self, number: int) -> Topics:
        """Where node `number` (from 0) speaks."""
        return Topics(self.section.prefix, f"ward-{number % self.wards + 1:03}", f"sim-{number:05}")


def _impossible(option: str, value: object, allowed: str) -> ConfigError:
    return ConfigError(
        Text(en=f"{option} {value} is not possible", vi=f"không thể dùng {option} {value}"),
        Text(en=f"allowed: {allowed}", vi=f"cho phép: {allowed}"),
    )
