"""Does a packet look like a picture? Told from the heads of its NAL units, without decoding. Pure.

ISO/IEC 14496-10 (H.264), 7.3.1, and ITU-T H.265, 7.3.1.2, as a byte stream. Noise passes for a picture once in thirty
packets, so one packet proves nothing; several in a row do.
"""

from collections.abc import Iterator
from enum import Enum

from agent.capture.encoder import AvPacket

FORBIDDEN = 0x80  # the first bit of every NAL unit is 0
H264_SLICES = (1, 2, 5)
H265_SLICES = (*range(10), *range(16, 22))
START = b"\0\0\1"
BEGINNING = 256  # bytes; the first picture of a packet nearly always begins in them


class Look(Enum):
    """What a packet seems to be."""

    PICTURE = "picture"
    OTHER = "other"  # parameters without a picture, or an unknown sort
    DAMAGED = "damaged"


def look(codec: str, data: bytes | AvPacket, *, thorough: bool = True) -> Look:
    """Of one packet of FFmpeg's `codec`. What is neither H.264 nor H.265 passes: its decoder will tell.

    Not `thorough`, its beginning is enough if a picture begins there.
    """
    if codec not in ("h264", "hevc"):
        return Look.PICTURE
    whole = memoryview(data)
    seen = Look.OTHER if thorough else _look(codec, bytes(whole[:BEGINNING]))
    return seen if seen is Look.PICTURE else _look(codec, bytes(whole))


def _look(codec: str, data: bytes) -> Look:
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
