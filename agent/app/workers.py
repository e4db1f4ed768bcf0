"""The workers of a node beside its cameras', each made from the rooms that it joins."""

import contextlib
import os
import threading
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Generic, TypeVar

from agent import __version__
from agent.app.birth import config_facts
from agent.app.cutting import Cutting, CuttingDoors
from agent.app.page_clips import clear_page
from agent.app.recent import ClipState, Recent
from agent.backoff import Backoff
from agent.clock import Clock
from agent.commands.errands import ErrandJob
from agent.commands.jobs import PICTURE
from agent.config.model import Config
from agent.contract.birth import BirthMessage
from agent.contract.health import HealthMessage
from agent.detection.budget import Budget
from agent.errors import StorageError
from agent.footage.jobs import ClipJob, FootageJob
from agent.footage.ring import free_bytes
from agent.health.conditions import Conditions
from agent.health.job import HealthDesk, HealthJob
from agent.health.pace import Pace
from agent.health.report import HealthReport, HealthSettings, HealthSources
from agent.health.status import NodeIdentity
from agent.identity.renewal import RenewalJob
from agent.spool import OutboxJob
from agent.values import AccessTally, CameraState, Clip, ClipWanted, FootageState, OutgoingClip, SpoolState
from agent.worker import Job, Worker

if TYPE_CHECKING:
    from agent.app.metrics import Figures
    from agent.app.node import Node

T = TypeVar("T")


class ShownReport(HealthReport):
    """Every report is also what the local page shows."""

    def __init__(self, settings: HealthSettings, sources: HealthSources, clock: Clock, recent: Recent | None) -> None:
        super().__init__(settings, sources, clock)
        self._recent = recent

    def take(self) -> HealthMessage:
        """The node as it is now."""
        message = super().take()
        if self._recent is not None:
            self._recent.health(message)
        return message


class LastKnown(Generic[T]):
    """A look at the disk for health: while the disk fails, what was seen last. Those who write report the failure."""

    def __init__(self, look: Callable[[], T], at_first: T) -> None:
        self._look = look
        self._last = at_first

    def __call__(self) -> T:
        """The newest that is known."""
        with contextlib.suppress(StorageError):
            self._last = self._look()
        return self._last


def with_spending(state: CameraState, budget: Budget) -> CameraState:
    """A camera's state with what it made of its share of the budget; unchanged while only motion is seen."""
    if state.vision != "objects":
        return state
    spent = budget.spending(state.id)
    return replace(state, inferences=spent.made, inferences_refused=spent.refused)


