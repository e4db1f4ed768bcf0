"""A thousand bad commands a second at a node that works: what they cost it, and whether good ones still get through.

A whole node (a file as its camera, 15 pictures a second, every one analysed) and a real mosquitto; quiet and flooded
stretches by turns in one run, so that whatever else this machine does falls on both. The flood is a process of its own
at a lower priority: bad JSON, wrong schema, unknown names, replays, retained, forged and missing signatures, NaN, a key
twice, no UTF-8, deep nesting, 60 to 120 kB, and a client that claims 256 MB. All the while the ward says a signed
`config.get` every three seconds, and waits for its answer.

`fps_drop_pct`: of pictures captured; `analysed_drop_pct`: of pictures looked at. `rss_growth_mb`: from the quiet
stretch before the last flood to the one after it (what a node takes in its first minutes, flood or not, is not in it).
`log_lines_min`: the most in a flood. `good_answer_s`: the slowest answer in a flood. `node_mb_min` and `quiet_mb_min`:
what the node gave to its disk.
"""

import base64
import json
import os
import secrets
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timezone
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any

import av
import paho.mqtt.client as paho
import psutil
import rfc8785
import yaml
from nacl.signing import SigningKey
from paho.mqtt.enums import CallbackAPIVersion
from ulid import ULID

from agent.contract.base import utc
from agent.contract.topics import Topics
from agent.evidence.public import PublicKey
from bench.live import Node, wait_for, write_config
from bench.truth import Absent
from deploy.assets import street_video
from deploy.ward import Ward, WardError, WardOptions

FPS = 15
RATE = 1000
NICE = 10
BROKER = ("max_inflight_messages 100", "max_queued_messages 200000")  # as deploy/ward sets them
ASKED = "config.get"
ALLOWED_DROP_PCT = 10.0


@dataclass(frozen=True, slots=True)
class Course:
    """Seconds."""

    warm_up: float
    quiet: float
    flood: float
    rounds: int
    ask_every: float


QUICK = Course(3.0, 4.0, 6.0, 2, 3.1)
FULL = Course(20.0, 20.0, 60.0, 2, 3.1)


@dataclass
class Stretch:
    """What was seen in one stretch."""

    flooded: bool
    begin_s: float = 0.0
    end_s: float = 0.0
    rss_mb: list[float] = field(default_factory=list)
    node_cpu_s: float = 0.0
    broker_cpu_s: float = 0.0
    disk_mb: float = 0.0
    lines: int = 0
    sent: dict[str, float] = field(default_factory=dict)
    asked: dict[str, float] = field(default_factory=dict)  # request -> monotonic seconds
    answered: dict[str, float] = field(default_factory=dict)
    health: list[tuple[float, dict[str, Any]]] = field(default_factory=list)
    events: int = 0

    @property
    def seconds(self) -> float:
        """How long it was."""
        return self.end_s - self.begin_s

    def a_second(self, counter: str) -> float:
        """How fast a counter of the camera grew between the first and the last report."""
        (first, last) = (self.health[0][1], self.health[-1][1])
        span_s: float = last["agent"]["uptime_s"] - first["agent"]["uptime_s"]
        return float(last["cams"][0][counter] - first["cams"][0][counter]) / span_s

    def waits_s(self) -> list[float]:
        """How long the answers took."""
        return [self.answered[name] - at_s for name, at_s in self.asked.items() if name in self.answered]

    def silence_s(self) -> float:
        """The longest time without a health report."""
        times = [self.begin_s, *(at_s for at_s, _ in self.health), self.end_s]
        return max(later - sooner for sooner, later in pairwise(times))


