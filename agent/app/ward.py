"""The node's side of the line to the ward: what it publishes beside events, and the two workers that send.

Health, faults and birth are states: the newest counts, so they bypass the spool's queue and are sent again at every
connection. Everything else comes out of the spool.
"""

import logging
import threading
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from agent.app.jobs import Jobs
from agent.app.logins import read_login
from agent.app.mail import Mail
from agent.backoff import Backoff
from agent.clock import Clock
from agent.config.model import Config
from agent.contract.base import Message
from agent.contract.birth import BirthMessage
from agent.contract.envelope import seal
from agent.contract.health import HealthMessage
from agent.contract.messages import AvailabilityMessage, StateMessage
from agent.contract.topics import Topics
from agent.errors import AgentError, StorageError
from agent.health.faults import FaultNotice
from agent.health.status import runtime_file
from agent.spool import Spool
from agent.uplink import (
    DayLedger,
    Governor,
    Household,
    LatestStates,
    LinkMemory,
    MqttDoors,
    MqttJob,
    MqttLink,
    Patience,
    RetainedMessage,
    UploadDoors,
    UploadJob,
    UploadLink,
    WardServer,
)
from agent.uplink.upload import LONGEST_PIECE_S
from agent.values import Draft, LinkState, OutgoingClip
from agent.worker import Reporter, Worker

if TYPE_CHECKING:
    from agent.app.sent import Sent

log = logging.getLogger(__name__)
HEALTH_EXPIRY_INTERVALS = 3
REFUSAL_EXPIRY_S = 600
MB = 1_000_000


