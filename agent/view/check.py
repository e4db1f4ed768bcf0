"""Small pictures in, View out."""

from agent.values import Frame, Motion, Small, View


class ViewCheck:
    """One camera's view."""

    def update(self, frame: Frame, small: Small, motion: Motion) -> View:
        """How the view is as of this frame. `small.at` is the time that counts."""
        return View()

    def reset(self) -> None:
        """The time line broke."""
