"""Detections over time become Tracks."""

from agent.tracking.tracker import Tracker

__all__ = ["Tracker"]
