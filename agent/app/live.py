"""The picture of now, joined: capture's packets and frames, the household's line, the spool and the access log."""

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass

from agent.app.ward import WardLine
from agent.backoff import Backoff
from agent.capture.small_stream import SmallStream
from agent.clock import Clock
from agent.commands.live_jobs import live_job, live_job_interrupted
from agent.config.asked import LiveSection
from agent.config.model import Config
from agent.errors import StorageError
from agent.uplink.live import words
from agent.uplink.live.desk import AT_ONCE, DeskDoors, LiveDesk
from agent.uplink.live.job import LiveJob
from agent.uplink.live.server import server_of
from agent.uplink.live.session import LiveLine
from agent.uplink.live.tap import Tap
from agent.values import Access, Draft, LiveNews
from agent.worker import Reporter, Worker

log = logging.getLogger(__name__)
SILENT_S = 90.0  # a camera's encoder is tried for up to 20 s, a server is waited for


@dataclass(frozen=True, slots=True)
class LiveOutlets:
    """Where it tells how it goes."""

    put: Callable[[Draft], None]
    note: Callable[[Access], object]  # the access log


class LiveView:
    """One for the life of the process, of a node that has a media server. Raises StorageError where the spool does."""

    def __init__(
        self,
        config: Config,
        section: LiveSection,
        line: WardLine,
        doors: LiveOutlets,
        clock: Clock,
    ) -> None:
        self.tap = Tap(clock)
        self._clock = clock
        self._topics = line.topics
        self._language = config.node.language
        self._put = doors.put
        self._note = doors.note
        self.ended: Callable[[LiveNews], None] = lambda _news: None  # who counts what is sent
        governor = line.governor
        limits = DeskDoors(self.tap.stream, governor.live_kbps, governor.rest)
        self.desk = LiveDesk(section, limits, config.node.data_dir / "live.json", self._clock)
        cameras = {camera.id: camera for camera in config.cameras}
        self._line = LiveLine(
            server=server_of(section.url),
            node=config.node.id,
            tls=config.tls,
            tap=self.tap,
            share=governor.share,
            small=lambda cam, kbps: SmallStream(cameras[cam], kbps),
        )
        for interrupted in self.desk.interrupted.items():
            doors.put(live_job_interrupted(self._topics, interrupted, words.NODE_STARTED, self._clock.now()))
        if self.desk.interrupted:
            self.desk.forget_interrupted()

    def workers(self, reporter: Reporter) -> tuple[Worker, ...]:
        """As many as pictures may be pushed at once."""

        def make(stop: threading.Event) -> LiveJob:
            return LiveJob(self._line, self.desk, self.tell, stop, self._clock)

        found = []
        for number in range(1, AT_ONCE + 1):
            worker = Worker(f"live-{number}", make, reporter, Backoff(first_s=1.0, cap_s=30.0), self._clock)
            worker.wake, worker.max_silent_s = self.desk.wake, SILENT_S
            found.append(worker)
        return tuple(found)

    def tell(self, news: LiveNews) -> None:
        """To the ward, and when it is over to the access log: until when somebody looked, and how much was sent."""
        now = self._clock.now()
        if news.state != "uploading":
            self.ended(news)
        try:
            self._put(live_job(self._topics, news, now))
            if news.state != "uploading":
                wish, why = news.wish, news.why.say(self._language) if news.why else news.state
                self._note(
                    Access(
                        action="live_end",
                        by=wish.by,
                        case=wish.case,
                        reason=wish.reason,
                        cam=wish.cam,
                        from_ns=news.start_ns,
                        to_ns=now.wall_ns,
                        result=f"{news.bytes_sent} byte; {why}",
                        request_id=wish.job_id,
                    )
                )
        except StorageError as error:
            log.warning("how a live picture went could not be kept: %s", error)
