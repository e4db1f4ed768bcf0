"""A node without cameras: the real spool and the real line to a real broker; and a consumer that notes what arrives."""

import json
import logging
import os
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion

from agent import __version__
from agent.app.ward import WardLine
from agent.clock import Clock
from agent.config.model import Config
from agent.contract.base import utc
from agent.contract.birth import AgentFacts, BirthMessage, BoardFacts, ConfigFacts
from agent.contract.event import Origin
from agent.contract.health import AgentHealth, HealthMessage, SpoolHealth
from agent.contract.topics import Topics
from agent.errors import AgentError
from agent.spool import Found, Recording, Spool
from agent.uplink import LinkMemory, LinkStats
from agent.values import Box, EndReason, Event, EventObject, OutgoingClip, Phase, Severity
from agent.worker import Worker

MESSAGES = 200_000
NODE = "outpost-1"


def config(directory: Path, mqtt_url: str, upload_url: str | None = None, **mqtt: object) -> Config:
    """A node that nobody looks through."""
    tree: dict[str, Any] = {
        "node": {"ward": "bench", "id": NODE, "data_dir": str(directory)},
        "mqtt": {"url": mqtt_url, **mqtt},
        "retention": {"max_days": 30},
        "insecure": True,
        "spool": {"messages": MESSAGES},
        "uplink": {"yields": False},
        "cameras": [{"id": "gate", "source": "rtsp://192.0.2.1/"}],
    }
    if upload_url:
        tree["upload"] = {"url": upload_url}
    return Config.model_validate(tree)


def event(clock: Clock, event_id: str, phase: Phase, severity: Severity = Severity.WARNING) -> Event:
    """What a rule tells of two people who stand about; about a kilobyte as JSON."""
    now = clock.now()
    people = tuple(EventObject(track, "person", 0.87, Box(0.1, 0.2, 0.3, 0.6), 12.5, 90.0) for track in (1, 2))
    end = {"ended": now, "end_reason": EndReason.OVER} if phase is Phase.END else {}
    return Event(
        id=event_id,
        phase=phase,
        rule="intrusion",
        rule_id="intrusion-gate",
        severity=severity,
        cam="gate",
        started=now,
        at=now,
        objects=people,
        count=2,
        zone="yard",
        clip=False,
        **end,  # type: ignore[arg-type]
    )


def recording(configured: Config) -> Recording:
    """Where its events go; no clips of them."""
    return Recording(Topics(configured.mqtt.prefix, configured.node.ward, configured.node.id), Origin())


@dataclass
class Complaints:
    """What the workers report, for the log alone."""

    seen: list[str] = field(default_factory=list)

    def raised(self, source: str, error: AgentError) -> None:
        """A worker failed."""
        self.seen.append(f"{source}: {error.code}")

    def cleared(self, source: str) -> None:
        """It works again."""


class Outpost:
    """Opened on `directory`; `start` begins to send. Use as a context manager."""

    def __init__(self, directory: Path, configured: Config) -> None:
        # What the line remembers of its failures is this run's own.
        (directory / "run").mkdir()
        os.environ["RUNTIME_DIRECTORY"] = str(directory / "run")
        self.clock = Clock()
        self.configured = configured
        memory = LinkMemory(self.clock, LinkStats())
        self.spool = Spool(directory / "spool", configured.spool, self.clock, memory.wake.set)
        self.line = WardLine(configured, self.clock, self.spool, memory)
        self.how = recording(configured)
        self.complaints = Complaints()
        self.delivered: list[tuple[float, str]] = []  # monotonic s, clip
        self.workers: list[Worker] = []

    def start(self) -> None:
        """Begin to send messages, and clips where there is a server."""
        self.workers = [self.line.mqtt_worker(self._birth, lambda *_: None, self.complaints)]
        upload = self.line.upload_worker(self._uploaded, lambda: None, self.complaints)
        self.workers += [upload] if upload else []
        for worker in self.workers:
            worker.start()

    def tell(self, *events: Event) -> None:
        """Vision found these."""
        self.spool.record([Found(one) for one in events], self.how)

    def health(self, uptime_s: float) -> None:
        """How the node is; `uptime_s` tells one from another."""
        self.line.health(
            HealthMessage(
                at_utc=utc(self.clock.now().wall_ns),
                agent=AgentHealth(uptime_s=uptime_s, rss_mb=0, cpu_pct=0, restarts=0),
                spool=SpoolHealth(messages=0, oldest_age_s=0, clips=0, bytes=0),
            )
        )

    def age(self, failures: int) -> None:
        """The line's waits between two tries stand where so many failures leave them."""
        self.line._patience._count = failures  # nobody but a bench has a use for a door here

    def __enter__(self) -> "Outpost":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for worker in self.workers:
            worker.stop()
        for worker in self.workers:
            worker.join(10.0)
        self.line.close()
        self.spool.close()
        os.environ.pop("RUNTIME_DIRECTORY", None)

    def _uploaded(self, clip: OutgoingClip) -> None:
        self.delivered.append((time.monotonic(), clip.id))

    def _birth(self, session: str) -> BirthMessage:
        board = BoardFacts(model="bench", machine="bench", system="bench", memory_mb=0, cpus=1)
        return BirthMessage(
            session=session, agent=AgentFacts(version=__version__), config=ConfigFacts(hash="0" * 64), board=board
        )


class Consumer:
    """The ward's end: hears everything at the broker itself, whatever the node's line does."""

    def __init__(self, port: int) -> None:
        self._lock = threading.Lock()
        self.first: dict[tuple[str, int], float] = {}  # (event, rev) -> monotonic s of its first arrival
        self.healths: list[float] = []
        self.rows: set[int] = set()  # every `seq` that has arrived
        self.out_of_order = 0  # revisions that arrived for the first time after a later one
        self._last: dict[str, int] = {}
        self._client = paho.Client(CallbackAPIVersion.VERSION2, "consumer", clean_session=True, protocol=paho.MQTTv311)
        self._client.on_connect = lambda client, *_: client.subscribe(f"camera/v1/bench/{NODE}/#", qos=1)
        self._client.on_message = self._on_message
        self._client.connect("127.0.0.1", port)
        self._client.loop_start()

    def at(self, event_id: str, rev: int = 1) -> float | None:
        """When this revision arrived."""
        with self._lock:
            return self.first.get((event_id, rev))

    def close(self) -> None:
        """Hear no more."""
        self._client.disconnect()
        self._client.loop_stop()

    def _on_message(self, _client: paho.Client, _data: object, message: paho.MQTTMessage) -> None:
        now_s = time.monotonic()
        if not message.payload or "/thumb/" in message.topic:
            return
        fields = json.loads(message.payload)
        with self._lock:
            if message.topic.endswith("/health") and not message.retain:
                self.healths.append(now_s)
            if "/event/" in message.topic:
                self.rows.add(fields["seq"])
            if "rev" in fields and (fields["id"], fields["rev"]) not in self.first:
                self.first[fields["id"], fields["rev"]] = now_s
                self.out_of_order += fields["rev"] < self._last.get(fields["id"], 0)
                self._last[fields["id"]] = max(fields["rev"], self._last.get(fields["id"], 0))


def quiet_logs() -> None:
    """Reconnecting is what is measured here; nobody needs to read of it."""
    logging.getLogger("agent").setLevel(logging.CRITICAL)
