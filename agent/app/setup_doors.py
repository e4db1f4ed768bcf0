"""What the setup page asks for, answered from the rooms of a running node. Imported only while the page is open."""

import threading
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from ulid import ULID

from agent import __version__
from agent.app.looking import Looking
from agent.app.selftest import checked
from agent.app.setup_config import SetupConfig
from agent.clock import Clock
from agent.config.model import Config
from agent.contract.answers import CheckRow
from agent.contract.base import utc
from agent.contract.event import EventMessage
from agent.detection.distance import PERSON_M, of_angle, of_lens, reach_m
from agent.errors import StorageError
from agent.health.checks import title_of
from agent.health.net import default_interface, read_rssi
from agent.i18n import Text
from agent.installer.setup.answers import LEVELS
from agent.installer.setup.doors import (
    CameraNow,
    Check,
    LensTold,
    Line,
    NodeView,
    Photo,
    SetupDoors,
    Sight,
    TestSent,
)
from agent.installer.setup.page import Asked
from agent.installer.setup.photos import ReferencePhotos, Taken
from agent.installer.web.noted import Noted
from agent.values import Draft, Phase, Severity

if TYPE_CHECKING:
    from agent.app.node import Node

RULE = "test"
PRIORITY = 10  # as an alert: the way that one takes is what is tried
AT_ONCE_S, EVERY_S = 3.0, 0.02
ENCRYPTED = Text(
    en="footage of this node is encrypted to the ward, and a photo would lie on the card in clear",
    vi="hình của thiết bị này được mã hoá cho phường; ảnh mốc sẽ nằm trên thẻ mà không được mã hoá",
)


class SetupAnswers:
    """Of one opening."""

    def __init__(self, node: "Node", config: Config, clock: Clock, asked: Asked) -> None:
        self._node = node
        self._config = config
        self._clock = clock
        self._asked = asked
        self._changes = SetupConfig(node, clock)
        self._photos = ReferencePhotos(config.node.data_dir)
        self._test = TestSent()
        self._topic = ""
        self._sent_s = 0.0

    def doors(self, looking: Looking, note: Callable[[Noted], None]) -> SetupDoors:
        """All of them."""
        return SetupDoors(
            node=self._who,
            cameras=self._cameras,
            latest=looking.latest,
            line=self._line,
            sight=self._sight,
            labels=lambda: self._node.eye.labels.names if self._node.eye else (),
            drawn=self._changes.drawn,
            check=self._changes.check,
            save=lambda cameras: self._changes.save(cameras, self._begun),
            saved=lambda: self._changes.saved(self._job()),
            test=self._send_test,
            tested=self._tested,
            keep_photo=self._keep_photo,
            photo=self._photos.photo,
            checks=self._checks,
            note=note,
            now_s=self._clock.mono_s,
        )

    def _who(self) -> NodeView:
        node = self._config.node
        return NodeView(
            id=node.id,
            ward=node.ward,
            label=node.label,
            version=__version__,
            language=node.language,
            timezone=node.timezone,
            model=self._node.eye.family if self._node.eye else None,
        )

    def _cameras(self) -> tuple[CameraNow, ...]:
        states = {camera.id: camera.stats.state() for camera in self._node.cameras}
        found = []
        for section in self._config.cameras:
            state, taken = states[section.id], self._photos.taken(section.id)
            found.append(
                CameraNow(
                    id=section.id,
                    label=section.label or section.id,
                    kind=section.kind,
                    state=state.state,
                    may_mask=section.may_encode,
                    width=state.width or None,
                    height=state.height or None,
                    reference_utc=taken.at_utc if taken else None,
                )
            )
        return tuple(found)

    def _line(self) -> Line:
        # Read anew each time, not out of health's half minute: somebody moves the aerial and looks.
        iface = default_interface()
        return Line(self._node.line.stats.state().connected, iface, read_rssi(Path("/"), iface))

    def _sight(self, lens: LensTold, width: int, rows: int) -> Sight:
        if lens.fov_deg is not None:
            view = of_angle(lens.fov_deg, (width, rows))
        else:
            view = of_lens(lens.lens_mm or 4.0, lens.sensor, (width, rows))
        model = self._node.eye.family if self._node.eye else ""
        day, night, dusk = (reach_m(view, model, light) for light in ("day", "night", "dusk"))
        return Sight(view.focal_px, view.angle_deg, PERSON_M, day, night, dusk)

    def _send_test(self, cam: str) -> str:
        now = self._clock.now()
        made = str(ULID.from_timestamp(now.wall_ns / 1e9))
        message = EventMessage(
            id=made,
            rev=1,
            phase=Phase.END,
            rule=RULE,
            rule_id=RULE,
            severity=Severity.INFO,
            cam=cam,
            started_utc=utc(now.wall_ns),
            ended_utc=utc(now.wall_ns),
            mono_ms=now.mono_ns // 10**6,
            config_hash=self._node.settings.chosen.hash,
            test=True,
        )
        topic = self._topic = self._node.line.topics.event(cam, RULE)
        self._sent_s = self._clock.mono_s()
        self._node.spool.put(Draft(topic, message.body(), now, PRIORITY))
        self._test = TestSent("sent", made)
        # Looked at closely for a moment, so that the time that is told is the line's and not that of the next question.
        pause = threading.Event()
        while self._connected() and self._clock.mono_s() - self._sent_s < AT_ONCE_S and self._tested().state == "sent":
            pause.wait(EVERY_S)
        return made

    def _tested(self) -> TestSent:
        if self._test.state in ("sent", "offline") and self._test.id is not None:
            if not self._node.spool.waiting_for(self._topic):
                ms = (self._clock.mono_s() - self._sent_s) * 1000
                server = self._node.line.link_state().server
                reads = None if server is None else server.state == "online"
                self._test = TestSent("back", self._test.id, ms, reads)
            else:
                self._test = TestSent("sent" if self._connected() else "offline", self._test.id)
        return self._test

    def _connected(self) -> bool:
        return bool(self._node.line.stats.state().connected)

    def _keep_photo(self, cam: str, jpeg: bytes) -> Photo:
        if self._config.evidence.encrypt_to is not None:
            raise StorageError(ENCRYPTED)
        now = self._clock.now()
        taken = Taken(utc(now.wall_ns), now.trusted, len(jpeg))
        self._photos.keep(cam, jpeg, taken)
        return Photo(taken.at_utc, taken.bytes)

    def _checks(self) -> tuple[Check, ...] | None:
        rows = checked(self._node, self._config, self._clock)
        return None if rows is None else tuple(map(_check, rows))

    def _job(self) -> str:
        entry = self._asked.entry
        return entry.opening.job if entry is not None else ""

    def _begun(self, job: str) -> None:
        entry = self._asked.entry
        if entry is not None:
            entry.saved(job)


def _check(row: CheckRow) -> Check:
    remedy = None if row.remedy is None else row.remedy.text()
    return Check(row.name, LEVELS[row.state], row.text.text(), remedy, title_of(row.name))  # type: ignore[arg-type]
