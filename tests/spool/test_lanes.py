"""What is new overtakes what waited, an event's revisions stay in order, and neither lane starves."""

from pathlib import Path

import pytest

from agent.spool import Found, Spool
from agent.values import Phase, Severity
from tests.spool.support import HOW, StillClock, draft, event, found, open_spool, read

OLD = 10_000


def filled(directory: Path, clock: StillClock, number: int = OLD) -> Spool:
    """An outage is over: so many messages of higher and of equal rank wait."""
    spool = open_spool(directory, clock, messages=2 * OLD)
    spool.put_all(draft(clock, index, 10 if index % 2 else 20) for index in range(number))
    return spool


def handed(spool: Spool, limit: int = 20) -> list[dict[str, object]]:
    """The next batch as JSON; all of it is acknowledged."""
    batch = spool.pending(limit)
    spool.ack(message.row for message in batch)
    return [read(message) for message in batch if "/thumb/" not in message.topic]


@pytest.mark.fault("A17", "an alert before 10,000 old messages")
def test_a_live_alert_leaves_before_ten_thousand_old_messages(tmp_path: Path) -> None:
    clock = StillClock()
    spool = filled(tmp_path, clock)
    spool.connected()
    spool.record([found(clock, "info"), found(clock, "alert", severity=Severity.ALERT)], HOW)
    assert [fields.get("id") for fields in handed(spool)[:2]] == ["alert", "info"]


def test_so_does_a_live_event_of_less_importance(tmp_path: Path) -> None:
    clock = StillClock()
    spool = filled(tmp_path, clock)
    handed(spool)
    spool.connected()
    handed(spool)
    spool.put(draft(clock, -1, priority=40))
    assert handed(spool)[0]["n"] == -1


def test_old_messages_leave_between_live_ones(tmp_path: Path) -> None:
    clock = StillClock()
    spool = filled(tmp_path, clock)
    spool.connected()
    old, number = 0, OLD
    for _ in range(20):
        spool.put_all(draft(clock, number + index) for index in range(20))
        number += 20
        batch = [fields["n"] for fields in handed(spool)]
        old += sum(isinstance(name, int) and name < OLD for name in batch)
    assert old == 20 * 20 / 5, "one of five"


def test_live_messages_pass_although_old_ones_are_many_in_every_batch(tmp_path: Path) -> None:
    clock = StillClock()
    spool = filled(tmp_path, clock)
    spool.connected()
    spool.put_all(draft(clock, OLD + index, 40) for index in range(30))
    left = [fields["n"] for _ in range(2) for fields in handed(spool)]
    assert [name for name in left if isinstance(name, int) and name >= OLD] == list(range(OLD, OLD + 30))


def test_the_end_of_an_event_never_overtakes_its_start(tmp_path: Path) -> None:
    clock = StillClock()
    spool = filled(tmp_path, clock, 100)
    started = clock.now()
    spool.record([found(clock, "old", started=started)], HOW)
    spool.connected()
    spool.record([found(clock, "old", Phase.UPDATE, started=started), found(clock, "new")], HOW)
    spool.record([found(clock, "old", Phase.END, started=started)], HOW)
    seen = [fields for _ in range(10) for fields in handed(spool)]
    assert [(fields["id"], fields["rev"]) for fields in seen if "id" in fields] == [
        ("new", 1),
        ("old", 1),
        ("old", 2),
        ("old", 3),
    ]


def test_a_revision_in_flight_keeps_the_next_one_behind_it(tmp_path: Path) -> None:
    clock = StillClock()
    spool = filled(tmp_path, clock, 0)
    started = clock.now()
    spool.record([found(clock, "e", started=started)], HOW)
    (flying,) = spool.pending(20)
    spool.put_all(draft(clock, number, 10) for number in range(50))
    spool.connected()
    spool.record([found(clock, "e", Phase.END, started=started)], HOW)
    (following,) = [item for item in spool.pending(100, (flying.row,)) if b'"rev":2' in item.payload]
    (again, behind) = [item for item in spool.pending(100) if b'"rev":' in item.payload]
    assert (again.row, behind.row) == (flying.row, following.row), "sent again, it still comes first"


def test_an_event_whose_start_has_arrived_is_live_however_long_it_lasts(tmp_path: Path) -> None:
    clock = StillClock()
    spool = filled(tmp_path, clock)
    spool.connected()
    started = clock.now()
    spool.record([found(clock, "long", started=started)], HOW)
    assert handed(spool, 1)[0]["id"] == "long"
    spool.connected()  # the line broke and came back
    spool.record([found(clock, "long", Phase.END, started=started)], HOW)
    first = handed(spool, 1)[0]
    assert (first["id"], first["rev"]) == ("long", 2)


def test_the_thumbnail_of_an_old_event_waits_with_it(tmp_path: Path) -> None:
    clock = StillClock()
    spool = open_spool(tmp_path, clock)
    spool.record([Found(event(clock, "old"), b"jpeg")], HOW)
    spool.connected()
    spool.put(draft(clock, 1, 40))
    kinds = ["thumb" if "/thumb/" in message.topic else read(message).get("id", 1) for message in spool.pending(3)]
    assert kinds == [1, "old", "thumb"]


def test_a_start_that_leaves_at_once_costs_no_second_write(tmp_path: Path) -> None:
    clock = StillClock()
    spool = open_spool(tmp_path, clock)
    assert spool.pending(20) == ()
    spool.record([found(clock, "e")], HOW)
    before = written(tmp_path)
    assert len(spool.pending(20)) == 1
    assert written(tmp_path) == before


def written(directory: Path) -> int:
    """Bytes in the log: it only grows here."""
    return (directory / "spool.db-wal").stat().st_size
