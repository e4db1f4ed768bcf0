"""Does a packet look like a picture? Told from the heads of its NAL units, without decoding. Pure.

ISO/IEC 14496-10 (H.264), 7.3.1, and ITU-T H.265, 7.3.1.2, as a byte stream. Noise passes for a picture once in thirty
packets, so one packet proves nothing; several in a row do.
"""

from collections.abc import Iterator
from enum import Enum

FORBIDDEN = 0x80  # the first bit of every NAL unit is 0
H264_SLICES = (1, 2, 5)
H265_SLICES = (*range(10), *range(16, 22))
START = b"\0\0\1"


class Look(Enum):
    """What a packet seems to be."""

    PICTURE = "picture"
    OTHER = "other"  # parameters without a picture, or an unknown sort
    DAMAGED = "damaged"


def look(codec: str, data: bytes) -> Look:
    """Of one packet of FFmpeg's `codec`. What is neither H.264 nor H.265 passes: its decoder will tell."""
    if codec not in ("h264", "hevc"):
        return Look.PICTURE
    heads = list(_heads(data))
    if not heads or any(head[0] & FORBIDDEN for head in heads):
        return Look.DAMAGED
    if codec == "h264":
        found = any(head[0] & 31 in H264_SLICES for head in heads)
    else:  # layer 0, temporal id above 0
        found = any((head[0] >> 1) in H265_SLICES and not head[0] & 1 and 0 < head[1] < 8 for head in heads)
    return Look.PICTURE if found else Look.OTHER


def _heads(data: bytes) -> Iterator[bytes]:
    at = data.find(START)
    while at >= 0:
        head = data[at + len(START) : at + len(START) + 2]
        if len(head) == 2:
            yield head
        at = data.find(START, at + len(START))
