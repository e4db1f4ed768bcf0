"""Reading a network camera that sends at its own pace, and noticing when it no longer sends pictures.

In: an open container. Out: what each packet gives. Silence is one read that gave up; pictures that never decode, or
that are no pictures, are noticed within the same time, however little of the stream is decoded.
"""

from collections import deque
from collections.abc import Iterator

import av

from agent.capture.counts import Counts
from agent.capture.encoder import AvPacket
from agent.capture.problems import from_av, problem
from agent.capture.slices import Look, look
from agent.capture.stream import Reading, StreamReader
from agent.clock import NS
from agent.config.camera import CameraSection
from agent.errors import CameraError
from agent.values import Frame, Packet

OPEN_S = 4.0  # for each of the two steps of opening
REST_S = 2.0  # while idle: to be woken for each packet costs more than the packet
REST_BYTES = 1_000_000  # at most, as the last rest tells: a camera whose own buffer is full leaves pictures out
REST_SHARE = 0.25  # of the camera's `timeout`, which a rest and a read that gives up then fill together
AT_ONCE_S = 0.003
DOUBTS = 8  # packets in a row that must look right after one that did not
AT_ONCE_NS = NS // 50
MOST_AT_ONCE = 64
MOST_RUNS = 20  # begun within `timeout`: each is a file of its own on the card
FIRST_KEY_S = 60.0  # cameras that save bits send a key frame this seldom, and some give none to a new viewer


def read_timeout_s(camera: CameraSection) -> float:
    """How long one read may wait, so that silence is noticed within `timeout` also when it begins during a rest."""
    return (1.0 - REST_SHARE) * camera.timeout


