"""Parameter sets inside a key frame: how a change of picture size is noticed on a stream that nobody decodes.

Annex B byte streams only (cameras); in length-prefixed streams (files) the sets stand in the container.
NAL unit types after ITU-T H.264 table 7-1 and H.265 table 7-1.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

START = b"\x00\x00\x01"
PARAMETER_TYPES = {"h264": {7, 8}, "hevc": {32, 33, 34}}
SHAPE_TYPES = {"h264": 7, "hevc": 33}  # the sequence parameter set: picture size, profile
SLICE_TYPES = {"h264": range(1, 6), "hevc": range(0, 32)}


@dataclass(frozen=True, slots=True)
class ParameterSets:
    """All sets in Annex B form, and the one that tells the picture's shape."""

    extradata: bytes = field(repr=False)
    shape: bytes = field(repr=False)


def parameter_sets(codec: str, data: bytes) -> ParameterSets | None:
    """The sets before the first slice; None when there are none, or the data is not Annex B."""
    if codec not in PARAMETER_TYPES or not data.startswith((START, b"\x00" + START)):
        return None
    kept: list[bytes] = []
    shape = b""
    for kind, unit in _units(codec, data):
        if kind in SLICE_TYPES[codec]:
            break
        if kind in PARAMETER_TYPES[codec]:
            kept.append(unit)
        if kind == SHAPE_TYPES[codec]:
            shape = unit
    return ParameterSets(b"".join(b"\x00" + START + unit for unit in kept), shape) if shape else None


def _units(codec: str, data: bytes) -> Iterator[tuple[int, bytes]]:
    begin = data.find(START) + len(START)
    while len(START) <= begin < len(data):
        kind = data[begin] & 0x1F if codec == "h264" else (data[begin] >> 1) & 0x3F
        if kind in SLICE_TYPES[codec]:
            yield kind, b""
            return
        following = data.find(START, begin)
        end = following if following >= 0 else len(data)
        yield kind, data[begin:end].rstrip(b"\x00")
        begin = end + len(START)
