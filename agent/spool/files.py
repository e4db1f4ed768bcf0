"""Clip files beside their rows: a small JSON beside each file, so that a lost database does not lose the clips;
sweeping of what no row names; the check that a file is still what its row says.
"""

import contextlib
import json
import logging
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from agent.clock import Moment
from agent.digest import sha256
from agent.durable import remove_durably, sync_dir, write_durably
from agent.spool.codec import gaps_of, gaps_text, moment_of, moment_text
from agent.values import Clip, OutgoingClip

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class FoundClip:
    """A clip that was found again by the file beside it."""

    clip: Clip
    at: Moment


@dataclass(frozen=True, slots=True)
class ManifestFile:
    """A clip's manifest as it lies on the disk."""

    path: Path
    bytes: int
    sha256: str


def manifest_of(clip: Clip) -> ManifestFile | None:
    """The manifest beside a clip; None when it has none, or it cannot be read: the clip leaves without it."""
    if clip.manifest is None:
        return None
    try:
        return ManifestFile(clip.manifest, clip.manifest.stat().st_size, sha256(clip.manifest))
    except OSError as error:
        log.warning("clip %s leaves without its manifest: %s", clip.id, error.strerror)
        return None


def label_path(clip: Path) -> Path:
    """The file that tells what `clip` is."""
    return clip.with_name(f"{clip.name}.json")


def write_label(clip: Clip, at: Moment) -> None:
    """Describe a clip beside its file. Raises OSError."""
    fields = {
        "id": clip.id,
        "cam": clip.cam,
        "start_ns": clip.start_ns,
        "end_ns": clip.end_ns,
        "bytes": clip.bytes,
        "sha256": clip.sha256,
        "gaps": gaps_text(clip.gaps),
        "priority": clip.priority,
        "at": moment_text(at),
        "manifest": None if clip.manifest is None else clip.manifest.name,
    }
    write_durably(label_path(clip.path), json.dumps(fields).encode())


def found_clips(directory: Path) -> list[FoundClip]:
    """All clips in `directory` that have a readable description and their whole size."""
    found = []
    for label in sorted(directory.glob("*.json")):
        path = label.with_name(label.name.removesuffix(".json"))
        with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
            fields = json.loads(label.read_bytes())
            at, gaps = moment_of(fields.pop("at")), gaps_of(fields.pop("gaps"))
            proof = fields.pop("manifest", None)
            manifest = None if proof is None else label.with_name(Path(proof).name)
            clip = Clip(path=path, gaps=gaps, manifest=manifest, **fields)
            if path.stat().st_size == clip.bytes:
                found.append(FoundClip(clip, at))
    return found


def sweep(directory: Path, known: Collection[Path]) -> int:
    """Remove every file in `directory` that no row names; the number of them. Raises OSError."""
    keep = {path.name for path in known} | {label_path(path).name for path in known}
    strays = [path for path in directory.iterdir() if path.is_file() and path.name not in keep]
    for path in strays:
        path.unlink(missing_ok=True)
    if strays:
        sync_dir(directory)
    return len(strays)


def discard(clip: OutgoingClip) -> None:
    """Remove a clip's files after its row. What cannot be removed now is swept at the next start."""
    discard_files(clip.path, clip.manifest)


def discard_files(path: Path, manifest: Path | None) -> None:
    """The same, of a clip without a row."""
    try:
        label_path(path).unlink(missing_ok=True)
        if manifest is not None:
            manifest.unlink(missing_ok=True)
        remove_durably(path)
    except OSError as error:
        log.warning("clip %s could not be removed: %s", path.name, error.strerror)


def discard_label(path: Path) -> None:
    """The clip stays, but nobody shall find it again without its row."""
    try:
        label_path(path).unlink(missing_ok=True)
    except OSError as error:
        log.warning("the description of clip %s could not be removed: %s", path.name, error.strerror)


def fault_of(clip: OutgoingClip, whole: bool) -> str | None:
    """Why this clip cannot be sent: `missing` or `changed`; None when sound. `whole`: read it all, for the sha256."""
    try:
        if clip.path.stat().st_size != clip.bytes:
            return "changed"
        return "changed" if whole and sha256(clip.path) != clip.sha256 else None
    except OSError:
        return "missing"
