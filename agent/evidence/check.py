"""Is a clip what the node's manifest says? Offline, of two files and (better) the node's public key.

In: paths. Out: a verdict and everything that was found, in words. Nothing is written.
"""

import json
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Any, NoReturn

import av
from pydantic import ValidationError

from agent.contract.base import parse_utc
from agent.contract.manifest import Manifest
from agent.digest import sha256
from agent.evidence import words
from agent.evidence.chain import head_text
from agent.evidence.compare import compare_gops
from agent.evidence.gops import Content, read_content
from agent.evidence.links import broken_links, times_of
from agent.evidence.manifest import MOST_BYTES, canonical
from agent.evidence.public import PublicKey, parse_public
from agent.evidence.words import Finding
from agent.values import Seal


class State(str, Enum):
    """The worst of what was found."""

    COMPLETE = "complete"  # genuine, nothing is missing
    UNPROVED = "partly_unproved"  # what the node cut, but some of it was recorded without its seal
    GAPS = "gaps"  # genuine; the manifest itself says what is missing
    CHAIN = "chain_inconsistent"  # signed, but its list of segments has a hole that it does not declare
    ALTERED = "altered"
    OTHER_KEY = "other_key"
    BAD_SIGNATURE = "bad_signature"

    @property
    def genuine(self) -> bool:
        """Is the clip what the node cut?"""
        return self in (State.COMPLETE, State.UNPROVED, State.GAPS)


@dataclass(frozen=True, slots=True)
class Verdict:
    """`findings` tell everything; the state is the worst of it."""

    state: State
    findings: tuple[Finding, ...]
    manifest: Manifest | None
    fingerprint: str | None  # of the key that the manifest names
    key_given: bool  # else the manifest vouches for itself: its fingerprint must be compared by hand


class Unreadable(Exception):
    """A file is not what it is given as; `why` is technical."""

    def __init__(self, path: Path, why: str) -> None:
        super().__init__(f"{path}: {why}")
        self.path = path
        self.why = why


def check(clip: Path, manifest: Path, key: PublicKey | None) -> Verdict:
    """Raises OSError when a file cannot be read, Unreadable when the manifest is none."""
    told = _load(manifest)
    try:
        parsed = Manifest.model_validate(told)
        named = parse_public(parsed.key.public_key)
        for told_utc in times_of(parsed):
            parse_utc(told_utc)
    except (ValidationError, ValueError, OverflowError) as error:
        raise Unreadable(manifest, str(error)) from error
    fingerprint, given = named.fingerprint, key is not None
    if fingerprint != parsed.key.fingerprint or not named.verifies(canonical(told), parsed.signature):
        return Verdict(State.BAD_SIGNATURE, (words.bad_signature(),), parsed, fingerprint, given)
    if key is not None and key != named:
        return Verdict(State.OTHER_KEY, (words.other_key(named, key),), parsed, fingerprint, given)
    altered = tuple(_alterations(clip, parsed))
    breaks = (*broken_links(parsed), *_head(parsed, named))
    gaps = tuple(words.gap(one) for one in parsed.gaps)
    notes = tuple(words.segment_note(one) for one in parsed.segments if one.state != "sealed")
    clock = (words.clock_not_set(),) if any(not one.clock_trusted for one in parsed.segments) else ()
    foreign = any(one.state in ("foreign", "unsealed") for one in parsed.segments)
    ordered = {State.ALTERED: altered, State.CHAIN: breaks, State.UNPROVED: foreign, State.GAPS: gaps}
    state = next((one for one, found in ordered.items() if found), State.COMPLETE)
    return Verdict(state, (*altered, *breaks, *gaps, *notes, *clock), parsed, fingerprint, given)


def _load(path: Path) -> dict[str, Any]:
    if path.stat().st_size > MOST_BYTES:
        raise Unreadable(path, "too large")
    try:
        told = json.loads(path.read_bytes().decode(), parse_constant=_no_number, object_pairs_hook=_unique)
        canonical(told if isinstance(told, dict) else {})  # half a letter (a lone surrogate) cannot be written
    except (ValueError, RecursionError) as error:
        raise Unreadable(path, str(error)) from error
    if not isinstance(told, dict) or told.get("schema") != "manifest/1":
        raise Unreadable(path, "schema is not manifest/1")
    return told


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    # Which of two counts is each reader's choice, so that the signature would hold for what another one does not see.
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key stands twice")
    return found


def _no_number(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def _alterations(clip: Path, manifest: Manifest) -> Iterator[Finding]:
    locked = manifest.clip.locked
    if sha256(clip) in (manifest.clip.sha256, locked.sha256 if locked else None):
        return  # the very same file: what it holds was bound when it was signed
    if manifest.video is None:
        yield words.other_bundle()
        return
    try:
        content = read_content(clip)
    except (av.FFmpegError, ValueError, OverflowError, struct.error):  # stamps that fit nowhere
        yield words.unplayable()
        return
    found = (*_video(content, manifest), *compare_gops(content, manifest))
    yield from found or (words.container_only(),)


def _video(content: Content, manifest: Manifest) -> Iterator[Finding]:
    video = manifest.video
    if video is None:
        return
    shape = (content.codec, content.width, content.height, content.time_base, content.extradata_sha256)
    if shape != (video.codec, video.width, video.height, video.time_base, video.extradata_sha256):
        yield words.parameters()


def _head(manifest: Manifest, key: PublicKey) -> Iterator[Finding]:
    head = manifest.chain
    if head is not None:
        text = head_text(manifest.cam, Seal(head.epoch, head.seq, "", head.link))
        if not key.verifies(text, head.signature):
            yield words.bad_head()
