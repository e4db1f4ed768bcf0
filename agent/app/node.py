"""The composition root: reads as a list of what a node is made of, and in which order it starts and stops."""

import logging
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from ulid import ULID

from agent.access import AccessLog
from agent.app.again import Again, Leaving, process_age_s
from agent.app.birth import birth_message, config_facts
from agent.app.camera import Camera, Surroundings, make_camera
from agent.app.escalate import HANGS, CameraView, Escalation, Rung
from agent.app.evidence import evidence_facts, seal_footage
from agent.app.eye import detector_or_none, model_ref, tell_unlisted
from agent.app.footage import covering, make_footage
from agent.app.identity import OwnCertificate, renewal_of
from agent.app.orders import Orders, Stores
from agent.app.pause import Pause
from agent.app.recent import Recent
from agent.app.seen import Seen
from agent.app.setup import SetupPage
from agent.app.supervise import STUCK, Phase, Supervisor
from agent.app.trial import Proof, Trying
from agent.app.update_proof import OwnWord
from agent.app.vault import open_vault
from agent.app.ward import WardLine
from agent.app.workers import Workers
from agent.capture.isolated.aside import Aside
from agent.clock import Clock, Moment
from agent.commands.errands import Errands
from agent.commands.inbox import ANSWER_PRIORITY
from agent.config.digest import config_hash
from agent.config.model import Config
from agent.contract.birth import BirthMessage
from agent.contract.event import Origin
from agent.contract.health import HealthMessage
from agent.detection.budget import Budget
from agent.errors import AgentError
from agent.footage.queue import PacketQueue
from agent.footage.store import Hooks
from agent.health.beacon import Beacon
from agent.health.faults import FaultBoard
from agent.health.notify import Notifier
from agent.health.status import StatusFile, places, runtime_file
from agent.i18n import Language, Text
from agent.settings import Keeping
from agent.spool import ClipPlan, Outbox, Recording, Spool
from agent.uplink import LinkMemory, LinkStats
from agent.values import Packet, Trouble

if TYPE_CHECKING:
    from agent.app.household import HouseholdPage
    from agent.app.live import LiveView
    from agent.footage.vault import Vault

log = logging.getLogger(__name__)
RECOVERY_STEP_S = 120.0  # within this long some more files are looked through, on any card