class WardLine:
    """Made once; its workers are made anew from it. Raises ConfigError when a password file cannot be used."""

    def __init__(self, config: Config, clock: Clock, spool: Spool, memory: LinkMemory) -> None:
        self.topics = Topics(config.mqtt.prefix, config.node.ward, config.node.id)
        self.stats = memory.stats
        self.sent: Sent | None = None  # who counts it for the household
        self._memory = memory
        self._states = LatestStates(memory.wake.set)
        self._noted: set[str] = set()  # retained topics that the spool knows of: one per fault code and rule
        self._config = config
        self._clock = clock
        self._server = WardServer(clock)
        self._spool = spool
        zone = ZoneInfo(config.node.timezone)
        ledger = DayLedger(config.node.data_dir / "uplink.json", config.uplink.mb_per_day * MB, zone, clock)
        self.governor = Governor(Household(config.uplink, zone), self.stats, ledger, clock)
        self._patience = Patience(
            memory, config.mqtt.spread, runtime_file(f"link-{config.node.id}.json", config.node.data_dir)
        )
        self._link = MqttLink(self.topics, config.mqtt, config.tls, read_login(config.mqtt))
        upload = config.upload
        self._upload = (
            UploadLink(config.node.id, upload, config.tls, read_login(upload), lambda: memory.identity)
            if upload
            else None
        )

    def link_state(self) -> LinkState:
        """The line, and what the household leaves to the node of it."""
        return replace(self.stats.state(), budget=self.governor.state(), server=self._server.state())

    def close(self) -> None:
        """Write down what was sent today."""
        self.governor.close()

    def health(self, message: HealthMessage) -> None:
        """The newest health report."""
        expiry_s = round(HEALTH_EXPIRY_INTERVALS * self._config.health.interval)
        self._states.put(RetainedMessage(self.topics.health(), self._sealed(self.topics.health(), message), expiry_s))

    def fault(self, notice: FaultNotice) -> None:
        """A fault was opened or is over; its topic is noted first, to be cleared one day."""
        topic = self.topics.fault(notice.code)
        if notice.message is not None:
            self._note(topic)
        else:
            self._noted.discard(topic)  # the spool forgets it once the broker has
        self._states.put(RetainedMessage(topic, self._sealed(topic, notice.message) if notice.message else b""))

    def state(self, message: StateMessage) -> None:
        """What a rule counts now. A rule that is taken out of the configuration is cleared at the next start."""
        topic = self.topics.state(message.cam, message.rule_id)
        self._note(topic)
        self._states.put(self._retained(topic, message))

    def _note(self, topic: str) -> None:
        if topic in self._noted:
            return
        try:
            self._spool.note_retained(topic)
            self._noted.add(topic)
        except StorageError as error:
            # A disk that fails must not keep the ward from hearing so; every known code is cleared anyway.
            log.warning("the topic %s could not be noted: %s", topic, error)

    def mqtt_worker(
        self,
        birth: Callable[[str], BirthMessage],
        command: Callable[[str, bytes, bool], Draft | None],
        reporter: Reporter,
    ) -> Worker:
        """The worker that talks to the broker. `command` gives what is answered without the spool."""
        mail = Mail(self._spool, reporter, self._clock)

        def heard(topic: str, payload: bytes, retained: bool) -> RetainedMessage | None:
            if topic == self.topics.server_state():
                self._server.hear(payload, retained)
                return None
            said = command(topic, payload, retained)
            if said is None:
                return None
            return RetainedMessage(said.topic, seal(said.body, said.topic, said.at, self._clock), REFUSAL_EXPIRY_S)

        sent = self.sent
        doors = MqttDoors(
            pending=mail.pending if sent is None else sent.leaving(mail.pending),
            ack=mail.ack if sent is None else sent.arriving(mail.ack),
            availability=self._availability,
            birth=lambda session: self._retained(self.topics.birth(), birth(session)),
            retained_topics=mail.retained,
            cleared=mail.cleared,
            command=heard,
            reporter=reporter,
            connected=mail.connected,
        )

        def make(stop: threading.Event) -> MqttJob:
            return MqttJob(self._link, doors, self._states, self._memory, stop)

        return Worker("mqtt", make, reporter, self._patience, self._clock)

    def upload_worker(
        self,
        uploaded: Callable[[OutgoingClip], None],
        tell_lost: Callable[[], None],
        reporter: Reporter,
        jobs: Jobs | None = None,
    ) -> Worker | None:
        """The worker that sends clips, if there is a place to send them.

        `uploaded` hears of each that has arrived; `tell_lost` is called whenever some may have been given up; `jobs`
        tells of those that wait and of those that are on their way.
        """
        link = self._upload
        if link is None:
            return None
        spool = self._spool
        moves: Callable[[str], None] = jobs.moves if jobs else lambda _clip_id: None

        def acked(clip_id: str, url: str) -> None:
            clip = spool.ack_clip(clip_id, url)
            if clip is not None:
                if self.sent is not None:
                    self.sent.clip(clip)
                uploaded(clip)

        def rejected(clip_id: str, error: AgentError) -> None:
            spool.reject_clip(clip_id, error.text.en)
            tell_lost()

        def next_clip() -> OutgoingClip | None:
            clip = spool.next_clip()  # gives up, on its way, clips whose file is gone
            tell_lost()
            if self.sent is not None and clip is not None:
                self.sent.carries(clip, asked=jobs is not None and jobs.knows(clip.parent or clip.id))
            return clip

        def created(clip_id: str, url: str) -> None:
            spool.clip_created(clip_id, url)
            moves(clip_id)

        def progress(clip_id: str, sent_bytes: int) -> None:
            spool.clip_progress(clip_id, sent_bytes)
            moves(clip_id)

        doors = UploadDoors(
            next_clip=next_clip,
            created=created,
            progress=progress,
            acked=acked,
            rejected=rejected,
            failed=spool.clip_failed,
            rests=jobs.rests if jobs else lambda _rest: None,
        )

        def make(stop: threading.Event) -> UploadJob:
            return UploadJob(link, doors, self.governor, stop, self._clock)

        # A line that breaks every half minute is still a line: what went well for two pieces starts over.
        worker = Worker("upload", make, reporter, Backoff(first_s=2.0, cap_s=120.0, healthy_s=5.0), self._clock)
        worker.max_silent_s = LONGEST_PIECE_S + 3 * link.section.timeout
        return worker

    def _availability(self, state: str, session: str) -> bytes:
        message = AvailabilityMessage.model_validate({"state": state, "session": session})
        return self._sealed(self.topics.availability(), message)

    def _retained(self, topic: str, message: Message) -> RetainedMessage:
        return RetainedMessage(topic, self._sealed(topic, message))

    def _sealed(self, topic: str, message: Message) -> bytes:
        return seal(message.body(), topic, self._clock.now(), self._clock)
