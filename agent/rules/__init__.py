"""Tracks over time become Events. One file per rule; pure: tracks and time in, events out."""
