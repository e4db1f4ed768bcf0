"""What appeared or vanished and stayed so: static change of the scene, with or without a known class."""

from agent.change.finder import ChangeFinder

__all__ = ["ChangeFinder"]
