"""Small pictures and tracks in, lasting changes out."""

from agent.values import Motion, Small, StaticChange, Track


class ChangeFinder:
    """One camera's lasting changes."""

    def update(self, small: Small, motion: Motion, tracks: tuple[Track, ...]) -> tuple[StaticChange, ...]:
        """The changes that stand as of this frame, oldest first."""
        return ()

    def reset(self) -> None:
        """The time line broke."""
