"""Who asked for footage, what, when and why: one line of the access log."""

from dataclasses import dataclass

GRANTED = "granted"


@dataclass(frozen=True, slots=True)
class AccessTally:
    """How far the access log is: whoever keeps these can tell when it was cut or made anew."""

    records: int
    head: str  # hash of the newest record, hex


@dataclass(frozen=True, slots=True)
class Access:
    """One time that somebody reached for footage. Times of the footage are Unix nanoseconds."""

    action: str  # clip, hold, release, list, cut, view, live, live_end, …
    by: str  # an officer as the ward calls them, or the user of this device
    case: str
    reason: str
    cam: str
    from_ns: int
    to_ns: int
    result: str = GRANTED  # or why not
    request_id: str = ""
