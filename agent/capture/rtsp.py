"""A network camera over RTSP, interleaved in TCP, so that weak wifi delays packets instead of losing them.

The password is put into the address here, at the last moment, and never leaves this file.
"""

from urllib.parse import quote, urlsplit, urlunsplit

import av

from agent.capture.closer import closer_problem
from agent.capture.live import OPEN_S, LiveSource, read_timeout_s
from agent.capture.pictures import MAX_PIXELS
from agent.capture.problems import from_av, problem
from agent.capture.stream import Reading, StreamReader
from agent.config.camera import CameraSection
from agent.errors import CameraError

OPTIONS = MAX_PIXELS | {
    "rtsp_transport": "tcp",
    "allowed_media_types": "video",
    "fpsprobesize": "0",  # the frame rate is not worth 20 pictures of delay
}


def open_rtsp(camera: CameraSection, address: str, reading: Reading, secret: str | None) -> LiveSource:
    """Connect to `address` (the camera's `source` or `sub`).

    Raises CameraError: camera_unreachable, camera_certificate, camera_auth, camera_path (also when it is no camera),
    camera_codec, camera_silent.
    """
    # The socket's own deadline lies behind ours, so that it is ours that tells what happened.
    options = OPTIONS | {"timeout": str(round((camera.timeout + OPEN_S) * 1e6))}
    if camera.ca_file is not None and address.startswith("rtsps://"):
        options |= {"ca_file": str(camera.ca_file), "tls_verify": "1"}
    clock = reading.clock
    started_s = clock.mono_s()
    try:
        container = av.open(
            with_credentials(address, camera.username, secret),
            options=options,
            timeout=(OPEN_S, read_timeout_s(camera)),
        )
    except av.FFmpegError as error:
        # A camera that accepts the connection and then says nothing ends as "invalid data".
        waited = clock.mono_s() - started_s >= OPEN_S - 0.5
        mute = problem("camera_unreachable", address, f"{OPEN_S:.0f} s")
        failed = mute if waited else _failed(error, camera, address)
    else:
        try:
            reader = StreamReader(camera, address, reading)
            return LiveSource(container, reader, camera, address, reading)
        except (CameraError, av.FFmpegError):
            container.close()
            raise
    raise failed


def _failed(error: av.FFmpegError, camera: CameraSection, address: str) -> CameraError:
    failed = from_av(error, "rtsp", address)
    return (closer_problem(address, camera.ca_file) or failed) if failed.code == "camera_unreachable" else failed


def with_credentials(address: str, username: str | None, secret: str | None) -> str:
    """`rtsp://user:password@host/…`, percent-encoded. Never print the result."""
    if username is None:
        return address
    parts = urlsplit(address)
    user = quote(username, safe="") + (f":{quote(secret, safe='')}" if secret else "")
    return urlunsplit(parts._replace(netloc=f"{user}@{parts.netloc}"))
