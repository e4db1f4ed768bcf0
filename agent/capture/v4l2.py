"""A USB camera through Video4Linux. H.264 is passed through where the camera has it; MJPEG and raw pictures are encoded
if `transcode: true`, else refused. A driver may block a read for ever; then the worker is seen to be stuck.
"""

import av

from agent.capture.live import OPEN_S, READ_S, LiveSource
from agent.capture.problems import from_av
from agent.capture.stream import PLAYABLE, Reading, StreamReader
from agent.config.camera import CameraSection
from agent.errors import CameraError

PREFERRED = ("h264", "mjpeg", None)  # None: the driver's own choice, raw pictures
DEMUXER = "v4l2"


def open_v4l2(camera: CameraSection, reading: Reading, demuxer: str = DEMUXER) -> LiveSource:
    """Open the device with the best format that it has.

    Raises CameraError: camera_absent, camera_permission (also when it is in use), camera_codec.
    """
    asked = camera.v4l2.input_format
    tries = (asked,) if asked else PREFERRED
    for input_format in tries:
        try:
            container = _open(camera, input_format, demuxer)
        except CameraError as error:
            if error.code != "camera_codec" or input_format is tries[-1]:
                raise
            continue
        # A driver that does not know the format may silently give another: then it is the next one's turn.
        if input_format == "h264" and not asked and container.streams.video[0].codec_context.name not in PLAYABLE:
            container.close()
            continue
        reader = StreamReader(camera, camera.source, reading)
        try:
            return LiveSource(container, reader, camera, camera.source, reading.clock)
        except CameraError:
            container.close()
            raise
    raise AssertionError("the last format either opens or raises")


def _open(camera: CameraSection, input_format: str | None, demuxer: str) -> av.container.InputContainer:
    options = {
        "video_size": f"{camera.v4l2.width}x{camera.v4l2.height}",
        "framerate": str(camera.v4l2.fps),
        **({"input_format": input_format} if input_format else {}),
    }
    try:
        return av.open(camera.source, format=demuxer, options=options, timeout=(OPEN_S, READ_S))
    except av.FFmpegError as error:
        failed = from_av(error, "v4l2", camera.source)
    raise failed