class Workers:
    """Makes each worker once; a worker makes its job anew after an error, always from the same rooms."""

    def __init__(self, node: "Node", config: Config, clock: Clock) -> None:
        self._node = node
        self._config = config
        self._clock = clock
        self._who = NodeIdentity(config.node.id, config.node.ward, __version__)
        self._figures = _figures(node, config, self._who, clock)

    def outbox(self) -> Worker:
        """Events from vision into the spool."""
        node, how = self._node, self._node.recording()
        worker = self._worker("outbox", lambda stop: OutboxJob(node.outbox, node.spool, how, stop))
        worker.wake = node.outbox.wake
        return worker

    def footage(self) -> Worker:
        """Packets from capture onto the disk."""
        node = self._node

        def make(_stop: threading.Event) -> FootageJob:
            job = FootageJob(node.footage, node.packets, self._clock, node.faults)
            job.hourly = node.seal_again
            return job

        worker = self._worker("footage", make)
        worker.wake = node.packets.wake
        return worker

    def clips(self) -> Worker:
        """Clips that events want, out of the footage into the spool."""
        node = self._node

        def deliver(wanted: ClipWanted, clip: Clip | None) -> None:
            node.spool.clip_ready(wanted, clip)
            if clip is not None:
                self._show(wanted.id, "queued")
            self._tell_lost()

        doors = CuttingDoors(
            ahead=node.spool.clips_ahead,
            used=lambda: sum(node.footage.state(camera.id).bytes for camera in node.cameras),
            free=lambda: free_bytes(self._config.node.data_dir),
        )
        cutting = Cutting(self._config, doors, self._clock)

        def make(stop: threading.Event) -> ClipJob:
            job = ClipJob(node.footage, node.spool.wanted, deliver, node.spool.clips_directory, stop)
            job.may_wait = cutting.may_wait
            job.tidy = node.spool.sweep_cancelled
            return job

        return self._worker("clips", make)

    def upload(self) -> tuple[Worker, ...]:
        """Clips out of the spool to the ward, if it takes any."""

        def uploaded(clip: OutgoingClip) -> None:
            self._node.orders.clip_uploaded(clip)
            if clip.path.suffix != PICTURE:
                self._node.footage.delivered(clip)
            self._show(clip.id, "uploaded")

        worker = self._node.line.upload_worker(uploaded, self._tell_lost, self._node.faults, self._node.orders.jobs)
        return (worker,) if worker else ()

    def live(self) -> tuple[Worker, ...]:
        """The picture of now, if there is a place to push it to."""
        return self._node.live.workers(self._node.faults) if self._node.live else ()

    def mqtt(self) -> Worker:
        """Messages out of the spool to the ward."""
        node = self._node

        def birth(session: str) -> BirthMessage:
            node.inbox.connected(session)
            return node.birth(session)

        return node.line.mqtt_worker(birth, node.inbox.take, node.certificate.witness(node.faults))

    def health(self) -> Worker:
        """How the node is, to the ward and to the status file."""
        node, config, clock = self._node, self._config, self._clock
        sources = HealthSources(
            cameras=self._camera_states,
            footage=LastKnown[tuple[FootageState, ...]](
                lambda: tuple(node.footage.state(camera.id) for camera in node.cameras), ()
            ),
            spool=LastKnown(node.spool.state, SpoolState()),
            link=node.line.link_state,
            restarts=lambda: node.supervisor.restarts,
            faults=node.faults.codes,
            budget_factor=lambda: node.budget.factor if node.eye else None,
            access=LastKnown[AccessTally | None](node.access.tally, None),
            commands=node.inbox.health,
            setup=node.setup.health,
            household=node.family.health if node.family else lambda: None,
            paused=node.pause.health,
            update=node.word.health,
            certificate=node.certificate.state,
        )
        pace = Pace(os.cpu_count() or 1)

        def paced(report: HealthMessage) -> None:
            node.report = report
            node.budget.factor = pace.update(clock.mono_s(), report.board)
            node.orders.floor.keep()
            if self._figures is not None:
                self._figures.take(report, node.faults.open)

        checked = tuple(
            (camera.id, camera.ca_file is not None) for camera in config.cameras if camera.source.startswith("rtsps://")
        )
        settings = HealthSettings(config.node.id, config.node.data_dir, config.node.language, config.insecure, checked)
        desk = HealthDesk(
            report=ShownReport(settings, sources, clock, node.recent),
            conditions=Conditions(node.faults, clock),
            faults=node.faults,
            status=node.status_file,
            publish=node.line.health,
            who=self._who,
            paced=paced,
            config=lambda: config_facts(node.settings.chosen),
        )
        return self._worker("health", lambda stop: HealthJob(desk, config.health.interval, clock, stop))

    def metrics(self) -> tuple[Worker, ...]:
        """Figures for Prometheus at a port, if the configuration names one."""
        figures, section = self._figures, self._config.metrics
        if figures is None or section is None or section.port is None:
            return ()
        from agent.health.metrics_port import MetricsJob  # noqa: PLC0415  # what few nodes need

        port = section.port
        return (self._worker("metrics", lambda _stop: MetricsJob(port, figures.page, self._clock)),)

    def renewal(self) -> tuple[Worker, ...]:
        """What keeps the certificate from ending, if the configuration says who renews it."""
        renewal = self._node.renewal
        if renewal is None:
            return ()
        return (self._worker("renewal", lambda stop: RenewalJob(renewal, self._clock, stop)),)

    def fetch(self) -> tuple[Worker, ...]:
        """New versions of the program, if the configuration says from where."""
        if self._config.update is None:
            return ()
        from agent.app.update_fetch import Fetching  # noqa: PLC0415  # what few nodes need

        worker = self._worker("fetch", Fetching(self._node, self._config, self._clock).job)
        worker.max_silent_s = 300.0  # a piece on a slow line
        return (worker,)

    def errands(self) -> Worker:
        """Commands whose work takes a while."""
        errands = self._node.errands
        worker = self._worker("errands", lambda _stop: ErrandJob(errands))
        worker.wake = errands.wake
        return worker

    def household(self) -> tuple[Worker, ...]:
        """The family's own page, if the configuration gives them one."""
        family = self._node.family
        return (family.worker(self._clock),) if family is not None else ()

    def page(self) -> tuple[Worker, ...]:
        """The local page, if the configuration asks for one."""
        section, recent = self._config.page, self._node.recent
        if section is None or recent is None:
            clear_page(self._config)
            return ()
        # asyncio, which nothing else of a node needs: 1.5 MB
        from agent.app.page import PageDoors, SweptPage  # noqa: PLC0415
        from agent.installer.page import PageJob  # noqa: PLC0415

        doors, clock = PageDoors(self._node, self._config, recent, self._clock), self._clock
        data = doors.data()
        return (self._worker("page", lambda stop: SweptPage(PageJob(section, data, clock), doors.clips, clock)),)

    def _camera_states(self) -> tuple[CameraState, ...]:
        node = self._node
        watched = node.live.desk.watched() if node.live else ()
        states = (with_spending(camera.stats.state(), node.budget) for camera in node.cameras)
        return tuple(replace(state, watched=True) if state.id in watched else state for state in states)

    def _tell_lost(self) -> None:
        for lost in self._node.orders.jobs.tell_lost():
            self._show(lost.id, "dropped")

    def _show(self, event_id: str, state: ClipState) -> None:
        if self._node.recent is not None:
            self._node.recent.clip(event_id, state)

    def _worker(self, name: str, make: Callable[[threading.Event], Job]) -> Worker:
        return Worker(name, make, self._node.faults, Backoff(first_s=1.0, cap_s=30.0), self._clock)


def _figures(node: "Node", config: Config, who: NodeIdentity, clock: Clock) -> "Figures | None":
    if config.metrics is None:
        return None
    from agent.app.metrics import Figures  # noqa: PLC0415  # what few nodes need

    return Figures(config.metrics, who, node.faults, clock)
