"""The small luma picture that motion, the view check and static change read: made at most once per frame."""

import cv2
import numpy as np

from agent.values import Frame, Picture, Small

WORK_SIDE = 240  # longer side of the small picture, at most; 640x360 and 768x576 are quartered


def shrunk(frame: Frame) -> Small:
    """`frame` in small, luma only: made of it when it is first read."""
    return Small(frame.at, frame.run, frame.width, frame.height, lambda: shrink(frame.luma))


def shrink(luma: Picture) -> Picture:
    """A small copy of (height, width) luma, halved again and again; strided views are read as they are.

    Bilinear halving of an even size is the mean of each four pixels, to the bit what INTER_AREA gives, in a fifth of
    its time (OpenCV 5.0, 640x360); an odd last row or column is left out.
    """
    small = luma
    while max(small.shape) > WORK_SIDE:
        height, width = small.shape
        even = small[: height & ~1 or 1, : width & ~1 or 1]
        size = (max(1, width // 2), max(1, height // 2))
        small = np.asarray(cv2.resize(even, size, interpolation=cv2.INTER_LINEAR), dtype=np.uint8)
    return small.copy() if small is luma else small
