"""What a simulated node has to say: its birth, its health, and events that start, go on and end."""

import hashlib
import random

from ulid import ULID

from agent import __version__
from agent.clock import NS, Clock, Moment
from agent.contract.base import utc
from agent.contract.birth import AgentFacts, BirthMessage, BoardFacts, CameraFacts, ConfigFacts, ModelFacts, RuleFacts
from agent.contract.event import (
    ClipMedia,
    EventMessage,
    Media,
    ModelRef,
    Origin,
    ThumbMedia,
    event_message,
)
from agent.contract.health import (
    AgentHealth,
    BoardHealth,
    CameraHealth,
    DiskHealth,
    HealthMessage,
    NetHealth,
    SpoolHealth,
)
from agent.values import Box, EndReason, Event, EventObject, LinkState, Phase, Point, Severity

SHA256 = hashlib.sha256(b"simulated").hexdigest()
CAM, RULE = "gate", "intrusion"
UPDATE = 0.4  # of its length an event is updated
BOARD = "simulated"


def birth(number: int, session: str) -> BirthMessage:
    """Of a node with one camera and one rule, without a key of its own."""
    return BirthMessage(
        session=session,
        label=f"Camera {number}",
        timezone="Asia/Ho_Chi_Minh",
        agent=AgentFacts(version=__version__),
        config=ConfigFacts(hash=SHA256),
        board=BoardFacts(model=BOARD, machine="aarch64", system=BOARD, memory_mb=4096, cpus=4),
        cameras=(
            CameraFacts(id=CAM, label="Cổng", kind="rtsp", width=1920, height=1080, codec="h264", analysis_fps=5),
        ),
        rules=(RuleFacts(cam=CAM, id=f"{RULE}-{CAM}", rule=RULE, severity=Severity.ALERT, place="yard"),),
        models=(ModelFacts(name=BOARD, sha256=SHA256, family="ssd", provider="CPUExecutionProvider"),),
    )


def health(clock: Clock, link: LinkState, waiting: int, dropped: int) -> HealthMessage:
    """As long as one camera's health is in the field."""
    now = clock.now()
    up_s = round(now.mono_s, 1)
    return HealthMessage(
        at_utc=utc(now.wall_ns),
        agent=AgentHealth(uptime_s=up_s, rss_mb=155.6, cpu_pct=31.0, restarts=0, threads=14, budget_factor=1.0),
        board=BoardHealth(model=BOARD, cpu_pct=40.0, load=1.2, mem_free_mb=2900.0, temp_c=58.0, undervoltage=False),
        disk=DiskHealth(free_mb=21_000.0, inodes_free_pct=97.0, written_mb_day=900.0),
        net=NetHealth(connected=link.connected, protocol=link.protocol, iface="wlan0", rssi_dbm=-61,
                      rtt_ms=link.rtt_ms, reconnects=link.reconnects),
        spool=SpoolHealth(messages=waiting, oldest_age_s=0.0, clips=0, bytes=0,
                          dropped_messages=dropped, dropped_total=dropped),
        cams=(CameraHealth(id=CAM, state="ok", frame_age_s=0.1, fps=15.0, analysed_fps=5.0, inference_ms=88.0,
                           frames=round(up_s * 15), analysed=round(up_s * 5), codec="h264", encoder="passthrough",
                           width=1920, height=1080, recorded_s=up_s, expected_s=up_s, gap_s=0.0),),
    )  # fmt: skip


class Incident:
    """One event of a simulated rule: what it says next, and when."""

    def __init__(self, at: Moment, rng: random.Random, length_s: float, thumb_bytes: int) -> None:
        self.id = str(ULID.from_timestamp(at.wall_ns / NS))
        self.rev = 0
        self.due_s = at.mono_s
        self.over = False
        self._started = at
        self._length_s = length_s
        self._x = rng.uniform(0.1, 0.6)
        self._thumb = ThumbMedia(state="queued", bytes=thumb_bytes) if thumb_bytes else ThumbMedia()

    def next(self, now: Moment) -> EventMessage:
        """The next revision; `due_s` is then when the one after it is due, unless it is `over`."""
        phase = (Phase.START, Phase.UPDATE, Phase.END)[self.rev]
        self.rev += 1
        self.over = phase is Phase.END
        self.due_s = self._started.mono_s + self._length_s * (UPDATE if phase is Phase.START else 1.0)
        event = Event(
            id=self.id,
            phase=phase,
            rule=RULE,
            rule_id=f"{RULE}-{CAM}",
            severity=Severity.ALERT,
            cam=CAM,
            started=self._started,
            at=now,
            ended=now if self.over else None,
            end_reason=EndReason.OVER if self.over else None,
            objects=(self._person(),),
            count=1,
            zone="yard",
        )
        clip = ClipMedia(state="queued" if self.over else "recording")
        return event_message(
            event,
            self.rev,
            Media(clip=clip, thumb=self._thumb),
            Origin(ModelRef(name=BOARD, sha256=SHA256), SHA256),
            now,
        )

    def _person(self) -> EventObject:
        path = tuple(Point(self._x + step / 50, 0.9 - step / 50) for step in range(6))
        box = Box(self._x, 0.5, self._x + 0.1, 0.9)
        return EventObject(track=1, label="person", score=0.83, box=box, dwell_s=4.0, heading_deg=45.0, path=path)
