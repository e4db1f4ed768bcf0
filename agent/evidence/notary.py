"""What footage asks of evidence: a place in the chain for each file, and a manifest beside each clip."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from io import RawIOBase
from pathlib import Path

from agent.clock import Clock
from agent.contract.base import utc
from agent.contract.manifest import Manifest
from agent.durable import write_durably
from agent.evidence.chain import Chains, is_own
from agent.evidence.gops import Content, read_content
from agent.evidence.key import DeviceKey, epoch_number, next_epoch, open_key, read_key
from agent.evidence.manifest import (
    clip_part,
    gap_parts,
    gop_parts,
    head_part,
    key_part,
    manifest_path,
    segment_parts,
    signed,
    video_part,
)
from agent.values import Clip, Mark, Seal, Used


@dataclass(frozen=True, slots=True)
class Signer:
    """In whose name a manifest is made."""

    ward: str
    node: str
    clock: Clock


class Notary:
    """Of one run of the agent, or (`chains` of no epoch) of a command beside it. Thread-safe."""

    def __init__(self, key: DeviceKey, epoch: str, signer: Signer, directory: Path) -> None:
        self._key = key
        self._epoch = epoch
        self._directory = directory
        self._signer = signer
        self._chains = Chains(epoch, key.public, key.sign)
        self.public = key.public
        self.clear: Callable[[Path], RawIOBase] | None = None  # opens a clip that is encrypted

    def begin_after(self, epoch: str) -> None:
        """Footage of this epoch is there: the own one is a later one, also where the file that counts them was lost.

        Called before the first mark. Raises StorageError.
        """
        if epoch_number(epoch) >= epoch_number(self._epoch):
            self._epoch = next_epoch(self._directory, epoch)
            self._chains.rename(self._epoch)

    def resume(self, cam: str, newest: Seal | None, mark: Mark | None) -> bool:
        """Go on from the newest sealed file and what it says of itself; False when that is another device's."""
        return self._chains.resume(cam, newest, mark)

    def mark(self, cam: str) -> Mark:
        """The place of the file that begins now."""
        return self._chains.mark(cam)

    def took(self, cam: str, seal: Seal) -> None:
        """A file is finished; the next one stands on it."""
        self._chains.took(cam, seal)

    def head(self, cam: str) -> Seal | None:
        """The newest link of a camera."""
        return self._chains.head(cam)

    def foreign(self) -> dict[str, str]:
        """Cameras whose footage was begun by another device: camera to that key's fingerprint."""
        return self._chains.foreign()

    def prove(self, clip: Clip, used: tuple[Used, ...]) -> Clip:
        """Write the manifest beside the clip, durably. Raises OSError, av.FFmpegError."""
        content = None if clip.bundle else self._content(clip)
        manifest = Manifest(
            node=self._signer.node,
            ward=self._signer.ward,
            cam=clip.cam,
            made_utc=utc(self._signer.clock.now().wall_ns),
            key=key_part(self.public),
            clip=clip_part(clip),
            video=video_part(content) if content else None,
            gops=gop_parts(content, clip.start_ns) if content else (),
            segments=segment_parts(used, self.public),
            gaps=gap_parts(clip),
            chain=head_part(clip.cam, self._newest(clip.cam, used), self._key),
        )
        path = manifest_path(clip.path)
        write_durably(path, signed(manifest, self._key))
        return replace(clip, manifest=path)

    def _content(self, clip: Clip) -> Content:
        if clip.clear is None or self.clear is None:
            return read_content(clip.path)
        with self.clear(clip.path) as source:
            return read_content(source)

    def _newest(self, cam: str, used: tuple[Used, ...]) -> Seal | None:
        # A command beside the agent does not follow the chain: the newest link it knows is that of what it read.
        own = [one for one in used if one.mark and not one.altered and is_own(cam, one.mark, self.public)]
        seals = [one.mark.seal(cam, one.sha256) for one in own if one.mark]
        return self._chains.head(cam) or (seals[-1] if seals else None)


def begin_notary(directory: Path, signer: Signer) -> Notary:
    """For the agent: a new epoch, and the device key made if there is none.

    Raises Rejected (code evidence_key), StorageError.
    """
    key = open_key(directory)
    return Notary(key, next_epoch(directory), signer, directory)


def read_notary(directory: Path, signer: Signer) -> Notary | None:
    """For a command beside the agent: None when there is no key yet. Raises as `begin_notary`."""
    key = read_key(directory)
    return Notary(key, "", signer, directory) if key else None
