"""A decoded picture as three numpy planes that look into the decoder's own memory.

The arrays keep the av frame alive; they are read-only, because the decoder still predicts from them. Pixel formats
other than planar 4:2:0 are converted once.
"""

import av
import numpy as np

from agent.values import Picture

PLANAR_420 = ("yuv420p", "yuvj420p")


class PlaneViewer:
    """Keeps one converter, so that cameras with another pixel format do not pay for a new one per picture."""

    def __init__(self) -> None:
        self._converter = av.video.reformatter.VideoReformatter()

    def planar(self, picture: av.VideoFrame) -> av.VideoFrame:
        """The same picture in 8-bit planar 4:2:0; itself when it is that already."""
        if picture.format.name in PLANAR_420:
            return picture
        return self._converter.reformat(picture, format="yuv420p")

    def views(self, picture: av.VideoFrame) -> tuple[Picture, Picture, Picture]:
        """Luma (h, w), u and v (ceil(h/2), ceil(w/2)), uint8, without a copy."""
        luma, u, v = (_view(plane) for plane in self.planar(picture).planes[:3])
        return luma, u, v


def _view(plane: av.video.plane.VideoPlane) -> Picture:
    whole: Picture = np.frombuffer(plane, np.uint8)  # type: ignore[call-overload]  # planes are buffers
    rows = whole[: plane.line_size * plane.height].reshape(plane.height, plane.line_size)
    view = rows[:, : plane.width]  # lines are padded to the stride
    view.flags.writeable = False
    return view
