"""One picture of now: the camera's next analysed frame, or the last key frame of its newest footage where that is
larger and hardly older. What the picture shows is painted over by the camera's masks once more, whatever it came from.
"""

import contextlib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import av

from agent.app.glance import Glance
from agent.capture.masks import masks_of
from agent.capture.planes import PlaneViewer
from agent.clock import NS, Clock, Moment
from agent.config.model import Config
from agent.digest import sha256
from agent.durable import disk_error, write_durably
from agent.footage.doors import AnyFootage
from agent.installer.overlay import bgr, jpeg
from agent.values import Clip, ClipWanted, Frame, Segment

if TYPE_CHECKING:
    from agent.app.node import Node

PATIENCE_S = 6.0  # for a frame; a camera that idles gives one every few seconds
OLDEST_S = 60.0  # a picture that is older is none of now
QUALITY = 88


@dataclass(frozen=True, slots=True)
class Shot:
    """A picture and when it was taken."""

    frame: Frame
    at: Moment

    @property
    def pixels(self) -> int:
        """How large it is."""
        return self.frame.width * self.frame.height


class Snapshots:
    """For one thread that may wait. Raises StorageError."""

    def __init__(self, node: "Node", config: Config, clock: Clock) -> None:
        self._glance: Glance = node.glance
        self._footage: AnyFootage = node.footage
        self._spool = node.spool
        self._cameras = {camera.id: camera for camera in config.cameras}
        self._clock = clock
        self._pause = node.pause

    def take(self, cam: str, job_id: str, priority: int) -> Clip | None:
        """The picture as a file that is on its way to the ward when this returns; None when there is none of now."""
        shot = self.newest(cam)
        if shot is None:
            return None
        path = self._spool.clips_directory / f"{job_id}.jpg"
        frame = self._masked(shot.frame)
        data = jpeg(bgr(frame, frame.width), QUALITY)
        try:
            write_durably(path, data)
        except OSError as error:
            raise disk_error(error, path) from error
        at = shot.at
        clip = Clip(job_id, cam, path, at.wall_ns, at.wall_ns, len(data), sha256(path), (), priority)
        self._spool.clip_ready(ClipWanted(job_id, cam, at, at, at, priority), clip)
        return clip

    def newest(self, cam: str) -> Shot | None:
        """The larger of the two, of the last minute; none while the household has stopped recording."""
        if self._pause.active:
            return None
        frame = self._glance.ask(cam, PATIENCE_S)
        shots = [] if frame is None else [Shot(frame, frame.at)]
        recorded = self._recorded(cam)
        if recorded is not None:
            shots.append(recorded)
        return max(shots, key=lambda shot: shot.pixels, default=None)

    def _recorded(self, cam: str) -> Shot | None:
        now = self._clock.now()
        found = self._footage.library.find(cam, now.shifted(-OLDEST_S), now)
        for segment in reversed(found):
            if segment.start.boot_id != now.boot_id:
                break
            with contextlib.suppress(OSError, av.FFmpegError):  # the ring removes, and a card fails: the frame is left
                shot = last_key_frame(segment)
                if shot is not None and (now.mono_ns - shot.at.mono_ns) / NS <= OLDEST_S:
                    return shot
        return None

    def _masked(self, frame: Frame) -> Frame:
        masks = masks_of(self._cameras[frame.cam])
        if masks is None:
            return frame
        painted = replace(frame, luma=frame.luma.copy(), u=frame.u.copy(), v=frame.v.copy())
        masks.paint(painted.luma, painted.u, painted.v)
        return painted


def last_key_frame(segment: Segment) -> Shot | None:
    """Decoded by one thread; None when the file holds no picture. Raises OSError, av.FFmpegError."""
    with av.open(str(segment.path)) as container:
        stream = container.streams.video[0]
        stream.thread_count = 1
        first: int | None = None
        key = None
        for packet in container.demux(stream):
            if packet.pts is None:
                continue
            first = packet.pts if first is None else first
            key = packet if packet.is_keyframe else key
        if key is None or first is None or key.pts is None or stream.time_base is None:
            return None
        offset_s = float((key.pts - first) * stream.time_base)
        decoder = stream.codec_context
        pictures = [*decoder.decode(key), *decoder.decode(None)]
    if not pictures:
        return None
    at = segment.start.shifted(offset_s)
    return Shot(_frame(segment, pictures[0], at), at)


def _frame(segment: Segment, picture: av.VideoFrame, at: Moment) -> Frame:
    luma, u, v = PlaneViewer().views(picture)
    return Frame(segment.cam, segment.run, 0, at, luma, u, v)
