"""The hash chain of each camera's segments: who stands where, signed as a file begins.

link(n) = sha256 over link(n-1), camera, epoch, n and the file's own sha256 (`Mark.seal`). Each start of the agent is an
epoch; its first file stands on the last link before it. In: seals of finished files. Out: marks for new ones.
"""

import threading
from collections.abc import Callable

from agent.evidence.public import PublicKey
from agent.values import CHAIN_BEGINS, Mark, Seal


def place_text(cam: str, mark: Mark) -> bytes:
    """What the device signs when a file begins."""
    return f"camera-agent place/1\n{cam}\n{mark.epoch}\n{mark.seq}\n{mark.before}\n".encode()


def head_text(cam: str, head: Seal) -> bytes:
    """What the device signs of the newest link."""
    return f"camera-agent head/1\n{cam}\n{head.epoch}\n{head.seq}\n{head.link}\n".encode()


def is_own(cam: str, mark: Mark, public: PublicKey) -> bool:
    """Did this key begin the file that says `mark` of itself?"""
    return mark.key == public.fingerprint and public.verifies(place_text(cam, mark), mark.signature)


class Chains:
    """One epoch of all cameras. Thread-safe."""

    def __init__(self, epoch: str, public: PublicKey, sign: Callable[[bytes], str]) -> None:
        self._epoch = epoch
        self._public = public
        self._sign = sign
        self._lock = threading.Lock()
        self._begun: dict[str, int] = {}  # the last number given out in this epoch
        self._heads: dict[str, Seal] = {}
        self._foreign: dict[str, str] = {}

    def rename(self, epoch: str) -> None:
        """Another epoch than was thought; nothing of it has begun."""
        with self._lock:
            self._epoch = epoch

    def resume(self, cam: str, newest: Seal | None, mark: Mark | None) -> bool:
        """Go on from the newest sealed file and what it says of itself; a foreign chain is left, and False."""
        if newest is None or mark is None:
            return True
        if not is_own(cam, mark, self._public):
            with self._lock:
                self._foreign[cam] = mark.key
            return False
        self.took(cam, newest)
        return True

    def mark(self, cam: str) -> Mark:
        """The place of the file that begins now."""
        with self._lock:
            self._begun[cam] = seq = self._begun.get(cam, 0) + 1
            head = self._heads.get(cam)
        bare = Mark(self._epoch, seq, head.link if head else CHAIN_BEGINS, self._public.fingerprint, "")
        return Mark(bare.epoch, bare.seq, bare.before, bare.key, self._sign(place_text(cam, bare)))

    def took(self, cam: str, seal: Seal) -> None:
        """A file is finished; the next one stands on it."""
        with self._lock:
            self._heads[cam] = seal
            if seal.epoch == self._epoch:
                self._begun[cam] = max(self._begun.get(cam, 0), seal.seq)

    def head(self, cam: str) -> Seal | None:
        """The newest link."""
        with self._lock:
            return self._heads.get(cam)

    def foreign(self) -> dict[str, str]:
        """Cameras whose footage was begun by another device: camera to that key's fingerprint."""
        with self._lock:
            return dict(self._foreign)
