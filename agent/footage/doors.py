"""What the rest of the agent asks of footage, whether its ring lies on the card or in memory."""

from collections.abc import Sequence
from typing import Protocol

from agent.clock import Clock
from agent.footage.dates import Belief
from agent.footage.library import Library
from agent.footage.sealing import Sealer
from agent.values import ClipWanted, FootageState, OutgoingClip, Packet


class AnyFootage(Protocol):
    """`Footage` tells what each of these does."""

    @property
    def library(self) -> Library: ...  # noqa: D102

    def seal_with(self, sealer: Sealer) -> None: ...  # noqa: D102

    def mend(self) -> None: ...  # noqa: D102

    def pin(self, wanted: Sequence[ClipWanted]) -> None: ...  # noqa: D102

    def write(self, packet: Packet, lost: int = 0) -> None: ...  # noqa: D102

    def settle(self) -> None: ...  # noqa: D102

    def ready(self, wanted: ClipWanted) -> bool: ...  # noqa: D102

    def delivered(self, clip: OutgoingClip) -> None: ...  # noqa: D102

    def expire(self) -> int: ...  # noqa: D102

    def enter(self) -> None: ...  # noqa: D102

    def look(self) -> Belief: ...  # noqa: D102

    def redate(self, clock: Clock) -> int: ...  # noqa: D102

    def state(self, cam: str) -> FootageState: ...  # noqa: D102

    def close(self) -> None: ...  # noqa: D102
