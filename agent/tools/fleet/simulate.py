"""One run: start the nodes, let them live, let what they hold leave, and hold what was heard against what was sent."""

import contextlib
import gc
import math
import resource
import tempfile
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil

from agent.clock import NS
from agent.errors import ConfigError
from agent.i18n import Text
from agent.tools.fleet.clocks import Power
from agent.tools.fleet.crowd import Crowd
from agent.tools.fleet.ear import Ear
from agent.tools.fleet.first import check_files, let_in
from agent.tools.fleet.heard import Heard, Listening
from agent.tools.fleet.machine import Watch, listener
from agent.tools.fleet.measures import flatness
from agent.tools.fleet.meter import Meter
from agent.tools.fleet.plan import Plan
from agent.tools.fleet.report import Messages, Report

SPARE_FILES = 200
LOOK_S = 1.0
SETTLE_S = 1.5  # the consumer has heard nothing new for so long


@dataclass(frozen=True, slots=True)
class Glance:
    """How it stands, for whoever waits."""

    second: float
    connected: int
    connects_per_s: int  # in the last whole second
    pubacks_per_s: int
    held: int
    draining: bool


def simulate(plan: Plan, tell: Callable[[Glance], bool] = lambda _glance: True) -> Report:
    """Run it. `tell` hears how it stands every second, and ends the run early by giving False.

    Raises ConfigError when this machine allows too few open files or a file of the certificates is not there, LinkError
    when one cannot be used, no broker lets the first node in, or the consumer cannot hear it.
    """
    _allow_files(plan.nodes)
    check_files(plan)
    let_in(plan)
    power = Power(plan.power_cut)
    meter = Meter(power)
    watch = Watch(plan.broker_pid or listener(plan.section.url[0]))
    with tempfile.TemporaryDirectory() as directory:
        if not plan.consumer:
            return _run(plan, Run(plan, power, meter, watch), tell, None)
        with Ear(_listening(plan, Path(directory) / "keys")) as ear:
            return _run(plan, Run(plan, power, meter, watch), tell, ear)


class Run:
    """The parts of one run, and when its phases end."""

    def __init__(self, plan: Plan, power: Power, meter: Meter, watch: Watch) -> None:
        self.power = power
        self.meter = meter
        self.watch = watch
        self.crowd = Crowd(plan, power, meter)
        self._looked_s = 0.0
        self.stopped = False

    def until(self, end_s: float, tell: Callable[[Glance], bool], draining: bool) -> Callable[[], bool]:
        """Is this phase over? Looks around once a second."""

        def over() -> bool:
            now_s = self.power.since_s()
            if now_s >= self._looked_s + LOOK_S:
                self._looked_s = now_s
                self.watch.look()
                held = self.crowd.held()
                self.stopped = not tell(self._glance(now_s, held, draining)) or self.stopped
                if draining and not held:
                    return True
            return now_s >= end_s or self.stopped

        return over

    def _glance(self, now_s: float, held: int, draining: bool) -> Glance:
        last = max(int(now_s) - 1, 0)
        connects, pubacks = (each.within(last, last + 1)[0] for each in (self.meter.connects, self.meter.pubacks))
        return Glance(now_s, self.crowd.connected, connects, pubacks, held, draining)


def _run(plan: Plan, run: Run, tell: Callable[[Glance], bool], ear: Ear | None) -> Report:
    crowd = run.crowd
    started_unix = run.power.real.now().wall_ns / NS
    try:
        with _unswept():
            crowd.start()
            crowd.run(run.until(min(plan.spread_s + 1.0, plan.seconds), tell, draining=False))
        crowd.run(run.until(plan.seconds, tell, draining=False))
        seconds = run.power.since_s()
        for node in crowd.nodes:
            node.living = False
        run.stopped = False
        crowd.run(run.until(seconds + plan.drain_s, tell, draining=True))
        connected = crowd.connected
        heard = _settled(run, tell, ear) if ear else None
    finally:
        crowd.close()
    meter = run.meter
    accepted = ear.keys() if ear else None
    seen = None if accepted is None else set(accepted)
    spread_s = max(math.ceil(plan.spread_s), 1)
    return Report(
        nodes=plan.nodes,
        connected=connected,
        greeted=meter.greeted,
        started_unix=round(started_unix, 3),
        seconds=round(seconds, 1),
        spread_s=plan.spread_s,
        flat=flatness(meter.connects.within(0, spread_s)),
        wanted=flatness(meter.tries.within(0, spread_s)),
        tries=meter.tries.seconds,
        connects=meter.connects.seconds,
        pubacks=meter.pubacks.seconds,
        publish_per_s=round(meter.puback_ms.count / seconds, 1),
        puback_ms=meter.puback_ms.told(),
        away_ms=meter.away_ms.told(),
        late_ms=meter.late_ms.told(),
        failures=dict(sorted(meter.failures.items())),
        said=dict(sorted(meter.said.items())),
        messages=Messages(
            made=meter.made_events,
            acked=meter.acked_events,
            held=crowd.held(),
            dropped=sum(node.outbox.dropped for node in crowd.nodes),
            lost=None if seen is None else len(meter.acked - seen),
            sent_again=None if heard is None else heard.duplicates,
            accepted_twice=None if accepted is None or seen is None else len(accepted) - len(seen),
        ),
        heard=heard,
        broker=run.watch.cost(seconds),
        self_mb=round(psutil.Process().memory_info().rss / 1e6, 1),
        commands=meter.commands,
    )


@contextlib.contextmanager
def _unswept() -> Iterator[None]:
    """No garbage collection: looking through the objects of 10,000 nodes halts them all for half a second."""
    gc.collect()
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()


def _settled(run: Run, tell: Callable[[Glance], bool], ear: Ear) -> Heard:
    """What the consumer heard, when nothing more comes; nodes are turned meanwhile."""
    before, end_s = ear.heard(), run.power.since_s() + 20 * SETTLE_S
    while run.power.since_s() < end_s and not run.stopped:
        run.crowd.run(run.until(run.power.since_s() + SETTLE_S, tell, draining=False))
        now = ear.heard()
        if now.events == before.events and now.duplicates == before.duplicates:
            return now
        before = now
    return before


def _listening(plan: Plan, keys: Path) -> Listening:
    section = plan.section
    files = plan.keys.of("consumer")
    ca, cert, key = (str(each) if each else None for each in (files.ca, files.cert, files.key))
    return Listening(
        urls=tuple(section.url),
        prefix=section.prefix,
        name=f"sim-consumer-{uuid.uuid4().hex[:8]}",
        keys=str(keys),
        protocol=section.protocol,
        username=section.username,
        password=plan.password,
        ca=ca,
        cert=cert,
        key=key,
    )


def _allow_files(nodes: int) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = nodes + SPARE_FILES
    if hard != resource.RLIM_INFINITY and wanted > hard:
        raise ConfigError(
            Text(
                en=f"{nodes} nodes need {wanted} open files, and this machine allows {hard}",
                vi=f"{nodes} thiết bị cần {wanted} tệp mở cùng lúc, máy này chỉ cho phép {hard}",
            ),
            Text(en="raise it with `ulimit -Hn` as root, or use fewer nodes",
                 vi="hãy tăng giới hạn bằng `ulimit -Hn` (quyền root), hoặc giảm số thiết bị"),
        )  # fmt: skip
    if soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
