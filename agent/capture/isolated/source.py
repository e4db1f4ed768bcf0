"""A camera whose stack runs in a child process: the door for every kind that may hang.

In: a command, its job, the camera's section. Out: Packets and Frames as from any source. A child that is silent,
ends or talks nonsense is killed, and the reason is a CameraError with a name.
"""

import logging
from collections import deque

from agent.capture.counts import Counts
from agent.capture.encoder_choice import HARDWARE, THIS_PROCESS
from agent.capture.isolated.arrivals import Arrivals
from agent.capture.isolated.aside import Aside
from agent.capture.isolated.child import Child, ChildCommand
from agent.capture.isolated.wire import WireEnd, WireError
from agent.capture.problems import problem
from agent.capture.stream import Reading
from agent.config.camera import CameraSection
from agent.errors import CameraError
from agent.system_words import reason
from agent.values import Frame, Packet

log = logging.getLogger(__name__)
LOAD_S = 30.0  # until hello: a cold Python with its libraries from a slow card
OPEN_S = 8.0  # more than the camera's own timeout, until its first picture
SIGN_S = 4.0  # a child without pictures gives a sign of life more often than this
SLICE_S = 0.25  # so that a stop is never waited for longer
LIVED_S = 1.0  # without a picture it surely lived for so long, if it is to be called silent and not stuck
MOST_MESSAGES = 64  # in one read


class IsolatedSource:
    """A `Source`. Raises CameraError: camera_unkillable while an earlier child still holds the camera, camera_crashed.

    The child must say hello, then send pictures or at least `counts`, see `inside.Inside`.
    """

    def __init__(self, camera: CameraSection, reading: Reading, command: ChildCommand, aside: Aside) -> None:
        holder = aside.holder(camera.id)
        if holder is not None:
            raise problem("camera_unkillable", camera.source, str(holder))
        self._camera = camera
        self._reading = reading
        self._aside = aside
        self._arrivals = Arrivals(camera.id, camera.source)
        self._patience_s = LOAD_S
        self._progress_s = self._sign_s = reading.clock.mono_s()  # of the last picture; of the last message
        self._closed = self._over = False
        try:
            self._child = Child(command, reading.clock)
        except (OSError, ValueError) as error:
            failed = problem("camera_crashed", camera.source, reason(error))
        else:
            return
        raise failed

    @property
    def pid(self) -> int:
        """Of the child."""
        return self._child.pid

    def read(self) -> tuple[Packet | Frame, ...] | None:
        """What came, at most a quarter of a second later; None when the source came to its end.

        Raises CameraError: what the child reports, or camera_stuck (it hangs), camera_silent (it lives but has no
        picture), camera_crashed (it ended), camera_garbled (it makes no sense). The child is dead by then.
        """
        attention = self._reading.attention
        self._child.attend(attention is not None and attention.idle)
        try:
            return self._read() if not self._over else None
        except WireError as error:
            failed = self._failed("camera_garbled", str(error))
        except WireEnd:
            failed = self._failed("camera_crashed", "")
        except CameraError:
            self.close()
            raise
        raise failed

    def counts(self) -> Counts:
        """What the child said last."""
        return self._arrivals.counts

    def close(self) -> None:
        """Kill the child and all it started; at most a second. A child in state D is put aside."""
        if self._closed:
            return
        self._closed = True
        self._arrivals.release()
        process = self._child.kill()
        if process is not None:
            log.error("%s: process %d does not end after SIGKILL", self._camera.id, process.pid)
            self._aside.put(self._camera.id, process)

    def _read(self) -> tuple[Packet | Frame, ...] | None:
        items: deque[Packet | Frame] = deque()
        clock = self._reading.clock
        until_s = clock.mono_s() + SLICE_S
        for _ in range(MOST_MESSAGES):
            wait_s = 0.0 if items else until_s - clock.mono_s()
            message = self._child.receive(wait_s) if wait_s >= 0.0 else None
            if message is None:
                break
            self._sign_s = clock.mono_s()
            if message.kind == "over":
                self._over = True
                break
            if message.kind == "hello" and self._patience_s == LOAD_S:  # only the first one counts
                self._patience_s = self._camera.timeout + OPEN_S
                self._progress_s = self._sign_s
            item = self._arrivals.take(message, clock.now())
            if isinstance(item, Frame) and self._reading.attention is not None:
                self._reading.attention.look(item)
            if item is not None:
                items.append(item)
        if items:
            self._patience_s = self._camera.timeout
            self._progress_s = self._sign_s
        elif self._over:
            self.close()
            return None
        else:
            self._look_for_silence()
        return tuple(items)

    def _look_for_silence(self) -> None:
        now_s = self._reading.clock.mono_s()
        silent_s = now_s - self._progress_s
        if silent_s < self._patience_s:
            return
        if now_s - self._sign_s >= SIGN_S:
            if self.counts().encoder == HARDWARE:
                THIS_PROCESS.hung()
            raise self._failed("camera_stuck", f"{silent_s:.0f} s")
        if self._sign_s - self._progress_s >= LIVED_S:
            raise self._failed("camera_silent", f"{silent_s:.0f} s")

    def _failed(self, name: str, detail: str) -> CameraError:
        words = self._child.last_words()
        self.close()
        return problem(name, self._camera.source, ": ".join(part for part in (detail, words) if part) or "?")
