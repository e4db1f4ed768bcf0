"""Makes the manifest of a clip that was just cut, and writes and reads its canonical form."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from agent.clock import NS
from agent.contract.base import GapSpan, utc
from agent.contract.manifest import (
    Manifest,
    ManifestClip,
    ManifestGop,
    ManifestHead,
    ManifestKey,
    ManifestLocked,
    ManifestSegment,
    ManifestVideo,
)
from agent.evidence.chain import head_text, is_own
from agent.evidence.gops import Content
from agent.evidence.key import DeviceKey
from agent.evidence.public import PublicKey
from agent.values import Clip, Seal, Used

LOCKED = (".mp4.locked", ".locked.tar")  # what encrypted clips end in
MOST_BYTES = 20_000_000  # a day of key frames each second has 13 MB; nobody's manifest is larger


def manifest_path(clip: Path) -> Path:
    """Where the manifest of `clip` lies."""
    suffix = next((one for one in LOCKED if clip.name.endswith(one)), clip.suffix)
    return clip.with_name(f"{clip.name.removesuffix(suffix)}.manifest.json")


def canonical(told: dict[str, Any]) -> bytes:
    """What is signed: `jq -jcS 'del(.signature)'` gives the same bytes."""
    bare = {name: value for name, value in told.items() if name != "signature"}
    return json.dumps(bare, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def clip_part(clip: Clip) -> ManifestClip:
    """The file."""
    name, clear = clip.path.name, clip.clear
    return ManifestClip(
        id=clip.id,
        file=name if clear is None else name.removesuffix(".locked"),
        sha256=clip.sha256 if clear is None else clear.sha256,
        bytes=clip.bytes if clear is None else clear.bytes,
        from_utc=utc(clip.start_ns),
        to_utc=utc(clip.end_ns),
        locked=ManifestLocked(file=name, sha256=clip.sha256, bytes=clip.bytes) if clear else None,
    )


def video_part(content: Content) -> ManifestVideo:
    """The stream."""
    return ManifestVideo(
        codec=content.codec,
        width=content.width,
        height=content.height,
        time_base=content.time_base,
        extradata_sha256=content.extradata_sha256,
        pictures=sum(gop.pictures for gop in content.gops),
        ticks=content.ticks,
    )


def gop_parts(content: Content, start_ns: int) -> tuple[ManifestGop, ...]:
    """The groups of pictures, dated from the clip's begin."""
    return tuple(
        ManifestGop(
            sha256=gop.sha256,
            at=gop.at,
            from_utc=utc(start_ns + content.ns(gop.at)),
            pictures=gop.pictures,
            bytes=gop.bytes,
        )
        for gop in content.gops
    )


def gap_parts(clip: Clip) -> tuple[GapSpan, ...]:
    """Every gap, however many."""
    return tuple(GapSpan(from_utc=utc(gap.from_ns), to_utc=utc(gap.to_ns), cause=gap.cause) for gap in clip.gaps)


def segment_parts(used: Sequence[Used], public: PublicKey) -> tuple[ManifestSegment, ...]:
    """The files that were read."""
    return tuple(_segment(one, public) for one in used)


def _segment(used: Used, public: PublicKey) -> ManifestSegment:
    segment, mark = used.segment, used.mark
    own = mark is not None and is_own(segment.cam, mark, public)
    seal = mark.seal(segment.cam, used.sha256) if mark else None
    return ManifestSegment(
        name=segment.path.name,
        from_utc=utc(segment.start.wall_ns),
        to_utc=utc(segment.start.wall_ns + round(segment.duration_s * NS)),
        clock_trusted=segment.start.trusted,
        state="altered" if used.altered else "sealed" if own else "foreign" if mark else "unsealed",
        sha256=used.sha256,
        epoch=mark.epoch if mark else None,
        seq=mark.seq if mark else None,
        before=mark.before if mark else None,
        link=seal.link if seal else None,
        key=mark.key if mark and not own else None,
    )


def head_part(cam: str, head: Seal | None, key: DeviceKey) -> ManifestHead | None:
    """The newest link, signed by itself so that it can be kept without the manifest."""
    if head is None:
        return None
    return ManifestHead(epoch=head.epoch, seq=head.seq, link=head.link, signature=key.sign(head_text(cam, head)))


def key_part(public: PublicKey) -> ManifestKey:
    """Who signs."""
    return ManifestKey(fingerprint=public.fingerprint, public_key=public.pem)


def signed(manifest: Manifest, key: DeviceKey) -> bytes:
    """The file's content."""
    told = manifest.model_dump(mode="json", by_alias=True, exclude_none=True)
    return canonical(told)[:-1] + f',"signature":"{key.sign(canonical(told))}"}}\n'.encode()
