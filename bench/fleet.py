"""A city of nodes on one broker: 10,000 simulated nodes, mosquitto, and a consumer that listens as the ward does.

First the power comes back for all within one second (`--quick` too): `peak_over_mean` is the fullest second of the
connections over the mean of the spread (`mqtt.spread`), `wanted_*` the same of when nodes wanted to connect (a busy
machine is late), `curve` the connections by the second. Nodes then say health
and events. The full run then kills the broker (kill -9) and starts it again two seconds later: `restart_*` tell how
all nodes come back: when they wanted to, and when they were let in. `broker_mb` is mosquitto's memory at its most,
`lost` what it acknowledged and the consumer never heard, `lag_ms_*` from a node's `sent_utc` to the consumer, which
runs in a process of its own. The nodes run the agent's own line (TCP, MQTT 5, QoS 1, 18 command topics each);
`own_late_ms_p99` tells how late this program itself was.
"""

import resource
import tempfile
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path

from agent.config.model import MqttSection
from agent.tools.fleet import Plan, Report, simulate
from agent.tools.fleet.measures import flatness
from agent.tools.fleet.simulate import SPARE_FILES, Glance
from agent.uplink.patience import FIRST_S, SPREAD_PARTS
from bench.truth import Absent
from deploy.ward import Ward, WardError, WardOptions

NODES = 10_000
SPREAD_S, QUICK_SPREAD_S = 60.0, 24.0
LIVE_S, QUICK_LIVE_S = 40.0, 3.0  # after the spread
DEAD_S = 2.0
BACK_S = 45.0  # what is looked at after the broker is back
ALL = 0.999
FLAT = 1.5  # the fullest second may have so many times the mean
# A consumer that is away must not lose messages to the broker's default of 1,000.
BROKER = ("max_queued_messages 1000000", "max_inflight_messages 1000", "max_connections -1")


def run(quick: bool) -> dict[str, object]:
    """Table for people, figures for programs. Raises Absent without mosquitto."""
    nodes = min(NODES, resource.getrlimit(resource.RLIMIT_NOFILE)[1] - SPARE_FILES)
    spread_s, live_s = (QUICK_SPREAD_S, QUICK_LIVE_S) if quick else (SPREAD_S, LIVE_S)
    cut_s = spread_s + live_s
    section = {"prefix": "bench", "spread": f"{spread_s:g}s", "keepalive": "60s"}
    with tempfile.TemporaryDirectory() as directory:
        try:
            options = WardOptions(upload=False, broker_lines=BROKER)
            with Ward.start(Path(directory), options) as ward:
                plan = Plan(
                    nodes=nodes,
                    section=MqttSection.model_validate({"url": ward.mqtt_url, **section}),
                    seconds=cut_s if quick else cut_s + BACK_S,
                    power_cut=True,
                    wards=max(nodes // 100, 1),
                )
                restart = Restart(ward, None if quick else cut_s)
                report = simulate(plan, restart.tell)
        except WardError as error:
            raise Absent(str(error)) from error
    figures = _figures(report) | ({} if quick else _restart(report, restart))
    for name, value in figures.items():
        if not isinstance(value, list):
            print(f"{name:24} {value}")
    return figures


@dataclass
class Restart:
    """Kills the broker at `at_s`, and starts it again a little later."""

    ward: Ward
    at_s: float | None
    killed_s: float | None = None
    back_s: float | None = None

    def tell(self, glance: Glance) -> bool:
        """Asked every second."""
        if self.at_s is not None and self.killed_s is None and glance.second >= self.at_s:
            self.ward.kill_broker()
            self.killed_s = glance.second
        elif self.killed_s is not None and self.back_s is None and glance.second >= self.killed_s + DEAD_S:
            self.ward.start_broker()
            self.back_s = glance.second
        return True


def _figures(report: Report) -> dict[str, object]:
    heard, broker, told = report.heard, report.broker, report.messages
    assert heard is not None
    ratio = report.flat.peak_over_mean
    return {
        "nodes": report.nodes,
        "greeted": report.greeted,
        "spread_s": report.spread_s,
        "peak_over_mean": ratio,
        "wanted_peak_over_mean": report.wanted.peak_over_mean,
        "flat": ratio is not None and ratio <= FLAT,
        "peak_per_s": report.flat.peak,
        "mean_per_s": report.flat.mean,
        "broker_mb": broker.rss_mb_max if broker else None,
        "broker_kb_per_node": (
            round((broker.rss_mb_max - broker.rss_mb_before) * 1000 / report.nodes, 1) if broker else None
        ),
        "broker_cpu_pct": broker.cpu_pct if broker else None,
        "publish_per_s": report.publish_per_s,
        "publish_peak_per_s": max(report.pubacks, default=0),
        "puback_ms_p50": report.puback_ms.p50,
        "puback_ms_p99": report.puback_ms.p99,
        "lag_ms_p50": heard.lag_ms.p50,
        "lag_ms_p99": heard.lag_ms.p99,
        "lag_ms_max": heard.lag_ms.max,
        "lost": told.lost,
        "events_acked": told.acked,
        "held_at_end": told.held,
        "duplicates_heard": told.sent_again,
        "duplicates_after_dedupe": told.accepted_twice,
        "own_mb": report.self_mb,
        "own_late_ms_p99": report.late_ms.p99,
        "curve": report.connects,
    }


def _restart(report: Report, restart: Restart) -> dict[str, object]:
    assert restart.killed_s is not None and restart.back_s is not None
    back = int(restart.back_s)
    curve = report.connects[back:]
    total = sum(curve)
    reached = (number for number, seen in enumerate(accumulate(curve), 1) if seen >= ALL * total)
    all_s = next(reached, len(curve))
    flat = flatness(curve[:all_s])
    first_s = max(FIRST_S, report.spread_s / SPREAD_PARTS)
    tries = report.tries[back : int(restart.killed_s + first_s)]  # of whole seconds in which the broker was there
    wanted = flatness(tries)
    return {
        "restart_back": total,
        "restart_all_back_s": all_s,
        "restart_wanted_mean_per_s": wanted.mean,
        "restart_wanted_peak_over_mean": wanted.peak_over_mean,
        "restart_peak_per_s": flat.peak,
        "restart_peak_over_mean": flat.peak_over_mean,
        "restart_away_s_p50": round((report.away_ms.p50 or 0.0) / 1000, 2),
        "restart_away_s_max": round((report.away_ms.max or 0.0) / 1000, 2),
        "restart_curve": curve,
    }
