"""The few names of libcamera's Python module that a program of picamera2's needs."""

from . import controls

__all__ = ["Transform", "controls"]


class Transform:
    def __init__(self, hflip: bool | int = False, vflip: bool | int = False, transpose: bool | int = False) -> None:
        self.hflip, self.vflip, self.transpose = bool(hflip), bool(vflip), bool(transpose)
