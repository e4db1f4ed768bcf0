"""One broker of a cluster dies under load: do nodes fail over, is anything lost, are repetitions told apart?

Three RabbitMQ nodes (Debian's, `deploy/city`) with mirrored session queues. Simulated nodes (the agent's own line,
lists of all three brokers, each beginning with another) publish events; the consumer hears them over a persistent
session, at first on the broker that dies first. kill -9 while all is busy; the full run starts it again and kills the
next, and the third. `lost`: revisions of events that a broker acknowledged or a node held, and that the consumer never
heard.
`duplicates_after_dedupe`: revisions that the consumer accepted twice. `gap_s`: the longest time that a node was without
a connection; `gap_p50_s` of half of them. `quiet_s`: the longest time in which the consumer heard nothing at all.
"""

import tempfile
from dataclasses import dataclass, field
from pathlib import Path

from agent.config.model import MqttSection
from agent.tools.fleet import Plan, Report, simulate
from agent.tools.fleet.simulate import Glance
from bench.truth import Absent
from deploy.city import Cluster, find_rabbitmq
from deploy.ward.child import WardError
from deploy.ward.ward import default_cache

EVENTS_PER_HOUR, EVENT_S = 3600.0, 2.0  # three messages in three seconds, of each node
QUICK_NODES, NODES = 60, 150
CALM_S = 8.0  # between the arrival of the last node and the first kill
APART_S = 30.0  # between two kills: the broker is back and its queues are in step
BACK_S = 5.0  # after a kill, before it is started again
SEEN_S = 9.0  # what is looked at after the last kill


def run(quick: bool) -> dict[str, object]:
    """Table for people, figures for programs. Raises Absent without RabbitMQ."""
    nodes, kills = (QUICK_NODES, 1) if quick else (NODES, 3)
    ramp_s = nodes / 12
    first_s = ramp_s + (3.0 if quick else CALM_S)
    seconds = first_s + (kills - 1) * APART_S + SEEN_S
    with tempfile.TemporaryDirectory() as directory:
        try:
            rabbitmq = find_rabbitmq(default_cache())
            with Cluster(Path(directory), rabbitmq) as cluster:
                chaos = Chaos(cluster, tuple(first_s + number * APART_S for number in range(kills)))
                report = simulate(_plan(cluster.urls, nodes, ramp_s, seconds), chaos.tell)
        except WardError as error:
            raise Absent(str(error)) from error
    figures = _figures(report, len(chaos.killed))
    for name, value in figures.items():
        print(f"{name:26} {value}")
    return figures


@dataclass
class Chaos:
    """Kills one broker after the other at their times, and starts each again a little later."""

    cluster: Cluster
    times_s: tuple[float, ...]
    killed: list[int] = field(default_factory=list)
    started: list[int] = field(default_factory=list)

    def tell(self, glance: Glance) -> bool:
        """Asked every second."""
        number = len(self.killed)
        if number < len(self.times_s) and glance.second >= self.times_s[number]:
            self.cluster.kill(number)
            self.killed.append(number)
        again = len(self.started)
        if again < len(self.killed) and len(self.times_s) > 1 and glance.second >= self.times_s[again] + BACK_S:
            self.cluster.start(again)
            self.started.append(again)
        return True


def _plan(urls: list[str], nodes: int, ramp_s: float, seconds: float) -> Plan:
    section = MqttSection.model_validate({"url": urls, "prefix": "bench"})
    return Plan(
        nodes=nodes,
        section=section,
        seconds=seconds,
        events_per_hour=EVENTS_PER_HOUR,
        event_s=EVENT_S,
        health_s=20.0,
        ramp_s=ramp_s,
        drain_s=30.0,
    )


def _figures(report: Report, kills: int) -> dict[str, object]:
    told, heard = report.messages, report.heard
    assert heard is not None and told.lost is not None
    # What was made and is neither heard nor still held; `held` counts messages, all of them events here.
    never_heard = told.made - told.held - heard.events
    return {
        "nodes": report.nodes,
        "kills": kills,
        "lost": max(told.lost, never_heard),
        "duplicates_after_dedupe": told.accepted_twice,
        "gap_s": round((report.away_ms.max or 0.0) / 1000, 2),
        "gap_p50_s": round((report.away_ms.p50 or 0.0) / 1000, 2),
        "failed_over": report.away_ms.count,
        "connected_at_end": report.connected,
        "events_made": told.made,
        "events_acked": told.acked,
        "events_held_at_end": told.held,
        "events_dropped": told.dropped,
        "duplicates_heard": told.sent_again,
        "quiet_s": heard.quiet_max_s,
        "puback_ms_p50": report.puback_ms.p50,
        "puback_ms_p99": report.puback_ms.p99,
        "lag_ms_p50": heard.lag_ms.p50,
        "lag_ms_p99": heard.lag_ms.p99,
    }
