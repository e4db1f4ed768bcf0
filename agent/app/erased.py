"""A node that was erased: it tells the ward for the last time, then stays quiet, whatever starts it, and says so."""

import logging
import os

from agent import __version__
from agent.app.again import AGAIN_CODE
from agent.app.logins import read_login
from agent.app.wiping import ERASED, Marker, answer, erase_asked, finish, read_marker
from agent.clock import Clock
from agent.config.model import Config
from agent.contract.base import Words, utc
from agent.contract.envelope import seal
from agent.contract.health import AgentHealth, HealthMessage, SpoolHealth
from agent.contract.messages import FaultMessage
from agent.contract.topics import Topics
from agent.errors import AgentError
from agent.health.notify import Notifier
from agent.health.status import StatusFile, StatusReport, places
from agent.i18n import Text
from agent.stop import Stop
from agent.uplink import MqttLink, RetainedMessage
from agent.uplink.farewell import LastWords, say_farewell
from agent.values import Severity

log = logging.getLogger(__name__)
PATIENCE_S = 300.0  # for a broker that does not answer; then the keys go all the same
LOOK_S = 4.0
STEP_S = 60.0  # some files are gone within it, on any card
ERASING = Text(en="Erasing, as the ward asked", vi="Đang xoá theo lệnh của phường")
AGAIN = Text(
    en="Enrol it again (camera-agent enrol), or remove it",
    vi="Hãy đăng ký lại (camera-agent enrol), hoặc gỡ thiết bị",
)
STATUS = Text(en="Erased by the ward; records nothing", vi="Đã bị phường xoá dữ liệu; không ghi hình")


def erase_and_stay_quiet(config: Config, notifier: Notifier, stop: Stop, clock: Clock) -> int | None:
    """What the marker asks for; the exit code of a node that is to work no more. None: it goes on.

    Raises StorageError.
    """
    erased = erase_asked(config, clock, Alive(notifier, clock))
    return None if erased is None else stay_quiet(config, erased, notifier, stop, clock)


def stay_quiet(config: Config, marker: Marker, notifier: Notifier, stop: Stop, clock: Clock) -> int:
    """Until `stop` (0), or until it is enrolled again (AGAIN_CODE).

    No camera is opened, nothing is recorded, nobody is called after the last words.

    It runs on, so that systemd has nothing to start again. Raises StorageError.
    """
    notifier.ready(STATUS.say(config.node.language))
    finish(config, marker, lambda told: tell_ward(config, told, notifier, stop, clock))
    log.warning("%s", STATUS)
    status = StatusFile(config.node.id, places(config.node.data_dir))
    written_s: float | None = None
    code = 0
    while not stop.wait(LOOK_S):
        notifier.watchdog()
        if read_marker(config.node.data_dir) is None:
            log.warning("enrolled again: this node works from now on")
            code = AGAIN_CODE
            break
        now_s = clock.mono_s()
        if written_s is None or now_s - written_s >= status.every_s:
            written_s = now_s
            status.write(_report(config, clock, status.every_s))
    if code == 0:  # never before an exec: systemd then kills what goes on
        notifier.stopping()
    status.remove()
    return code


class Alive:
    """Called with each file that is erased: systemd hears now and then that this goes on."""

    def __init__(self, notifier: Notifier, clock: Clock) -> None:
        self._notifier = notifier
        self._clock = clock
        self._told_s: float | None = None

    def __call__(self) -> None:
        """One more."""
        now_s = self._clock.mono_s()
        if self._told_s is None or now_s - self._told_s >= LOOK_S:
            self._told_s = now_s
            self._notifier.watchdog()
            self._notifier.starting(str(ERASING), STEP_S)


def tell_ward(config: Config, marker: Marker, notifier: Notifier, stop: Stop, clock: Clock) -> bool:
    """Clear what the node left at the broker, and say that it is done. False when nobody could be told in time."""
    topics = Topics(config.mqtt.prefix, config.node.ward, config.node.id)
    draft = answer(topics, marker.request_id, clock)
    message = RetainedMessage(draft.topic, seal(draft.body, draft.topic, draft.at, clock))
    try:
        link = MqttLink(topics, config.mqtt, config.tls, read_login(config.mqtt))
        words = LastWords(tuple(sorted(set(marker.retained))), message)
        return say_farewell(link, words, PATIENCE_S, _Fed(stop, notifier), clock)
    except AgentError as error:  # a certificate that is gone, a password file: the keys go all the same
        log.warning("the ward cannot be told: %s", error)
        return False


class _Fed:
    """A `Stop` that feeds the watchdog whenever it is asked."""

    def __init__(self, stop: Stop, notifier: Notifier) -> None:
        self._stop = stop
        self._notifier = notifier

    def is_set(self) -> bool:
        """As the one inside."""
        self._notifier.watchdog()
        return self._stop.is_set()

    def wait(self, timeout: float | None = None) -> bool:
        """As the one inside."""
        self._notifier.watchdog()
        return self._stop.wait(timeout)


def _report(config: Config, clock: Clock, every_s: float) -> StatusReport:
    now = clock.now()
    erased = FaultMessage(
        code="erased",
        severity=Severity.ALERT,
        since_utc=utc(now.wall_ns),
        text=Words.of(ERASED),
        remedy=Words.of(AGAIN),
    )
    agent = AgentHealth(uptime_s=0.0, rss_mb=0.0, cpu_pct=0.0, restarts=0)
    spool = SpoolHealth(messages=0, oldest_age_s=0.0, clips=0, bytes=0)
    return StatusReport(
        node=config.node.id,
        ward=config.node.ward,
        version=__version__,
        pid=os.getpid(),
        boot_id=now.boot_id,
        mono_s=now.mono_s,
        every_s=every_s,
        health=HealthMessage(at_utc=utc(now.wall_ns), agent=agent, spool=spool, faults=("erased",)),
        faults=(erased,),
    )
