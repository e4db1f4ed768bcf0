"""Segments that this node cannot open, as they are, in one file for the ward: a tar with a list of what is in it.

`camera-agent unlock` at the ward cuts the wanted range out of it as the node would have.
"""

import io
import json
import os
import shutil
import tarfile
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from agent.clock import Moment
from agent.digest import sha256, sha256_of
from agent.durable import durable_file
from agent.footage.cut import Cut
from agent.footage.inspect import inspect
from agent.footage.place import NOTICEABLE_NS
from agent.footage.sealing import read_mark
from agent.footage.stored import Stored
from agent.values import Clip, ClipWanted, Gap, Used

LIST = "bundle.json"
MOST_LIST = 20_000_000  # bytes
MOST_SEGMENTS = 100_000


class BadBundle(ValueError):
    """It is not one of ours, or not whole."""


@dataclass(frozen=True, slots=True)
class Unpacked:
    """What was wanted, and the segments, still encrypted, in the order of recording."""

    wanted: ClipWanted
    found: tuple[Stored, ...]


def bundle(wanted: ClipWanted, found: Sequence[Stored], target: Path) -> Cut | None:
    """Writes `target` durably. None when no segment is left. Raises OSError."""
    used: list[Used] = []
    with durable_file(target) as temporary:
        temporary.touch(mode=0o600)
        with tarfile.open(temporary, "w", format=tarfile.USTAR_FORMAT) as tar:
            listed = json.dumps(_listed(wanted, found)).encode()
            tar.addfile(_entry(LIST, len(listed)), io.BytesIO(listed))
            for stored in found:
                one = _added(tar, stored)
                used += [one] if one else []
        if not used:
            return None
    there = [one.segment for one in used]
    begin_ns, end_ns = there[0].start.wall_ns, there[-1].end_ns
    gaps: list[Gap] = []
    reached_ns = wanted.start.wall_ns
    for segment in there:
        if segment.start.wall_ns - reached_ns >= NOTICEABLE_NS:
            gaps.append(Gap(reached_ns, segment.start.wall_ns, segment.gap_cause or "no_footage"))
        reached_ns = max(reached_ns, segment.end_ns)
    if wanted.end.wall_ns - reached_ns >= NOTICEABLE_NS:
        gaps.append(Gap(reached_ns, wanted.end.wall_ns, "no_footage"))
    size = target.stat().st_size
    clip = Clip(
        wanted.id, wanted.cam, target, begin_ns, end_ns, size, sha256(target), tuple(gaps), wanted.priority, bundle=True
    )
    return Cut(clip, tuple(used))


def unpack(path: Path, folder: Path) -> Unpacked:
    """The bundle's segments into `folder`. Raises BadBundle, OSError."""
    try:
        with tarfile.open(path, "r:") as tar:
            first = tar.next()
            body = tar.extractfile(first) if first and first.name == LIST and first.size <= MOST_LIST else None
            if body is None:
                raise BadBundle(f"{path} is no bundle")
            told = json.loads(body.read())
            start, end = _moment(told["start"]), _moment(told["end"])
            wanted = ClipWanted(str(told["id"]), str(told["cam"]), start, end, end)
            found = list(_unpacked(tar, told["segments"], folder, wanted.cam))
    except (tarfile.TarError, ValueError, KeyError, TypeError, EOFError, RecursionError) as error:
        raise BadBundle(f"{path}: {error}") from error
    return Unpacked(wanted, tuple(found))


def _unpacked(tar: tarfile.TarFile, listed: Any, folder: Path, cam: str) -> Iterator[Stored]:
    starts = {str(one["name"]): _moment(one["start"]) for one in listed[:MOST_SEGMENTS]}
    while (entry := tar.next()) is not None:
        # A name from a file that came over the network: only those of the list, and never a path.
        if entry.name not in starts or Path(entry.name).name != entry.name or not entry.isreg():
            raise BadBundle(f"{entry.name} is not in its list")
        source, path = tar.extractfile(entry), folder / entry.name
        assert source is not None
        with path.open("xb") as file:
            shutil.copyfileobj(source, file)
        stored = inspect(path, cam, finished=True)
        if stored is None or path.stat().st_size != entry.size:
            raise BadBundle(f"{entry.name} is damaged")
        yield replace(stored, segment=replace(stored.segment, start=starts[entry.name]))


def _moment(told: dict[str, Any]) -> Moment:
    return Moment(int(told["mono_ns"]), int(told["wall_ns"]), told["trusted"] is True, str(told["boot_id"]))


def _listed(wanted: ClipWanted, found: Sequence[Stored]) -> dict[str, Any]:
    return {
        "camera_agent_bundle": 1,
        "id": wanted.id,
        "cam": wanted.cam,
        "start": asdict(wanted.start),
        "end": asdict(wanted.end),
        # Dated since they were recorded: their labels may not know it.
        "segments": [{"name": one.path.name, "start": asdict(one.segment.start)} for one in found],
    }


def _added(tar: tarfile.TarFile, stored: Stored) -> Used | None:
    try:
        descriptor = os.open(stored.path, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return None  # the ring has removed it meanwhile
    with os.fdopen(descriptor, "rb") as file:
        found, seal = sha256_of(file), stored.segment.seal
        file.seek(0)
        tar.addfile(_entry(stored.path.name, os.fstat(descriptor).st_size), file)
    return Used(stored.segment, read_mark(stored.path), found, seal is not None and seal.sha256 != found)


def _entry(name: str, size: int) -> tarfile.TarInfo:
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode = size, 0o600
    return entry
