"""What the consumer is told, and what it tells."""

from dataclasses import dataclass, field

from agent.tools.fleet.measures import Delays


@dataclass(frozen=True, slots=True)
class Listening:
    """Where to listen, and as whom. `keys`: a file for what was seen, 8 bytes for each revision of an event."""

    urls: tuple[str, ...]
    prefix: str
    name: str
    keys: str
    protocol: str = "5"
    username: str | None = None
    password: str = ""
    ca: str | None = None
    cert: str | None = None
    key: str | None = None


@dataclass(frozen=True, slots=True)
class Heard:
    """What the ward's side saw."""

    messages: int = 0
    events: int = 0  # revisions that were accepted
    duplicates: int = 0  # that came again, and were dropped
    connects: int = 0
    quiet_max_s: float = 0.0  # the longest time in which nothing came
    late: int = 0  # said of themselves that they waited for over a minute
    lag_ms: Delays = field(default_factory=Delays)  # from `sent_utc` to here, of what was published while we listened
