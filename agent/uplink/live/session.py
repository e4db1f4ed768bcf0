"""One live picture from its first connection to its end: opened, passed on, opened anew or made smaller, closed."""

import logging
import ssl
from collections.abc import Callable
from dataclasses import dataclass

import av

from agent.clock import Clock
from agent.config.model import TlsSection
from agent.errors import AgentError, LinkError
from agent.i18n import Text
from agent.uplink.dial import Guard, Interrupted
from agent.uplink.live import words
from agent.uplink.live.ladder import Lateness, Rung, lower
from agent.uplink.live.order import Order
from agent.uplink.live.pictures import OwnPictures, Pictures, Small, SmallPictures, Stamps
from agent.uplink.live.pipe import Pipe, TooSlow, Way
from agent.uplink.live.rtmp import RtmpPush
from agent.uplink.live.rtsp import RtspPush
from agent.uplink.live.server import Server
from agent.uplink.live.tap import Tap
from agent.uplink.share import LiveShare
from agent.uplink.tls import client_context
from agent.values import Packet

log = logging.getLogger(__name__)
WAIT_S = 0.25
NO_PICTURE_S = 20.0
LONG_S = 0.6  # a picture that took so long to send came late
PATIENCE_S = 20.0  # with a server that had let it in
HEALTHY_S = 30.0
FIRST_DELAY_S, LONGEST_DELAY_S = 1.0, 4.0


class Over(Exception):
    """The picture has ended by itself."""

    def __init__(self, why: Text) -> None:
        super().__init__(why.en)
        self.why = why


@dataclass(frozen=True, slots=True)
class LiveLine:
    """How to reach the media server and what a picture is made of; the same for all."""

    server: Server
    node: str
    tls: TlsSection
    tap: Tap
    share: Callable[[float], LiveShare]  # for so many kilobits per second
    small: Callable[[str, int], Small]  # camera, kilobits per second


class Session:
    """Belongs to one thread. `step` until it raises Over; then `close`."""

    def __init__(self, line: LiveLine, order: Order, clock: Clock) -> None:
        self._line = line
        self._order = order
        self._clock = clock
        self._guard = Guard(order.halt, clock)
        self._rung: Rung = Rung(order.grant.kbps, order.grant.encoded)
        self._lateness = Lateness(clock.mono_s())
        self._pictures: Pictures = self._source()
        self._push: RtmpPush | RtspPush | None = None
        self._pipe: Pipe | None = None
        self._share: LiveShare | None = None
        self._stamps: Stamps | None = None
        self._before = 0  # bytes of earlier connections
        self._failures = 0
        self._ran = False  # it was let in once
        self._broke_s = self._not_before_s = self._opened_s = self._picture_s = clock.mono_s()

    @property
    def sent(self) -> int:
        """Bytes that have left."""
        return self._before + (self._pipe.sent if self._pipe is not None else 0)

    def step(self) -> None:
        """Pass on one picture, or wait a moment for it. Raises Over."""
        try:
            self._step()
        except Interrupted as error:
            raise Over(self._order.over() or words.NODE_STOPS) from error
        except TooSlow:
            self._go_down()
        except LinkError as error:
            self._try_again(error)
        except AgentError as error:  # the encoder
            raise Over(error.text) from error
        except (av.FFmpegError, ValueError) as error:
            log.warning("live %s: %s", self._order.wish.cam, error)
            raise Over(words.BROKEN) from error

    def close(self) -> None:
        """Hang up, and look no more."""
        self._hang_up(at_once=False)
        self._pictures.close()

    def _step(self) -> None:
        why = self._order.over()
        if why is not None:
            raise Over(why)
        left_s = self._not_before_s - self._clock.mono_s()
        if left_s > 0:
            self._guard.pause(min(left_s, WAIT_S))
            return
        late = self._pictures.watch.late
        for packet in self._pictures.take(WAIT_S):
            self._pass_on(packet)
        if self._push is not None:
            self._push.listen()
        if self._pictures.watch.late > late:
            self._came_late()
        if self._clock.mono_s() - self._picture_s > NO_PICTURE_S:
            raise Over(words.NO_PICTURE)

    def _pass_on(self, packet: Packet) -> None:
        begin_s = self._picture_s = self._clock.mono_s()
        if self._stamps is not None and packet.format != self._stamps.format:
            self._hang_up(at_once=False)
        if self._push is None or self._stamps is None:
            if not packet.key or not packet.format.extradata:
                return
            if not self._line.server.takes(packet.format.codec):  # the camera was set to another codec
                self._go_down()
                return
            self._open(packet)
            begin_s = self._clock.mono_s()
        assert self._push is not None and self._stamps is not None
        self._push.put(self._stamps.coded(packet))
        now_s = self._clock.mono_s()
        if now_s - begin_s > LONG_S:
            self._came_late()
        if now_s - self._opened_s > HEALTHY_S:
            self._failures = 0

    def _open(self, packet: Packet) -> None:
        line = self._line
        context: ssl.SSLContext | None = client_context(line.tls, "live_tls") if line.server.secure else None
        self._share = line.share(self._rung.kbps)
        self._pipe = Pipe(Way(line.server.peer, context, self._guard, self._clock), self._share)
        name = f"{line.node}.{self._order.wish.cam}"  # no id has a dot: nobody else can be called so
        push: RtmpPush | RtspPush = (
            RtmpPush(line.server, name, self._pipe)
            if line.server.protocol == "rtmp"
            else RtspPush(line.server, name, self._pipe)
        )
        push.open(packet.format)
        self._push, self._stamps = push, Stamps(packet.format)
        self._ran = True
        self._opened_s = self._clock.mono_s()
        self._lateness = Lateness(self._opened_s)

    def _came_late(self) -> None:
        if self._push is not None and self._lateness.again(self._clock.mono_s()):
            self._go_down()

    def _go_down(self) -> None:
        opened_s = self._clock.mono_s() - self._opened_s
        carried = self._pipe.sent * 8 / 1000 / max(opened_s, 1.0) if self._pipe is not None else 0.0
        rung = lower(self._rung, carried)
        if rung is None:
            raise Over(words.TOO_SLOW)
        log.info("live %s: the line does not carry %d kbit/s, now %d", self._order.wish.cam, self._rung.kbps, rung.kbps)
        self._rung = rung
        self._hang_up(at_once=True)
        self._pictures.close()
        self._pictures = self._source()
        self._lateness = Lateness(self._clock.mono_s())

    def _try_again(self, error: LinkError) -> None:
        # A server may hold the broken or the slow connection of before for a while, and refuse a second of the name.
        now_s = self._clock.mono_s()
        if not self._failures:
            self._broke_s = now_s
        self._failures += 1
        if not self._ran or now_s - self._broke_s > PATIENCE_S:
            raise Over(error.text) from error
        log.info("live %s: %s", self._order.wish.cam, error)
        self._hang_up(at_once=True)
        self._not_before_s = now_s + min(FIRST_DELAY_S * 2.0 ** (self._failures - 1), LONGEST_DELAY_S)

    def _hang_up(self, *, at_once: bool) -> None:
        if self._push is not None:
            self._push.bye()
        if self._pipe is not None:
            self._pipe.close(at_once=at_once)
            self._before += self._pipe.sent
        if self._share is not None:
            self._share.close()
        self._push = self._pipe = self._share = self._stamps = None

    def _source(self) -> Pictures:
        cam, kbps = self._order.wish.cam, self._rung.kbps
        if not self._rung.encoded:
            return OwnPictures(self._line.tap, cam)
        return SmallPictures(self._line.tap, cam, lambda: self._line.small(cam, kbps))
