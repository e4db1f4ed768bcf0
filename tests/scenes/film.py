"""A scene as an H.264 file such as a street camera sends; kept in the user's cache."""

import hashlib
import time
from collections.abc import Iterator
from pathlib import Path

from av.video.frame import VideoFrame

from deploy.encode import write_h264
from deploy.fetch import Progress, workspace
from tests.scenes.render import render
from tests.scenes.store import folder, version
from tests.scenes.values import Scene

STALE_S = 86400.0  # pictures of an older generator that nobody can be reading any more


def video(scene: Scene) -> Path:
    """MP4, H.264 without B-frames, a key frame each second; rendered at the first call. Raises AssetError."""
    told = hashlib.sha256(f"{version()} {scene!r}".encode()).hexdigest()[:12]
    path = folder() / f"{scene.name}-{told}.mp4"
    if path.is_file():
        return path
    with workspace(f"scene-{scene.name}"):
        if not path.is_file():  # another run may have made it while this one waited
            for old in folder().glob(f"{scene.name}-????????????.mp4"):
                if time.time() - old.stat().st_mtime > STALE_S:
                    old.unlink(missing_ok=True)
            write_h264(path, _frames(scene), scene.fps, scene.frames, Progress(quiet=True))
    return path


def _frames(scene: Scene) -> Iterator[VideoFrame]:
    for picture, _ in render(scene):
        yield VideoFrame.from_ndarray(picture, format="bgr24").reformat(format="yuv420p")
