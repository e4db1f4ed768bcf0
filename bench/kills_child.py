"""A node without eyes, to be killed: the real spool, outbox, footage, sealed chain and cutting of clips, each in the
thread that it has in the node, but cameras, rules and the line to the ward, which are loops here. Time runs FAST times
as fast for all of it.

What it was promised it notes in a ledger, each line in one write, so that a kill loses none that was written:

    O SETASIDE REBUILT   opened; databases that were found damaged
    E ID PHASE           `record` of this phase of an event has returned
    P NUMBER             `put` of this message has returned
    S KEY DIGEST         a message is at the ward; noted before the spool is told so
    C ID INTACT          a clip is at the ward, and its bytes are what its row says
    D DROPPED            (at the end) messages that the spool itself gave up
"""

import hashlib
import json
import os
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import av

from agent.clock import FLOOR_WALL_NS, NS, Clock, Moment
from agent.config.model import FootageSection, SpoolSection
from agent.contract.event import Origin
from agent.contract.topics import Topics
from agent.errors import AgentError
from agent.evidence.notary import Signer, begin_notary
from agent.footage.jobs import ClipJob, FootageJob
from agent.footage.queue import PacketQueue
from agent.footage.store import Footage
from agent.spool import ClipPlan, Outbox, OutboxJob, Recording, Spool
from agent.values import (
    Box,
    Clip,
    ClipWanted,
    Draft,
    EndReason,
    Event,
    EventObject,
    Packet,
    Phase,
    Severity,
    StreamFormat,
)

CAM = "gate"
FAST = 20.0
SEGMENT_S = 2.0
FILM_S = 20.0  # of the street video, again and again
TOPICS = Topics("camera", "bench", "light")
PLAN = ClipPlan(pre_roll_s=2.0, post_roll_s=1.0, max_clip_s=8.0, segment_s=SEGMENT_S, grace_s=2.0)
ENVELOPE = ("sent_utc", "late", "clock", "corrected", "seq")  # what each sending adds is not content


@dataclass(frozen=True)
class Life:
    """`number`: of this life; `last`: send everything that waits, then end."""

    directory: Path
    ledger: Path
    video: Path
    number: int
    last: bool = False


class FastClock(Clock):
    """Of one boot, over all lives; trusted."""

    def __init__(self) -> None:
        self.boot_id = "light-boot"

    def now(self) -> Moment:
        """Both clocks."""
        mono_ns = round(time.monotonic_ns() * FAST)
        return Moment(mono_ns, FLOOR_WALL_NS + 180 * 86_400 * NS + mono_ns, True, self.boot_id)

    def mono_s(self) -> float:
        """Monotonic seconds."""
        return self.now().mono_s

    def trusted(self) -> bool:
        """Always."""
        return True


class ShortWaits(threading.Event):
    """Waits as much shorter as the clock is faster."""

    def wait(self, timeout: float | None = None) -> bool:
        """`timeout` seconds of FastClock."""
        return super().wait(timeout if timeout is None else timeout / FAST)


class Ledger:
    """Lines that outlive this process."""

    def __init__(self, path: Path) -> None:
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)

    def note(self, *words: object) -> None:
        """In one write."""
        os.write(self._file, (" ".join(map(str, words)) + "\n").encode())


def live(life: Life) -> None:
    """Until it is killed; the last life until nothing waits."""
    ledger, clock, stop = Ledger(life.ledger), FastClock(), ShortWaits()
    spool = Spool(life.directory / "spool", SpoolSection(), clock)
    bounds = {"segment": f"{SEGMENT_S}s", "budget": "30MB", "keep_free": "0B", "floor": "0B"}
    footage = Footage(life.directory / "footage", FootageSection.model_validate(bounds), 30, clock)
    ledger.note("O", spool.set_aside, int(footage.recovery.index_rebuilt))
    footage.seal_with(begin_notary(life.directory / "evidence", Signer("bench", "light", clock)))
    spool.close_interrupted()
    spool.connected()
    outbox, queue = Outbox(), PacketQueue()
    turns: list[Callable[[], object]] = [
        Sender(spool, ledger).turn,
        ClipJob(
            footage, spool.wanted, lambda wanted, clip: _cut(spool, wanted, clip), spool.clips_directory, stop
        ).run_once,
        Shelf(spool, ledger).turn,
    ]
    if not life.last:
        how = Recording(TOPICS, Origin(), PLAN)
        turns += [
            Eyes(life, clock, outbox, OutboxJob(outbox, spool, how, stop), spool, ledger).turn,
            FootageJob(footage, queue, clock).run_once,
            Camera(life, clock, queue, stop).turn,
        ]
    threads = [threading.Thread(target=_repeat, args=(turn, stop), daemon=True) for turn in turns]
    for thread in threads:
        thread.start()
    while not life.last or not _is_empty(spool):
        time.sleep(0.02)
    stop.set()
    for thread in threads:
        thread.join()
    state = spool.state()
    ledger.note("D", state.dropped_messages)
    footage.close()
    spool.close()


