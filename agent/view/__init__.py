"""Can the camera still see what it was hung up to see: covered, moved, blurred, dark, blinded."""

from agent.view.check import ViewCheck

__all__ = ["ViewCheck"]
