"""The file of a clip that leaves: is it still what it was, its digest, and what the upload server is told of it."""

import hashlib
import json
from collections.abc import Callable

from agent.contract.base import utc
from agent.errors import Rejected
from agent.i18n import Text
from agent.values import OutgoingClip

# By the last suffix; what is encrypted (`.mp4.locked`) is nothing that a server should look into.
FILE_TYPES = {
    ".mp4": "video/mp4",
    ".jpg": "image/jpeg",
    ".json": "application/json",
    ".tar": "application/x-tar",
}


def check_file(clip: OutgoingClip) -> None:
    """Is it there, as long as it was? Raises Rejected."""
    try:
        size = clip.path.stat().st_size
    except OSError as error:
        raise damaged(clip) from error
    if size != clip.bytes:
        raise damaged(clip)


def sha256_of(clip: OutgoingClip, begin: int, length: int, pause: Callable[[float], None]) -> bytes:
    """Of `length` bytes of its file from `begin` on; `pause` looks at the stop event in between. Raises Rejected."""
    digest = hashlib.sha256()
    try:
        with clip.path.open("rb") as file:
            file.seek(begin)
            while length > 0 and (data := file.read(min(length, 1_000_000))):
                digest.update(data)
                length -= len(data)
                pause(0.0)
    except OSError as error:
        raise damaged(clip) from error
    return digest.digest()


def damaged(clip: OutgoingClip) -> Rejected:
    """What to say of a file that is not what it was."""
    return Rejected(
        Text(
            en=f"clip {clip.id} is missing, cut short or changed on the disk",
            vi=f"clip {clip.id} bị mất, bị cắt hoặc bị thay đổi trên ổ đĩa",
        ),
        Text(en="check the memory card or disk", vi="hãy kiểm tra thẻ nhớ hoặc ổ đĩa"),
        code="storage_error",
    )


def metadata(clip: OutgoingClip, node: str) -> dict[str, str]:
    """What the upload server is told of it (tus `Upload-Metadata`), not encoded yet."""
    words = {
        "id": clip.id,
        "node": node,
        "cam": clip.cam,
        "from": utc(clip.start_ns),
        "to": utc(clip.end_ns),
        "sha256": clip.sha256,
        "filename": clip.path.name,
        "filetype": FILE_TYPES.get(clip.path.suffix, "application/octet-stream"),
    }
    if clip.parent is not None:
        words["manifest_of"] = clip.parent
    if clip.gaps:
        spans = [{"from": utc(gap.from_ns), "to": utc(gap.to_ns), "cause": gap.cause} for gap in clip.gaps[:20]]
        words["gaps"] = json.dumps(spans, separators=(",", ":"))
    return words