class Headquarters:
    """The ward: asks, signs, and hears everything."""

    def __init__(self, port: int, topics: Topics, key: SigningKey) -> None:
        self._topics = topics
        self._key = key
        self._lock = threading.Lock()
        self.stretch = Stretch(False)
        self.count = 0
        self._client = paho.Client(CallbackAPIVersion.VERSION2, "headquarters", protocol=paho.MQTTv311)
        self._client.on_connect = lambda client, *_: client.subscribe(
            [(topics.response("+"), 1), (topics.health(), 1), (topics.event("+", "+"), 1)]
        )
        self._client.on_message = self._hear
        self._client.connect("127.0.0.1", port)
        self._client.loop_start()

    def ask(self) -> None:
        """One good command."""
        fields = self.command()
        with self._lock:
            self.stretch.asked[fields["request_id"]] = time.monotonic()
        self._client.publish(self._topics.command(ASKED), json.dumps(fields).encode(), 1)

    def command(self, key: SigningKey | None = None) -> dict[str, Any]:
        """A signed `config.get`."""
        fields: dict[str, Any] = {
            "request_id": str(ULID()),
            "issued_utc": utc(time.time_ns()),
            "expires_in_s": 3600,
            "limit": 1,
        }
        said = f"{self._topics.ward}/{self._topics.node}/{ASKED}\n".encode() + rfc8785.dumps(fields)
        return fields | {"signature": base64.b64encode((key or self._key).sign(said).signature).decode()}

    def turn(self, stretch: Stretch) -> None:
        """From now on this is what is looked at."""
        with self._lock:
            self.stretch = stretch

    def close(self) -> None:
        """Hear no more."""
        self._client.disconnect()
        self._client.loop_stop()

    def _hear(self, _client: paho.Client, _data: object, message: paho.MQTTMessage) -> None:
        now_s, body = time.monotonic(), json.loads(message.payload)
        with self._lock:
            if message.topic == self._topics.health():
                self.stretch.health.append((now_s, body))
                self.count += 1
            elif "/event/" in message.topic:
                self.stretch.events += 1
            elif body["request_id"] in self.stretch.asked and body["result"] != "rejected":
                self.stretch.answered[body["request_id"]] = now_s


def run(quick: bool) -> dict[str, Any]:
    """Raises Absent."""
    course = QUICK if quick else FULL
    try:
        with tempfile.TemporaryDirectory() as name, working(Path(name)) as at:
            stretches = list(at.through(course))
    except WardError as error:
        raise Absent(str(error)) from error
    return told(stretches)


