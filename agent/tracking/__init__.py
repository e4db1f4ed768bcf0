"""Detections over time become Tracks."""

from agent.tracking.sighting import Sighting
from agent.tracking.tracker import UNSURE_SHARE, Tracker

__all__ = ["UNSURE_SHARE", "Sighting", "Tracker"]
