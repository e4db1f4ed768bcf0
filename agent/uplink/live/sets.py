"""Parameter sets of H.264 and H.265 out of a format's extradata, in either of its two shapes.

Annex B (ISO/IEC 14496-10 and 23008-2) or the length-prefixed one of MP4 files (ISO/IEC 14496-15, 5.3.3.1 and 8.3.3.1).
"""

from agent.values import StreamFormat

START = b"\0\0\1"
AVC_SETS, HEVC_SETS = 6, 22  # bytes before the first set of `avcC`, before the number of lists of `hvcC`
SPS = 7  # of H.264
HEVC_NAMES = {32: "sprop-vps", 33: "sprop-sps", 34: "sprop-pps"}


def parameter_sets(form: StreamFormat) -> list[bytes]:
    """The NAL units, without start codes; none when there is nothing that can be read."""
    data = form.extradata
    if not data:
        return []
    if data[:1] == b"\1":
        try:
            return _hvcc(data) if form.codec == "hevc" else _avcc(data)
        except IndexError:
            return []
    return [unit for part in data.split(START)[1:] if (unit := part.rstrip(b"\0"))]


def kind_of(codec: str, unit: bytes) -> int:
    """The NAL unit's type."""
    return (unit[0] >> 1) & 63 if codec == "hevc" else unit[0] & 31


def _avcc(data: bytes) -> list[bytes]:
    units: list[bytes] = []
    at = _take(data, AVC_SETS, data[AVC_SETS - 1] & 31, units)
    _take(data, at + 1, data[at], units)
    return units


def _hvcc(data: bytes) -> list[bytes]:
    units: list[bytes] = []
    at = HEVC_SETS + 1
    for _ in range(data[HEVC_SETS]):
        count = int.from_bytes(data[at + 1 : at + 3], "big")
        at = _take(data, at + 3, count, units)
    return units


def _take(data: bytes, at: int, count: int, units: list[bytes]) -> int:
    for _ in range(count):
        length = int.from_bytes(data[at : at + 2], "big")
        unit = data[at + 2 : at + 2 + length]
        if not length or len(unit) < length:
            raise IndexError
        units.append(unit)
        at += 2 + length
    return at
