"""One simulated node: the agent's own line to the broker, turned from outside, with a made-up life behind it."""

import random
import threading
from collections.abc import Sequence

from agent.contract.base import Message
from agent.contract.envelope import seal
from agent.contract.messages import AvailabilityMessage
from agent.errors import AgentError, LinkError
from agent.tools.fleet.clocks import BootClock, Power
from agent.tools.fleet.life import CAM, RULE, Incident, birth, health
from agent.tools.fleet.meter import Meter, NodeStats, key_of
from agent.tools.fleet.outbox import Outbox, Row
from agent.tools.fleet.plan import Plan
from agent.uplink import LatestStates, LinkMemory, Login, MqttDoors, MqttJob, MqttLink, Patience, RetainedMessage, Wake
from agent.uplink.terms import Interest
from agent.worker import Outcome

THUMB = b"\xff\xd8\xff\xe0" + random.Random(1).randbytes(40_000)
HEALTH_EXPIRY_INTERVALS = 3


class Refusals:
    """Hears of single messages that the broker does not take."""

    def __init__(self, meter: Meter) -> None:
        self._meter = meter

    def raised(self, source: str, error: AgentError) -> None:
        """Counted by its code."""
        self._meter.failed(error)

    def cleared(self, source: str) -> None:
        """Nothing to count."""


class Node:
    """Turned by one thread at a time. Times are of the power that all nodes hang on: seconds since it came."""

    def __init__(self, plan: Plan, number: int, wake: Wake, power: Power, meter: Meter) -> None:
        self._plan = plan
        self._number = number
        self._power = power
        self._meter = meter
        seed = None if plan.seed is None else f"{plan.seed} {number}"
        self._rng = random.Random(seed)
        self._clock = BootClock(power)
        self._topics = plan.topics(number)
        self.outbox = Outbox(self._clock)
        self._states = LatestStates()
        self._memory = LinkMemory(self._clock, NodeStats(meter, power), wake)
        self._patience = Patience(self._memory, plan.section.spread, rng=self._rng)
        login = Login(plan.section.username, plan.password) if plan.section.username else None
        self._link = MqttLink(self._topics, plan.section_of(number), plan.keys.of(self._topics.node), login)
        self._doors = MqttDoors(
            pending=self.outbox.pending,
            ack=self._acked,
            availability=self._availability,
            birth=self._birth,
            retained_topics=tuple,
            cleared=lambda _topics: None,
            command=self._command,
            reporter=Refusals(meter),
        )
        self._stop = threading.Event()
        self._job = self._fresh()
        self._incident: Incident | None = None
        start_s = self._rng.uniform(0.0, 1.0 if plan.power_cut else plan.ramp_s)
        self.connect_s = start_s + max(self._memory.wait_s(), 0.0)
        self._health_s = start_s + self._rng.uniform(0.0, plan.health_s)
        self._event_s = start_s + self._until_event_s()
        self.living = True  # False: says nothing new

    def turn(self) -> None:
        """Connect, or move what can be moved. What fails is tried again when `connect_s` says."""
        try:
            if self._job.run_once() is Outcome.WORKED:
                self._patience.healthy(self._clock.mono_s())
        except LinkError as error:
            self._meter.failed(error)
            self._job.close()
            self._job = self._fresh()
            delay_s = max(self._patience.delay_s(), self._memory.wait_s())
            self.connect_s = self._power.since_s() + delay_s

    def interest(self) -> Interest | None:
        """What the next turn waits for; None without a connection."""
        return self._job.interest()

    def live(self, now_s: float) -> None:
        """Say what is due."""
        if not self.living:
            return
        if self._health_s <= now_s:
            self._health_s = now_s + self._plan.health_s * self._rng.uniform(0.9, 1.1)
            link = self._memory.stats.state()
            told = health(self._clock, link, len(self.outbox), self.outbox.dropped)
            expiry_s = round(HEALTH_EXPIRY_INTERVALS * self._plan.health_s)
            self._states.put(self._retained(self._topics.health(), told, expiry_s))
        if self._event_s <= now_s:
            self._go_on(now_s)

    def due_s(self) -> float:
        """When there is something new to say."""
        return min(self._health_s, self._event_s) if self.living else float("inf")

    def drop(self) -> None:
        """As a power cut: the Will speaks."""
        self._job.close()

    def _go_on(self, now_s: float) -> None:
        at = self._clock.now()
        incident = self._incident = self._incident or Incident(
            at, self._rng, self._plan.event_s, self._plan.thumb_bytes
        )
        message = incident.next(at)
        self._meter.made_events += 1
        key = key_of(self._topics.node, message.id, message.rev)
        self.outbox.put(Row(self._topics.event(CAM, RULE), message.body(), at, key))
        if message.rev == 1 and self._plan.thumb_bytes:
            thumb = THUMB[: self._plan.thumb_bytes]
            self.outbox.put(Row(self._topics.thumb(CAM, message.id), thumb, at, None))
        if incident.over:
            self._incident, self._event_s = None, now_s + self._until_event_s()
        else:
            self._event_s = now_s + max(incident.due_s - at.mono_s, 0.0)

    def _until_event_s(self) -> float:
        hourly = self._plan.events_per_hour
        return self._rng.expovariate(hourly / 3600.0) if hourly else float("inf")

    def _fresh(self) -> MqttJob:
        job = MqttJob(self._link, self._doors, self._states, self._memory, self._stop)
        job.turn_s = 0.0
        return job

    def _acked(self, rows: Sequence[int]) -> None:
        for key in self.outbox.ack(rows):
            self._meter.event_acked(key)

    def _command(self, _topic: str, _payload: bytes, _retained: bool) -> None:
        self._meter.commands += 1

    def _availability(self, state: str, session: str) -> bytes:
        message = AvailabilityMessage.model_validate({"state": state, "session": session})
        return self._retained(self._topics.availability(), message).payload

    def _birth(self, session: str) -> RetainedMessage:
        return self._retained(self._topics.birth(), birth(self._number, session))

    def _retained(self, topic: str, message: Message, expiry_s: int | None = None) -> RetainedMessage:
        return RetainedMessage(topic, seal(message.body(), topic, self._clock.now(), self._clock), expiry_s)