class LiveSource:
    """An open network camera. Owns `container`, whose reads give up after `read_timeout_s`.

    Such a read may have stopped in the middle of a packet, so it is the end: the connection cannot be used any more.
    """

    def __init__(
        self,
        container: av.container.InputContainer,
        reader: StreamReader,
        camera: CameraSection,
        address: str,
        reading: Reading,
    ) -> None:
        self.reader = reader
        self._container = container
        self._camera = camera
        self._address = address
        self._clock = reading.clock
        self._attention = reading.attention
        self._stop = reading.stop
        self._key_s, self._gop_s = 0.0, 0.0  # when the last key frame came, and how far it was from the one before
        self._rested_s, self._came_bytes, self._rest_s = reading.clock.mono_s(), 0, 0.0
        self._waited = False  # for the last packet: no more of them lie ready
        stream = reader.attach(container)
        self._codec = stream.codec_context.name
        self._decodes = reading.wants.frames or reader.encodes
        self._came_s = self._well_s = self._excused_s = reading.clock.mono_s()
        self._doubts = 0
        self._runs = 0
        self._begun_s: deque[float] = deque(maxlen=MOST_RUNS)
        self._gave_up = False
        self._burst: deque[tuple[AvPacket, int | None]] | None = None
        self._packets: Iterator[AvPacket] = container.demux(stream)

    def read(self) -> tuple[Packet | Frame, ...] | None:
        """What the next demuxed packet gives; while idle, what a row of them gives.

        Raises CameraError: camera_silent or camera_damaged after `timeout` without a picture, or what broke the line.
        """
        items = self._read_one()
        if self._stop.is_set():
            return items
        # Handed on as one: to wake the other threads for each packet costs more than the packets.
        row = [*items]
        while not self._waited and len(row) < MOST_AT_ONCE:
            row += self._read_one()
        return tuple(row)

    def _read_one(self) -> tuple[Packet | Frame, ...]:
        packet, due_ns = self._taken()
        seen = look(self._codec, packet, thorough=self._doubts > 0)
        if seen is Look.OTHER:
            if self._clock.mono_s() - self._came_s >= self._camera.timeout:
                raise self._silence()
            return ()
        self._came_s = self._clock.mono_s()
        if packet.is_keyframe:
            self._gop_s, self._key_s = self._came_s - self._key_s, self._came_s
        taken, decoded = self.reader.taken, self.reader.decoded
        items: tuple[Packet | Frame, ...] = ()
        if seen is Look.PICTURE:
            self._doubts = max(self._doubts - 1, 0)
            items = tuple(self.reader.take(packet, due_ns))
        else:
            self._doubts = min(self._doubts + 1, DOUBTS)
            self.reader.unreadable += seen is Look.DAMAGED
        self._judge(taken=self.reader.taken > taken, decoded=self.reader.decoded > decoded)
        return items

    def counts(self) -> Counts:
        """What was done so far."""
        return self.reader.counts()

    def close(self) -> None:
        """Close the connection."""
        self._container.close()

    def _judge(self, *, taken: bool, decoded: bool) -> None:
        now_s, timeout_s = self._came_s, self._camera.timeout
        if self.reader.runs > self._runs:
            self._runs = self.reader.runs
            self._begun_s.append(now_s)
            if len(self._begun_s) == MOST_RUNS and now_s - self._begun_s[0] < timeout_s:
                raise problem("camera_damaged", self._address, f"{now_s - self._begun_s[0]:.0f} s")
        if decoded or (not self._decodes and taken and not self._doubts):
            self._well_s = now_s
            return
        longest_s = timeout_s
        if not self._doubts:
            longest_s = max(timeout_s, self._idle_s() if taken else FIRST_KEY_S)
        if now_s - self._well_s >= longest_s or now_s - max(self._well_s, self._excused_s) >= timeout_s:
            raise problem("camera_damaged", self._address, f"{now_s - self._well_s:.0f} s")
        if longest_s > timeout_s:
            self._excused_s = now_s

    def _idle_s(self) -> float:
        """How long pictures may go undecoded on purpose; 0 when all are looked at."""
        if self._attention is None or not self._attention.idle or self.reader.encodes:
            return 0.0
        return self._attention.section.every + self._attention.section.max_gop + 1.0

    def _taken(self) -> tuple[AvPacket, int | None]:
        """The next packet, and when it was due.

        What came while the connection was opened is given all at once: the least delayed of it dates the others.
        """
        if self._burst is None:
            came: list[tuple[AvPacket, int]] = []
            waited_ns = 0
            while waited_ns < AT_ONCE_NS and len(came) < MOST_AT_ONCE:
                began_ns = self._clock.now().mono_ns
                packet, now_ns = self._next(), self._clock.now().mono_ns
                waited_ns = now_ns - began_ns
                came.append((packet, now_ns))
            stamped = [(self.reader.ns(packet.dts), at_ns) for packet, at_ns in came if packet.dts is not None]
            late_ns = min((at_ns - dts_ns for dts_ns, at_ns in stamped), default=0)
            self._burst = deque(
                (packet, None if packet.dts is None else self.reader.ns(packet.dts) + late_ns) for packet, _ in came
            )
            if came[0][0].dts is None and stamped:  # FFmpeg leaves the first one without a stamp
                self._burst[0] = (came[0][0], late_ns)
        return self._burst.popleft() if self._burst else (self._next(), None)

    def _rest(self) -> None:
        # Up to the next key frame at most, so that it is looked at when it comes.
        key_due_s = self._key_s + self._gop_s - self._clock.mono_s()
        rest_s = self._next_rest_s()
        self._stop.wait(min(rest_s, key_due_s) if key_due_s > 0.0 else 0.0)

    def _next_rest_s(self) -> float:
        now_s = self._clock.mono_s()
        came, over_s = self._came_bytes, now_s - self._rested_s
        self._rested_s, self._came_bytes = now_s, 0
        fitting_s = REST_BYTES * over_s / came if came else REST_S
        idle = self._attention is not None and self._attention.idle
        longest_s = min(REST_S if idle else 1.0 / self._camera.analysis_fps, REST_SHARE * self._camera.timeout)
        self._rest_s = min(longest_s, fitting_s, 2 * self._rest_s + AT_ONCE_S)  # back up slowly
        return self._rest_s

    def _silence(self) -> CameraError:
        waited_s = max(self._clock.mono_s() - self._came_s, read_timeout_s(self._camera))
        code = "camera_damaged" if self._doubts else "camera_silent"  # of noise little is left to be read
        return problem(code, self._address, f"{waited_s:.0f} s")

    def _next(self) -> AvPacket:
        if self._gave_up:
            raise self._silence()
        if self._waited and not self._stop.is_set():
            self._rest()
        began_s = self._clock.mono_s()
        try:
            packet = next(self._packets, None)
            # A read that gives up first gives the last picture, which was held until the next would begin.
            took_s = self._clock.mono_s() - began_s
            self._waited, self._gave_up = took_s > AT_ONCE_S, took_s >= read_timeout_s(self._camera)
        except av.error.ExitError:
            failed = self._silence()
        except av.FFmpegError as error:
            failed = from_av(error, self._camera.kind, self._address)
        else:
            if packet is not None and packet.size > 0:
                self._came_bytes += packet.size
                return packet
            failed = problem("camera_ended", self._address)
        raise failed
