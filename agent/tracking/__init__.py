"""Detections over time become Tracks."""
