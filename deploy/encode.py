"""Pictures become an H.264 file such as a street camera sends: no B-frames, a key frame each second, constant rate."""

from collections.abc import Iterable
from fractions import Fraction
from pathlib import Path

import av
from av.error import FFmpegError
from av.video.frame import VideoFrame

from agent.durable import durable_file
from agent.i18n import Text
from deploy.fetch import AssetError, Progress


def write_h264(target: Path, pictures: Iterable[VideoFrame], fps: int, expected: int, progress: Progress) -> int:
    """Writes `target` (MP4) in one step and returns how many pictures are in it; picture i has time stamp i / fps.

    Raises AssetError.
    """
    label = Text(en=f"Encoding {target.name}", vi=f"Đang mã hoá {target.name}")
    progress.begin(label)
    count = 0
    try:
        with durable_file(target) as temporary, av.open(str(temporary), "w", format="mp4") as container:
            stream = container.add_stream("libx264", rate=fps)
            stream.pix_fmt = "yuv420p"
            stream.time_base = Fraction(1, fps)
            stream.codec_context.time_base = Fraction(1, fps)
            stream.codec_context.gop_size = fps
            # One picture at a time through one thread: the same bytes on every run.
            stream.options = {"crf": "20", "preset": "veryfast", "bf": "0", "threads": "1", "sc_threshold": "0"}
            for picture in pictures:
                if count == 0:
                    stream.width, stream.height = picture.width, picture.height
                picture.pts, picture.time_base = count, Fraction(1, fps)
                container.mux(stream.encode(picture))
                count += 1
                progress.show(label, count, expected)
            container.mux(stream.encode(None))
    except (FFmpegError, OSError) as error:
        raise AssetError(
            Text(en=f"{target.name} cannot be encoded: {error}", vi=f"Không mã hoá được {target.name}: {error}")
        ) from error
    progress.end(label)
    return count