class Node:
    """All rooms of one node, joined. Raises ConfigError or StorageError."""

    def __init__(self, settings: Keeping, clock: Clock, notifier: Notifier) -> None:
        self.settings = settings
        self._config = config = settings.chosen.config
        self._clock = clock
        self._hash = config_hash(config)
        self.again = Again()
        self._leaving = Leaving(self.again, lambda: self.spool.waits(ANSWER_PRIORITY), clock)
        data = config.node.data_dir
        memory = LinkMemory(clock, LinkStats())
        self.spool = Spool(data / "spool", config.spool, clock, memory.wake.set)
        vault = open_vault(config)
        self.footage = make_footage(config, clock, self._hooks(notifier, vault))
        self._end_interrupted()
        self.line = WardLine(config, clock, self.spool, memory)
        self.access = AccessLog(data / "access", clock, runtime_file(f"access-{config.node.id}.jsonl", data))
        self.access.show()
        self.orders = Orders(config, self.line.topics, Stores(self.spool, self.footage, self.access), clock)
        self.errands = Errands(self.line.topics, self.spool.put, clock)
        self.live = make_live(self, config, clock)
        self.family = make_family(self, config, clock)
        self.faults = FaultBoard(clock, self.line.fault)
        self._clear = vault.open if vault is not None else None
        self.reborn = memory.ask_rebirth
        self.renewal = renewal_of(config, clock)
        self.certificate = OwnCertificate(config, self.renewal, memory.renewed, self.line.link_state)
        self.notary = seal_footage(config, self.footage, self.faults, clock, self._clear)
        self.pause = Pause(config.household, data, self.faults, clock)
        self.escalation = Escalation(config.escalation, data, self.faults, clock)
        self.eye = detector_or_none(config.detection, self.faults, data)
        if self.eye:
            tell_unlisted(config.cameras, self.eye, self.faults)
        self.status_file = StatusFile(config.node.id, places(data))
        self.outbox = Outbox()
        self.packets = PacketQueue()
        self.recent = Recent({camera.id: camera.label for camera in config.cameras}) if config.page else None
        covered = covering(self.outbox.event, self.footage, config.footage)
        seen = Seen(covered, self.recent, lambda: process_age_s(clock))
        self.report: HealthMessage | None = None  # the newest
        self.glance = seen.glance
        self.setup = SetupPage(self, config, clock, seen)
        self.beacon = Beacon(clock, runtime_file(f"light-{config.node.id}.json", data))
        self.word = OwnWord(config, clock)
        proves = settings.chosen.trial is not None or self.word.judged
        proof = Proof(self.eye, seen.seen) if proves else None
        self.budget = Budget(config.detection.inferences_per_s, tuple(camera.id for camera in config.cameras))
        around = Surroundings(
            clock=clock,
            reporter=self.faults,
            config=config,
            detector=self.eye,
            new_id=new_id,
            packets=self._packets,
            seen=proof.seen if proof else seen.seen,
            ended=seen.ended,
            states=self.line.state,
            aside=Aside(data),
            budget=self.budget,
            frames=self.live.tap.frame if self.live else None,
            paused=lambda: self.pause.active,
        )
        self.cameras = tuple(make_camera(section, around) for section in config.cameras)
        self.inbox = self.orders.inbox(self)
        self.supervisor = Supervisor(self._phases(), notifier, self.faults, clock)
        self.trying = Trying(self, proof, clock)

    def close(self) -> tuple[str, ...]:
        """Stop all workers, then close what is durable. The names of workers that did not end."""
        stuck = self.supervisor.stop()
        self.beacon.restore()
        for close in (
            self.footage.close,
            self.orders.close,
            self.line.close,
            *((self.family.close,) if self.family else ()),
            self.spool.close,
            self.status_file.remove,
        ):
            try:
                close()
            except AgentError as error:  # a disk that fails now is met again, and told, at the next start
                log.warning("while stopping: %s", error)
        return stuck

    def birth(self, session: str) -> BirthMessage:
        """Who this node is, as of now."""
        states = tuple(camera.stats.state() for camera in self.cameras)
        key = evidence_facts(self.notary) if self.notary else None
        return birth_message(self._config, self._hash, session, self.eye, states).model_copy(
            update={
                "config": config_facts(self.settings.chosen),
                "evidence": key,
                "setup_open": True if self.setup.health() else None,
                "capabilities": self.inbox.names(),
            }
        )

    def seal_again(self) -> None:
        """Footage goes unsealed: can it be sealed now? Each hour, by the thread that writes footage."""
        if self.notary is None:
            self.notary = seal_footage(self._config, self.footage, self.faults, self._clock, self._clear)
            if self.notary is not None:
                self.reborn()  # the ward learns the key

    def gives_up(self) -> bool:
        """Asked every few seconds: is this process to end, because a camera hangs or a command wants it?"""
        self.trying.look()
        self.word.look(self)
        self.beacon.look()
        self.pause.look()
        if self._leaving.now():
            return True
        faults = {source: fault.code for fault in self.faults.open() for source in fault.sources}
        return self.escalation.look([_view(camera, faults) for camera in self.cameras]) is Rung.PROCESS

    def status_line(self) -> str:
        """One line for `systemctl status`."""
        states = [camera.stats.state().state for camera in self.cameras]
        connected = self.line.stats.state().connected
        faults = ", ".join(self.faults.codes())
        watched = ", ".join(self.live.desk.watched()) if self.live else ""
        return Text(
            en=f"{states.count('ok')} of {len(states)} cameras, ward {'connected' if connected else 'not connected'}"
            + (f", THE WARD LOOKS AT {watched}" if watched else "")
            + (f", faults: {faults}" if faults else ""),
            vi=f"{states.count('ok')}/{len(states)} camera, {'đã kết nối' if connected else 'chưa kết nối'} với phường"
            + (f", PHƯỜNG ĐANG XEM {watched}" if watched else "")
            + (f", lỗi: {faults}" if faults else ""),
        ).say(self._config.node.language)

    def recording(self) -> Recording:
        """What is the same for all events."""
        footage = self._config.footage
        plan = ClipPlan(footage.pre_roll, footage.post_roll, footage.max_clip, footage.segment)
        origin = Origin(model_ref(self.eye), self._hash)
        return Recording(self.line.topics, origin, plan if self._config.upload else None)

    def _phases(self) -> tuple[Phase, ...]:
        """In the order of stopping: givers first, so that takers get all of it; the line to the ward goes last."""
        workers = Workers(self, self._config, self._clock)
        return (
            Phase(tuple(worker for camera in self.cameras for worker in camera.capture), camera=True),
            Phase(tuple(camera.vision for camera in self.cameras)),
            Phase((workers.outbox(),)),
            Phase(
                (
                    *workers.page(),
                    *workers.upload(),
                    *workers.live(),
                    self.setup.worker(),
                    *workers.household(),
                    workers.clips(),
                    workers.errands(),
                    *workers.renewal(),
                    *workers.fetch(),
                    *workers.metrics(),
                    workers.health(),
                )
            ),
            Phase((workers.footage(),)),
            Phase((workers.mqtt(),)),
        )

    def _hooks(self, notifier: Notifier, vault: "Vault | None") -> Hooks:
        return Hooks(self._trouble, recovery_told(notifier, self._config.node.language), vault=vault)

    def _packets(self, packets: Sequence[Packet]) -> None:
        packets = [packet for packet in packets if self.pause.passes(packet)]
        self.packets.put(packets)
        if self.live is not None:
            self.live.tap.packets(packets)

    def closely(self, cam: str, watched: bool) -> None:
        """Somebody looks at a camera, or no more: it does not rest meanwhile."""
        for camera in self.cameras:
            if camera.id == cam:
                camera.attention.watched = watched

    def _trouble(self, cam: str) -> Trouble | None:
        own = next((camera.stats.trouble() for camera in self.cameras if camera.id == cam), None)
        paused = self.pause.trouble()
        return max((one for one in (own, paused) if one is not None), key=lambda one: one.at_ns, default=None)

    def _end_interrupted(self) -> None:
        count = self.spool.close_interrupted()
        if count:
            log.info("ended %d event(s) that the last stop interrupted", count)