def _repeat(turn: Callable[[], object], stop: threading.Event) -> None:
    while not stop.is_set():
        try:
            turn()
        except AgentError as error:  # a bug, here: nothing is wrong with this disk
            os.write(2, f"{error}\n".encode())
            os._exit(3)


def _cut(spool: Spool, wanted: ClipWanted, clip: Clip | None) -> None:
    spool.clip_ready(wanted, clip)


def _is_empty(spool: Spool) -> bool:
    return not spool.wanted() and spool.next_clip() is None and not spool.pending(1)


@dataclass
class Eyes:
    """Events of three revisions, every fourth with a clip, and a message of another kind."""

    life: Life
    clock: Clock
    outbox: Outbox
    job: OutboxJob
    spool: Spool
    ledger: Ledger
    count: int = 0

    def turn(self) -> None:
        """One event from its start to its end, and one message."""
        self.count += 1
        name = f"{self.life.number:05d}-{self.count:05d}"
        started = self.clock.now()
        for phase in (Phase.START, Phase.UPDATE, Phase.END):
            self.outbox.event(self._event(name, phase, started))
            self.job.run_once()
            self.ledger.note("E", name, phase.value)
        number = self.life.number * 1_000_000 + self.count
        self.spool.put(Draft(TOPICS.health(), json.dumps({"n": number}).encode(), self.clock.now(), 15))
        self.ledger.note("P", number)

    def _event(self, name: str, phase: Phase, started: Moment) -> Event:
        now = self.clock.now()
        ended: dict[str, Any] = {"ended": now, "end_reason": EndReason.OVER} if phase is Phase.END else {}
        return Event(
            id=name,
            phase=phase,
            rule="intrusion",
            rule_id="intrusion-gate",
            severity=Severity.WARNING,
            cam=CAM,
            started=started,
            at=now,
            objects=(EventObject(1, "person", 0.9, Box(0.1, 0.1, 0.2, 0.2)),),
            count=1,
            clip=self.count % 4 == 0,
            **ended,
        )


@dataclass
class Sender:
    """The line to the ward, which is the ledger: a message has arrived, then the spool is told."""

    spool: Spool
    ledger: Ledger

    def turn(self) -> None:
        """What waits, twenty at a time."""
        messages = self.spool.pending(20)
        for message in messages:
            fields = json.loads(message.payload)
            key = f"{fields['id']}.{fields['rev']}.{fields['phase']}" if "rev" in fields else f"n{fields['n']}"
            content = json.dumps({name: fields[name] for name in sorted(fields) if name not in ENVELOPE})
            self.ledger.note("S", key, hashlib.sha256(content.encode()).hexdigest()[:16])
        self.spool.ack([message.row for message in messages])
        if not messages:
            time.sleep(0.005)


@dataclass
class Shelf:
    """The upload server."""

    spool: Spool
    ledger: Ledger

    def turn(self) -> None:
        """The next clip, whole, or its manifest."""
        clip = self.spool.next_clip()
        if clip is None:
            time.sleep(0.02)
            return
        url = f"https://ward/{clip.id}"
        self.spool.clip_created(clip.id, url)
        intact = hashlib.sha256(clip.path.read_bytes()).hexdigest() == clip.sha256
        self.ledger.note("C", clip.id, int(intact))
        self.spool.ack_clip(clip.id, url)


class Camera:
    """The street video, FAST times as fast, one run for each life."""

    def __init__(self, life: Life, clock: Clock, queue: PacketQueue, stop: threading.Event) -> None:
        self._life, self._clock, self._queue, self._stop = life, clock, queue, stop
        self._first = clock.now()
        self._film = read_film(life.video)
        self._sent, self._turns = 0, 0

    def turn(self) -> None:
        """The next picture when its time has come."""
        form, pictures, length = self._film
        pts, dts, key, data = pictures[self._sent % len(pictures)]
        shift = self._sent // len(pictures) * length
        at = self._first.shifted(float((pts + shift) * form.time_base))
        self._stop.wait(max(0.0, at.mono_s - self._clock.mono_s()))
        self._queue.put([Packet(CAM, self._life.number, at, pts + shift, dts + shift, 0, key, form, data)])
        self._sent += 1


Film = tuple[StreamFormat, list[tuple[int, int, bool, bytes]], int]


def read_film(video: Path) -> Film:
    """Its format; pts, dts, key and data of the first FILM_S seconds, from 0; their length in ticks."""
    pictures: list[tuple[int, int, bool, bytes]] = []
    with av.open(str(video)) as container:
        stream = container.streams.video[0]
        context, base = stream.codec_context, Fraction(stream.time_base or 1)
        form = StreamFormat(context.name, context.width, context.height, base, context.extradata or b"")
        first: int | None = None
        for packet in container.demux(stream):
            if packet.pts is None or packet.dts is None or not packet.size:
                continue
            first = packet.pts if first is None else first
            if packet.is_keyframe and (packet.pts - first) * base >= FILM_S:
                return form, pictures, packet.pts - first
            pictures.append((packet.pts - first, packet.dts - first, bool(packet.is_keyframe), bytes(packet)))
    raise ValueError(f"{video} is shorter than {FILM_S} s")
