"""A camera becomes Packets (for footage) and Frames (for analysis). One file per kind of camera."""