def _view(camera: Camera, faults: Mapping[str, str]) -> CameraView:
    names = [name for worker in camera.capture for name in (worker.name, f"{worker.name}{STUCK}")]
    codes = [faults[name] for name in names if name in faults]
    worst = next((code for code in codes if code in HANGS), codes[0] if codes else None)
    return CameraView(camera.id, camera.stats.state().state == "ok" and not codes, worst)


def make_live(node: Node, config: Config, clock: Clock) -> "LiveView | None":
    """What pushes the picture of now, if the ward has a place for it."""
    if config.live is None:
        return None
    from agent.app.live import LiveOutlets, LiveView  # noqa: PLC0415  # half a megabyte that most nodes do not need

    view = LiveView(config, config.live, node.line, LiveOutlets(node.spool.put, node.access.write), clock)
    view.tap.closely = node.closely
    return view


def make_family(node: Node, config: Config, clock: Clock) -> "HouseholdPage | None":
    """The page that shows the household what is sent, and what counts it."""
    if config.household is None:
        return None
    from agent.app.household import HouseholdPage  # noqa: PLC0415  # what few nodes need
    from agent.app.sent import Sent  # noqa: PLC0415

    sent = Sent(config.node.data_dir, ZoneInfo(config.node.timezone), clock)
    node.line.sent, node.line.governor.seen = sent, sent.spent
    if node.live is not None:
        node.live.ended = sent.live
    return HouseholdPage(node, config, config.household, sent)


def recovery_told(notifier: Notifier, language: Language) -> Callable[[int, int], None]:
    """While footage is looked through, which takes minutes when its index is lost, systemd is told to wait."""

    def tell(done: int, total: int) -> None:
        status = Text(
            en=f"Looking through footage: {done} of {total} files", vi=f"Đang xem lại hình: {done}/{total} tệp"
        )
        notifier.starting(status.say(language), RECOVERY_STEP_S)

    return tell


def new_id(at: Moment) -> str:
    """A ULID of the moment."""
    return str(ULID.from_timestamp(at.wall_ns / 1e9))
