"""One segment file while it is written: `*.part.mp4` until it is synced, then renamed, then it counts.

The caller decides when it begins (a key frame) and ends.
"""

import contextlib
import os
from pathlib import Path
from typing import TYPE_CHECKING

import av

from agent.clock import NS
from agent.digest import sha256
from agent.durable import publish
from agent.footage.locked import LOCKED
from agent.footage.mux import FRAGMENTED, Muxer, Piece
from agent.footage.stored import DONE, PART, Label, Stored
from agent.values import Mark, Packet, Segment

if TYPE_CHECKING:
    from agent.footage.vault import Vault


class SegmentWriter:
    """Begins with `first`. Every method raises OSError or av.FFmpegError as the disk does.

    `mark` is the file's place in the hash chain; without one it is not sealed. With a `vault` the file is encrypted.
    """

    def __init__(
        self,
        folder: Path,
        first: Packet,
        gap_cause: str | None,
        mark: Mark | None = None,
        vault: "Vault | None" = None,
    ) -> None:
        self.format = first.format
        self.label = Label(first.cam, first.run, first.at, self._ns(first.pts), gap_cause, mark)
        self.part = _begun(folder, self.label.stem if vault is None else f"{self.label.stem}{LOCKED}")
        self.packets = 0
        self.bytes = 0  # of the pictures
        self._origin = first.pts
        self._end = first.pts
        self._last_dts: int | None = None
        self._usual_duration = 0
        text = self.label.text()
        self._sink = None
        try:
            self._sink = vault.sink(self.part, text, first.format) if vault is not None else None
            self._muxer = Muxer(self._sink or self.part, first.format, FRAGMENTED, text)
            self.write(first)
        except (OSError, av.FFmpegError):
            if self._sink is not None:
                self._sink.close()
            self.part.unlink(missing_ok=True)
            raise

    @property
    def duration_s(self) -> float:
        """From the first picture to after the last."""
        return float((self._end - self._origin) * self.format.time_base)

    def joins(self, packet: Packet) -> bool:
        """Does `packet` go on where this segment is: same run, same format?"""
        same = packet.format is self.format or packet.format == self.format
        return packet.run == self.label.run and same

    def write(self, packet: Packet) -> None:
        """One more packet of the same run and format."""
        dts = packet.dts - self._origin
        if self._last_dts is not None:
            self._usual_duration = max(dts - self._last_dts, 1)
            dts = max(dts, self._last_dts + 1)
        self._last_dts = dts
        pts = max(packet.pts - self._origin, dts)
        self._muxer.write(Piece(pts, dts, packet.duration, packet.key, packet.data))
        if self._sink is not None:  # a key frame writes out the group before it
            self._sink.mark(self.packets, self._end - self._origin)
        self._end = max(self._end, self._origin + pts + (packet.duration or self._usual_duration or 1))
        self.packets += 1
        self.bytes += len(packet.data)

    def finish(self) -> Stored:
        """Close, sync, rename, sync the directory; then read it back for its seal."""
        self._muxer.close()
        if self._sink is not None:
            self._sink.finish(self.packets, self._end - self._origin)
        path = self.part.with_name(self.part.name.removesuffix(PART) + DONE)
        publish(self.part, path)
        label = self.label
        segment = Segment(
            id=0,
            cam=label.cam,
            run=label.run,
            path=path,
            start=label.start,
            duration_s=self.duration_s,
            bytes=path.stat().st_size,
            format=self.format,
            gap_cause=label.gap_cause,
            seal=label.mark.seal(label.cam, sha256(path)) if label.mark else None,
        )
        return Stored(segment, label.pts_ns)

    def abandon(self) -> None:
        """Let go of the file after an error; what is on disk is left for recovery to judge."""
        with contextlib.suppress(OSError, av.FFmpegError):
            self._muxer.close()
            if self._sink is not None:
                self._sink.mark(self.packets, self._end - self._origin)
        if self._sink is not None:
            self._sink.close()

    def _ns(self, ticks: int) -> int:
        base = self.format.time_base
        return ticks * NS * base.numerator // base.denominator


def _begun(folder: Path, stem: str) -> Path:
    """An empty part file whose name, and that of the finished file, nobody has: two runs may claim the same moment."""
    name, number = stem, 0
    while True:
        part = folder / f"{name}{PART}"
        if not (folder / f"{name}{DONE}").exists():
            with contextlib.suppress(FileExistsError):
                os.close(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
                return part
        number += 1
        name = f"{stem}-{number}"
