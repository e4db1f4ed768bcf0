"""How footage takes part in the hash chain: it asks for the place of each file that begins, and tells what it became.

Without a sealer (no device key) files carry no mark, and everything else goes on.
"""

import logging
from collections.abc import Iterable
from pathlib import Path
from typing import Protocol

import av

from agent.footage.locked import is_locked, read_header
from agent.footage.mux import Opened
from agent.footage.stored import Stored, parse_label
from agent.values import Clip, Mark, Seal, Used

log = logging.getLogger(__name__)


class Sealer(Protocol):
    """Who keeps the chain of each camera; but for `begin_after` and `prove` it raises nothing."""

    def begin_after(self, epoch: str) -> None:
        """Footage of this epoch is there; what begins now is of a later one. Raises StorageError."""

    def resume(self, cam: str, newest: Seal | None, mark: Mark | None) -> bool:
        """Go on from the newest sealed file and what it says of itself; False when that is another device's."""

    def mark(self, cam: str) -> Mark:
        """The place of the file that begins now."""

    def took(self, cam: str, seal: Seal) -> None:
        """A file is finished; the next one stands on it."""

    def head(self, cam: str) -> Seal | None:
        """The newest link."""

    def prove(self, clip: Clip, used: tuple[Used, ...]) -> Clip:
        """Write the manifest of a clip that was just cut, durably, beside it. Raises OSError, av.FFmpegError."""


class Sealing:
    """Of all cameras. For the writing thread, but for `head` and `prove`."""

    def __init__(self) -> None:
        self._sealer: Sealer | None = None

    def begin(self, sealer: Sealer, newest_epoch: str) -> None:
        """From now on files are sealed, in an epoch after `newest_epoch`. Raises StorageError."""
        sealer.begin_after(newest_epoch)
        self._sealer = sealer

    def resume(self, newest: Stored | None) -> None:
        """Go on from a camera's newest sealed segment."""
        if self._sealer is None or newest is None or newest.segment.seal is None:
            return
        cam = newest.segment.cam
        if not self._sealer.resume(cam, newest.segment.seal, read_mark(newest.path)):
            log.warning("the footage of %s was sealed with another key: a new chain begins", cam)

    def mark(self, cam: str) -> Mark | None:
        """For the label of a file that begins."""
        return self._sealer.mark(cam) if self._sealer else None

    def took(self, stored: Stored) -> None:
        """A file is finished, or what a failure left of it was kept."""
        if self._sealer and stored.segment.seal:
            self._sealer.took(stored.segment.cam, stored.segment.seal)

    def head(self, cam: str) -> Seal | None:
        """The newest link of a camera."""
        return self._sealer.head(cam) if self._sealer else None

    def prove(self, clip: Clip, used: tuple[Used, ...]) -> Clip:
        """The clip with its manifest. Raises OSError, av.FFmpegError."""
        return self._sealer.prove(clip, used) if self._sealer else clip


def newest_sealed(all_: Iterable[Stored]) -> dict[str, Stored]:
    """Of each camera the one that stands last in its chain."""
    newest: dict[str, tuple[str, int, Stored]] = {}
    for stored in all_:
        seal = stored.segment.seal
        if seal is not None:
            place = (seal.epoch, seal.seq)
            known = newest.get(stored.segment.cam)
            if known is None or known[:2] < place:
                newest[stored.segment.cam] = (*place, stored)
    return {cam: stored for cam, (_, _, stored) in newest.items()}


def read_mark(path: Path) -> Mark | None:
    """What the file says of its place; None when it says nothing or cannot be read."""
    try:
        if is_locked(path):
            header = read_header(path)
            label = parse_label(header.label) if header else None
        else:
            with Opened(path) as opened:
                label = parse_label(opened.comment)
    except (OSError, av.FFmpegError):
        return None
    return label.mark if label else None
