"""What a run found."""

from dataclasses import dataclass

from agent.i18n import Text
from agent.tools.fleet.heard import Heard
from agent.tools.fleet.machine import Cost
from agent.tools.fleet.measures import Delays, Flatness


@dataclass(frozen=True, slots=True)
class Messages:
    """What became of the revisions of events that nodes made, up to the end."""

    made: int
    acked: int  # revisions that a broker acknowledged
    held: int  # messages that the nodes still held at the end
    dropped: int  # by the nodes, because they held too much
    lost: int | None  # acknowledged, and never heard by the consumer; None without one
    sent_again: int | None  # heard more than once
    accepted_twice: int | None  # by a consumer that tells them apart by (node, id, rev)


@dataclass(frozen=True, slots=True)
class Report:
    """Seconds count from the moment the power came, or the run began."""

    nodes: int
    connected: int  # at the end of the run
    greeted: int  # let in at least once
    started_unix: float
    seconds: float
    spread_s: float
    flat: Flatness  # of connections in the spread
    wanted: Flatness  # of the nodes' own choice of moments: this machine being late is not in it
    tries: list[int]  # when nodes wanted to connect, by the second
    connects: list[int]  # when they were let in, by the second
    pubacks: list[int]  # by the second
    publish_per_s: float  # on average, of everything
    puback_ms: Delays
    away_ms: Delays  # without a connection, after one was lost
    late_ms: Delays  # by which this program itself was late
    failures: dict[str, int]  # connections and tries that ended, by code
    said: dict[str, Text]  # what was said of the last of each code
    messages: Messages
    heard: Heard | None
    broker: Cost | None
    self_mb: float
    commands: int
