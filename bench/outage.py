"""An hour without a line, compressed: what the hour brings is told in a minute or less, to the real spool, while the
real line to a real mosquitto and a real tus server is silent (nothing is refused, nothing answers). Then it is back.

When does the first health report arrive, when the last event of the outage, is anything lost, how long does an event
that happens after the return take, and when are the clips there? The waits of the line between two tries stand where an
hour leaves them (at their cap); what is compressed is how long nothing comes back, and with it how often it was tried.
"""

import hashlib
import os
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from agent.values import Clip, ClipWanted, Phase, Severity
from bench.line import Line
from bench.live import wait_for
from bench.outpost import Consumer, Outpost, config, event, quiet_logs
from bench.truth import Absent
from deploy.ward import Ward, WardError, WardOptions

HOUR_FAILURES = 100  # tries of an hour
PATIENCE_S = 150.0
CLIPS, CLIP_BYTES = 20, 500_000
HEALTH_EVERY_S = 5.0  # 60 s by default; the first after a connection is the newest one, at once
LIVE_EVERY_S = 0.5
AFTERWARDS_S = 4.0  # events go on happening while the clips leave


@dataclass(frozen=True)
class Plan:
    """How much of an hour, in how long a silence; `online`: the line is up before (else the node starts without it)."""

    silence_s: float
    events: int
    online: bool
    clips_s: float  # how long is waited for the clips after everything else


def run(quick: bool) -> dict[str, object]:
    """200 events, 20 clips, 120 s of silence (quick: 120 events, 15 s, and no line at the start)."""
    quiet_logs()
    plan = Plan(15.0, 120, False, 2.0) if quick else Plan(120.0, 200, True, 180.0)
    with tempfile.TemporaryDirectory(dir=os.environ.get("BENCH_DIR")) as name:
        directory = Path(name)
        try:
            with (
                Ward.start(directory / "ward", WardOptions()) as ward,
                Line(ward.mqtt_port) as mqtt,
                Line(ward.upload_port) as tus,
            ):
                figures = play(directory, ward, (mqtt, tus), plan)
                figures["uploads_intact"] = sum(clip.intact() for clip in ward.uploaded())
        except WardError as error:
            raise Absent(str(error)) from error
    for key, value in figures.items():
        print(f"{key:>14} {value}")
    return figures


def play(directory: Path, ward: Ward, lines: tuple[Line, Line], plan: Plan) -> dict[str, object]:
    """Online, silent, online again."""
    consumer = Consumer(ward.mqtt_port)
    configured = config(directory, f"mqtt://127.0.0.1:{lines[0].port}", f"http://127.0.0.1:{lines[1].port}/files/")
    with Outpost(directory, configured) as post:
        reports = Reports(post)
        if plan.online:
            post.start()
            if not wait_for(reports.then(lambda: bool(consumer.healths)), 30.0):
                raise Absent(f"the node never came up: {post.complaints.seen}")
        for line in lines:
            line.cut()
        if not plan.online:
            post.age(HOUR_FAILURES)
            post.start()
        told = tell_an_hour(post, plan, reports)
        if post.line.link_state().connected:
            raise Absent("the node never noticed that the line was gone")
        post.age(HOUR_FAILURES)
        back_s = time.monotonic()
        for line in lines:
            line.mend()
        live = live_until(post, consumer, told, reports)
        first_s = min((at_s for at_s in consumer.healths if at_s > back_s), default=float("inf"))
        clips_there = wait_for(lambda: len(post.delivered) >= CLIPS, plan.clips_s)
    consumer.close()
    arrived = [consumer.at(name, rev) for name, rev in told]
    waits = [(consumer.at(name) or float("inf")) - at_s for name, at_s in live.items() if at_s > first_s]
    return {
        "health_s": round(first_s - back_s, 2),
        "events_s": round(max((at_s for at_s in arrived if at_s is not None), default=float("inf")) - back_s, 2),
        "lost": sum(at_s is None for at_s in arrived),
        "revisions": len(told),
        "live_wait_s": round(max(waits, default=0.0), 2),
        "live_events": len(waits),
        "clips": len(post.delivered),
        "clips_s": round(post.delivered[-1][0] - back_s, 2) if clips_there else None,
        "out_of_order": consumer.out_of_order,
        "silence_s": plan.silence_s,
    }


class Reports:
    """Health, every five seconds, whenever the bench comes by."""

    def __init__(self, post: Outpost) -> None:
        self._post = post
        self._begin_s = time.monotonic()
        self._next_s = self._begin_s

    def due(self) -> None:
        """Hand over a report when it is time."""
        now_s = time.monotonic()
        if now_s >= self._next_s:
            self._next_s = now_s + HEALTH_EVERY_S
            self._post.health(now_s - self._begin_s)

    def then(self, what: Callable[[], bool]) -> Callable[[], bool]:
        """`what`, with reports going on."""

        def both() -> bool:
            self.due()
            return what()

        return both


def tell_an_hour(post: Outpost, plan: Plan, reports: Reports) -> list[tuple[str, int]]:
    """What an hour brings, spread over the silence: all revisions that the ward must hear of."""
    told: list[tuple[str, int]] = []
    begin_s = time.monotonic()
    for number in range(plan.events):
        name = f"outage-{number:04}"
        for rev, phase in enumerate((Phase.START, Phase.UPDATE, Phase.END), 1):
            post.tell(event(post.clock, name, phase, Severity.ALERT if number % 10 == 0 else Severity.WARNING))
            told.append((name, rev))
        if number % (plan.events // CLIPS) == 0:
            queue_clip(post, f"clip-{number:04}")
        rest_s = begin_s + plan.silence_s * (number + 1) / plan.events - time.monotonic()
        wait_for(reports.then(lambda: False), max(0.0, rest_s))
    return told


def queue_clip(post: Outpost, name: str) -> None:
    """A clip that was cut while the line was away, and what proves it: two uploads."""
    data = hashlib.sha256(name.encode()).digest() * (CLIP_BYTES // 32)
    path = post.spool.clips_directory / f"{name}.mp4"
    path.write_bytes(data)
    manifest = path.with_suffix(".manifest.json")
    manifest.write_text('{"clip": "of a bench"}', encoding="ascii")
    now, sha256 = post.clock.now(), hashlib.sha256(data).hexdigest()
    clip = Clip(name, "gate", path, now.wall_ns, now.wall_ns, len(data), sha256, (), 150, manifest)
    post.spool.clip_ready(ClipWanted(name, "gate", now, now, now), clip)


def live_until(post: Outpost, consumer: Consumer, told: list[tuple[str, int]], reports: Reports) -> dict[str, float]:
    """Events go on happening until all of the outage have arrived, and a little longer: when each of them happened."""
    happened: dict[str, float] = {}
    end_s = time.monotonic() + PATIENCE_S
    back_s: float | None = None
    while time.monotonic() < end_s:
        if back_s is None and all(consumer.at(name, rev) is not None for name, rev in told):
            back_s = time.monotonic()
        if back_s is not None and time.monotonic() - back_s > AFTERWARDS_S:
            break
        name = f"live-{len(happened):04}"
        happened[name] = time.monotonic()
        post.tell(event(post.clock, name, Phase.START))
        wait_for(reports.then(lambda: False), LIVE_EVERY_S)
    for name in happened:
        wait_for(lambda name=name: consumer.at(name) is not None, 10.0)  # type: ignore[misc]
    return happened
