"""A scene as an H.264 file such as a street camera sends; kept in the user's cache."""

import hashlib
import inspect
import time
from fractions import Fraction
from pathlib import Path

import av
from av.video.frame import VideoFrame

from agent.durable import durable_file
from deploy.fetch import workspace
from tests.scenes.disturb import KINDS
from tests.scenes.render import render
from tests.scenes.store import folder, version
from tests.scenes.values import Scene

STALE_S = 86400.0  # films of an older generator that nobody can be reading any more
# The second stream of a cheap camera: a key frame each second, no B-frames, at most 768 kbit/s, so that noise by night
# costs sharpness and pulses with the key frames as it does in the street. One thread: the same bytes on every run.
OPTIONS = {
    "preset": "veryfast",
    "crf": "23",
    "maxrate": "768k",
    "bufsize": "768k",
    "bf": "0",
    "threads": "1",
    "sc_threshold": "0",
}


def video(scene: Scene) -> Path:
    """MP4, H.264; rendered at the first call. Raises AssetError, OSError."""
    made_by = version(Path(inspect.getfile(KINDS[scene.disturbance.kind])))
    told = hashlib.sha256(f"{made_by} {scene!r}".encode()).hexdigest()[:12]
    path = folder() / f"{scene.name}-{told}.mp4"
    if path.is_file():
        return path
    with workspace(f"scene-{scene.name}"):
        if not path.is_file():  # another run may have made it while this one waited
            for old in folder().glob(f"{scene.name}-????????????.mp4"):
                if time.time() - old.stat().st_mtime > STALE_S:
                    old.unlink(missing_ok=True)
            with durable_file(path) as temporary:
                _encode(scene, temporary)
    return path


def _encode(scene: Scene, path: Path) -> None:
    rate = Fraction(1, scene.fps)
    with av.open(str(path), "w", format="mp4") as container:
        stream = container.add_stream("libx264", rate=scene.fps)
        stream.pix_fmt, stream.width, stream.height = "yuv420p", scene.width, scene.height
        stream.time_base = stream.codec_context.time_base = rate
        stream.codec_context.gop_size = scene.fps
        stream.options = OPTIONS
        for picture, frame in render(scene):
            encoded = VideoFrame.from_ndarray(picture, format="bgr24").reformat(format="yuv420p")
            encoded.pts, encoded.time_base = frame.index, rate
            container.mux(stream.encode(encoded))
        container.mux(stream.encode(None))