@dataclass
class Scene:
    """A node, its ward, and who watches both."""

    node: Node
    ward: Ward
    topics: Topics
    home: Headquarters
    forged: dict[str, Any]

    def through(self, course: Course) -> Iterator[Stretch]:
        """Quiet and flooded by turns; ends quiet."""
        replayed = self.home.command()
        if not wait_for(lambda: self.home.count > 2, 30):
            raise Absent("the node says nothing: " + self.node.log.read_text(encoding="utf-8")[-600:])
        self.home._client.publish(self.topics.command(ASKED), json.dumps(replayed).encode(), 1)
        time.sleep(course.warm_up)
        for _ in range(course.rounds):
            yield self.watched(Stretch(False), course.quiet, course.ask_every, replayed)
            yield self.watched(Stretch(True), course.flood, course.ask_every, replayed)
        yield self.watched(Stretch(False), course.quiet, course.ask_every, replayed)

    def watched(self, stretch: Stretch, seconds: float, ask_every: float, replayed: dict[str, Any]) -> Stretch:
        """One stretch, from a second after its begin on."""
        flood = self.flood(seconds + 2.0, replayed) if stretch.flooded else None
        time.sleep(1.0)
        node, broker = psutil.Process(self.node.process.pid), broker_process()
        before = (cpu_s(node), cpu_s(broker), node.io_counters().write_bytes, self.lines())
        self.home.turn(stretch)
        stretch.begin_s = time.monotonic()
        asked_s = 0.0
        while (now_s := time.monotonic()) < stretch.begin_s + seconds:
            if now_s - asked_s >= ask_every and now_s < stretch.begin_s + seconds - 1.0:
                self.home.ask()
                asked_s = now_s
            stretch.rss_mb.append(node.memory_info().rss / 1e6)
            time.sleep(0.25)
        stretch.end_s = time.monotonic()
        self.home.turn(Stretch(False))
        stretch.node_cpu_s = cpu_s(node) - before[0]
        stretch.broker_cpu_s = cpu_s(broker) - before[1]
        stretch.disk_mb = (node.io_counters().write_bytes - before[2]) / 1e6
        stretch.lines = self.lines() - before[3]
        if flood is not None:
            said, _ = flood.communicate(timeout=20)
            stretch.sent = json.loads(said) | {"seconds": seconds + 2.0}
        return stretch

    def flood(self, seconds: float, replayed: dict[str, Any]) -> "subprocess.Popen[str]":
        """The flood has begun."""
        command = (sys.executable, "-m", "bench.commands_flood", str(self.ward.mqtt_port), self.topics.ward)
        flood = subprocess.Popen(
            (*command, self.topics.node, str(RATE), str(seconds), str(NICE)),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert flood.stdin is not None
        given = {"good": json.dumps(replayed), "forged": json.dumps(self.forged), "now": utc(time.time_ns())}
        flood.stdin.write(json.dumps(given))
        flood.stdin.close()
        flood.stdin = None
        return flood

    def lines(self) -> int:
        """Of the node's log."""
        return self.node.log.read_bytes().count(b"\n")


def broker_process() -> psutil.Process:
    """The ward's mosquitto, which this process started."""
    return next(child for child in psutil.Process().children(recursive=True) if "mosquitto" in child.name())


def cpu_s(process: psutil.Process) -> float:
    """Seconds of one core."""
    times = process.cpu_times()
    return float(times.user + times.system)


@contextmanager
def working(directory: Path) -> Iterator[Scene]:
    """Broker and node are up."""
    key = SigningKey(secrets.token_bytes(32))
    with Ward.start(directory / "ward", WardOptions(upload=False, broker_lines=BROKER)) as ward:
        config = write_config(directory, ward.mqtt_url, None)
        tree = yaml.safe_load(config.read_text(encoding="utf-8"))
        tree["commands"] = {"key": str(directory / "command-key.pem")}
        tree["health"] = {"interval": "1s"}
        tree["cameras"][0] |= {"source": str(paced(directory / "street.mp4")), "analysis_fps": FPS}
        config.write_text(yaml.safe_dump(tree, sort_keys=False), encoding="utf-8")
        (directory / "command-key.pem").write_text(PublicKey(bytes(key.verify_key)).pem)
        node = Node(config, directory / "agent.log")
        topics = Topics("camera", "bench", "node-1")
        home = Headquarters(ward.mqtt_port, topics, key)
        try:
            yield Scene(node, ward, topics, home, home.command(SigningKey(secrets.token_bytes(32))))
        finally:
            home.close()
            node.stop()


def paced(path: Path) -> Path:
    """The street video with its own pictures, fifteen of them a second."""
    with av.open(str(street_video().path)) as film, av.open(str(path), "w") as out:
        source = film.streams.video[0]
        assert source.average_rate is not None
        stream = out.add_stream_from_template(source)
        faster = Fraction(source.average_rate) / FPS
        for packet in film.demux(source):
            if packet.dts is None:
                continue
            packet.pts, packet.dts = round(packet.pts * faster), round(packet.dts * faster)
            packet.duration = round(packet.duration * faster)
            packet.stream = stream
            out.mux(packet)
    return path


def told(stretches: list[Stretch]) -> dict[str, Any]:
    """The table, and the figures."""
    print(f"{os.cpu_count()} cores, {datetime.now(timezone.utc):%Y-%m-%d}; flood at nice {NICE}")
    heads = ("", "frames/s", "looked at/s", "MB", "node CPU", "broker", "sender", "bad/s", "log/min", "answer", "lost")
    print(("{:<8}" + "{:>12}" * (len(heads) - 1)).format(*heads))
    for one in stretches:
        row = (
            f"{one.a_second('frames'):.2f}",
            f"{one.a_second('analysed'):.2f}",
            f"{statistics.median(one.rss_mb):.1f}",
            f"{one.node_cpu_s / one.seconds * 100:.0f} %",
            f"{one.broker_cpu_s / one.seconds * 100:.0f} %",
            f"{one.sent['cpu_s'] / one.sent['seconds'] * 100:.0f} %" if one.sent else "",
            f"{refused_a_second(one):.0f}",
            f"{one.lines / one.seconds * 60:.0f}",
            f"{max(one.waits_s(), default=0.0):.2f} s",
            f"{len(one.asked) - len(one.answered)}",
        )
        print(("{:<8}" + "{:>12}" * len(row)).format("flood" if one.flooded else "quiet", *row))
    floods = [one for one in stretches if one.flooded]
    quiets = [one for one in stretches if not one.flooded]
    drop = drop_pct(stretches, "frames")
    print(f"frame rate: {drop:.1f} % less in a flood; allowed {ALLOWED_DROP_PCT:.0f} %")
    waits = [wait for one in floods for wait in one.waits_s()]
    return {
        "fps_drop_pct": round(drop, 2),
        "analysed_drop_pct": round(drop_pct(stretches, "analysed"), 2),
        "rss_growth_mb": round(statistics.median(quiets[-1].rss_mb) - statistics.median(quiets[-2].rss_mb), 2),
        "rss_peak_over_quiet_mb": round(max(floods[-1].rss_mb) - max(quiets[-2].rss_mb), 2),
        "log_lines_min": round(max(one.lines / one.seconds * 60 for one in floods)),
        "good_answer_s": round(max(waits, default=0.0), 2),
        "good_answer_median_s": round(statistics.median(waits), 3) if waits else None,
        "good_lost": sum(len(one.asked) - len(one.answered) for one in floods),
        "good_asked": sum(len(one.asked) for one in floods),
        "sent_s": round(sum(one.sent["sent"] for one in floods) / sum(one.sent["seconds"] for one in floods)),
        "refused_s": round(statistics.mean(refused_a_second(one) for one in floods)),
        "node_mb_min": round(max(one.disk_mb / one.seconds * 60 for one in floods), 2),
        "quiet_mb_min": round(max(one.disk_mb / one.seconds * 60 for one in quiets), 2),
        "health_silence_s": round(max(one.silence_s() for one in floods), 2),
        "spool_messages": max(report["spool"]["messages"] for one in floods for _, report in one.health),
        "node_cpu_more_pct": round(
            100 * (share(floods, "node_cpu_s") - share(quiets, "node_cpu_s")),
        ),
        "broker_cpu_pct": round(100 * share(floods, "broker_cpu_s")),
    }


def refused_a_second(one: Stretch) -> float:
    """By the node's own count."""
    (first, last) = (one.health[0][1], one.health[-1][1])
    span_s: float = last["agent"]["uptime_s"] - first["agent"]["uptime_s"]
    return float(last["commands"]["refused"] - first["commands"]["refused"]) / span_s


def drop_pct(stretches: list[Stretch], counter: str) -> float:
    """Each flood against the quiet before and after it; the mean."""
    drops = []
    for before, flood, after in zip(stretches[::2], stretches[1::2], stretches[2::2], strict=False):
        quiet = (before.a_second(counter) + after.a_second(counter)) / 2
        drops.append(100 * (1 - flood.a_second(counter) / quiet))
    return statistics.mean(drops)


def share(stretches: list[Stretch], what: str) -> float:
    """Of one core, over all of them."""
    return float(sum(getattr(one, what) for one in stretches) / sum(one.seconds for one in stretches))
