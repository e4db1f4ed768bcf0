"""What a segment file really holds, read from the file alone."""

from pathlib import Path

import av

from agent.digest import sha256
from agent.footage.boxes import is_whole
from agent.footage.locked import is_locked, read_locked
from agent.footage.mux import Opened
from agent.footage.stored import Stored, parse_label
from agent.values import Segment


def inspect(path: Path, cam: str, finished: bool) -> Stored | None:
    """The segment in `path`, its duration from its packets; None when it has no label or no picture.

    Of a `finished` file whole boxes are proof enough; in any other the first picture must decode. The seal is that of
    the file as it is now; whether it was always so, the file after it in the chain tells.

    Of an encrypted file all of that is what its header and its chunks say: nothing is decrypted.

    Raises OSError, av.FFmpegError when the disk will not let it be read, which proves nothing about the file.
    """
    if is_locked(path):
        return _inspect_locked(path, cam)
    try:
        with Opened(path) as opened:
            label = parse_label(opened.comment)
            if label is None or label.cam != cam or not ((finished and is_whole(path)) or opened.first_picture()):
                return None
            form = opened.format
            begin = end = usual = 0
            last_dts: int | None = None
            number = -1
            for number, piece in enumerate(opened.pieces()):
                begin = piece.pts if number == 0 else begin
                usual = piece.dts - last_dts if last_dts is not None else usual
                last_dts = piece.dts
                end = max(end, piece.pts + (piece.duration or usual or 1))
        if number < 0:
            return None
        duration_s = float((end - begin) * form.time_base)
        size = path.stat().st_size
        seal = label.mark.seal(cam, sha256(path)) if label.mark else None
    except (av.error.InvalidDataError, av.error.EOFError):
        return None
    segment = Segment(0, cam, label.run, path, label.start, duration_s, size, form, label.gap_cause, seal)
    return Stored(segment, label.pts_ns)


def _inspect_locked(path: Path, cam: str) -> Stored | None:
    locked = read_locked(path)
    label = parse_label(locked.header.label) if locked else None
    if locked is None or locked.whole is None or label is None or label.cam != cam:
        return None
    form = locked.header.format
    duration_s = float(locked.whole.ticks * form.time_base)
    seal = label.mark.seal(cam, sha256(path)) if label.mark else None
    segment = Segment(0, cam, label.run, path, label.start, duration_s, locked.size, form, label.gap_cause, seal)
    return Stored(segment, label.pts_ns)
