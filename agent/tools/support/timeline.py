"""One list of what happened, oldest first: the log's warnings, faults, missing footage, and accesses without names."""

from collections.abc import Iterable, Iterator

from agent.access import Record
from agent.contract.health import CameraHealth
from agent.health.status import StatusReport
from agent.tools.support.asked import WARNING, Line

MOST = 2000
WORDS = (" begins: ", " is over", " runs, version ", "stopped")  # the board of faults, and a life of the node


def timeline(records: Iterable[Record], lines: Iterable[Line], status: StatusReport | None) -> tuple[str, ...]:
    """At most two thousand entries, the newest."""
    entries = [*_accesses(records), *_told(lines)]
    if status is not None:
        entries += _open(status)
    return tuple(f"{at[:19]}Z  {what}" for at, what in sorted(entries)[-MOST:])


def _accesses(records: Iterable[Record]) -> Iterator[tuple[str, str]]:
    """Not by whom, not why, not for which case: that is the household's and the ward's."""
    for record in records:
        where = f" {record.cam} {record.from_utc[:19]}..{record.to_utc[:19]}" if record.cam else ""
        unsure = "" if record.clock_trusted else " (clock not set)"
        yield record.at_utc, f"access {record.number} {record.action}: {record.result}{where}{unsure}"


def _told(lines: Iterable[Line]) -> Iterator[tuple[str, str]]:
    for line in lines:
        if line.priority <= WARNING or any(words in line.text for words in WORDS):
            yield line.at_utc, f"log <{line.priority}> {line.text}"


def _open(status: StatusReport) -> Iterator[tuple[str, str]]:
    for fault in status.faults:
        yield fault.since_utc, f"fault {fault.code} is open since then ({', '.join(fault.sources)})"
    for camera in status.health.cams:
        yield from _gaps(camera)


def _gaps(camera: CameraHealth) -> Iterator[tuple[str, str]]:
    for gap in camera.gaps:
        yield gap.from_utc, f"footage of {camera.id} is missing until {gap.to_utc[:19]}: {gap.cause}"
