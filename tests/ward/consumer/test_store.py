"""The same tables whatever order, however often, and in whatever batches the messages come."""

import hashlib
import random
from collections.abc import Callable
from datetime import timedelta
from itertools import permutations
from typing import Any

import psycopg
import pytest

from deploy.ward.consumer.options import Database
from deploy.ward.consumer.store import Store
from deploy.ward.consumer.words import NotNow
from tests.ward.consumer.conftest import Keeping
from tests.ward.consumer.saying import HASH, JPEG, NOON, Said, Voice, camera, ulid, utc

Table = Callable[[str], list[tuple[Any, ...]]]
VOICE = Voice("n1")
ID = ulid(1)
LATER = NOON + timedelta(minutes=1)
TABLES = {
    "node": "node, last_seen_at, birth_at, session, label",
    "node_key": "*",
    "session": "node, session, begun_at, ended",
    "event": "*",
    "event_rev": "node, id, rev, made_at, seq, sent_at, body",
    "event_object": "*",
    "thumb": "node, event_id, jpeg",
    "health": "node, at, boot_id, seen_at, faults",
    "health_cam": "*",
    "recording_gap": "*",
    "job": "*",
    "job_file": "*",
    "command": "node, request_id, command, officer",
    "response": "node, request_id, result, code",
}


def contents(table: Table) -> dict[str, list[tuple[Any, ...]]]:
    return {name: sorted(table(f"SELECT {columns} FROM {name}"), key=repr) for name, columns in TABLES.items()}


def clip(**changes: Any) -> dict[str, Any]:
    return {"media": {"clip": {"state": "uploaded", "url": "https://ward/files/1", "sha256": HASH, **changes}}}


FILE = {"name": "a.mp4", "sha256": HASH, "bytes": 9, "from_utc": utc(NOON), "to_utc": utc(LATER)}
SPAN = {"from_utc": utc(NOON), "to_utc": utc(LATER)}
GAP = {"from_utc": utc(NOON), "cause": "camera_lost"}
STORY: tuple[Said, ...] = (
    VOICE.availability("online", NOON),
    VOICE.birth(NOON),
    VOICE.event(ID, 1),
    VOICE.event(ID, 2),
    VOICE.event(ID, 3, phase="end", ended_utc=utc(LATER), **clip()),
    VOICE.event(ulid(2), 1),
    VOICE.thumb(ID),
    VOICE.health(NOON, cams=(camera(1, 2, gaps=[{**GAP, "to_utc": utc(NOON + timedelta(seconds=1))}]),)),
    VOICE.health(LATER, cams=(camera(60, 62, gaps=[{**GAP, "to_utc": utc(LATER)}]),)),
    VOICE.command("clip.request", ulid(3), cam="gate", **SPAN),
    VOICE.response(ulid(3), "accepted", "clip.request"),
    VOICE.job(ulid(3), "planned", 10, cam="gate", range=SPAN),
    VOICE.job(ulid(3), "uploading", 11, bytes_sent=4),
    VOICE.job(ulid(3), "done", 12, files=[{**FILE, "url": "https://ward/files/2"}]),
    VOICE.availability("offline", NOON, "one"),
    VOICE.availability("online", LATER, "two"),
)


def test_a_story_told_once_in_order(keep: Keeping, table: Table) -> None:
    keep(*STORY)
    assert table("SELECT id, rev, phase, clip_state, clip_url FROM event ORDER BY id") == [
        (ID, 3, "end", "uploaded", "https://ward/files/1"),
        (ulid(2), 1, "start", "none", None),
    ]
    assert table("SELECT count(*), count(DISTINCT (node, id, rev)) FROM event_rev") == [(4, 4)]
    assert table("SELECT dwell_s FROM event_object JOIN event USING (node, id, made_at, rev) WHERE rev = 3") == [(3.0,)]
    assert table("SELECT jpeg FROM thumb") == [(JPEG,)]
    assert table("SELECT extract(epoch FROM to_at - from_at)::int FROM recording_gap") == [(60,)]
    assert table("SELECT state, cam, url FROM job JOIN job_file USING (node, job_id)") == [
        ("done", "gate", "https://ward/files/2")
    ]
    assert table("SELECT state, session FROM node_state") == [("online", "two")]


def test_any_order_any_batches_and_repetitions_give_the_same_tables(keep: Keeping, table: Table, seed: int) -> None:
    keep(*STORY)
    wanted = contents(table)
    drawn = random.Random(seed)
    for _ in range(20):
        for name in TABLES:
            table(f"WITH gone AS (DELETE FROM {name} RETURNING 1) SELECT count(*) FROM gone")
        told = [*STORY, *drawn.choices(STORY, k=10)]
        drawn.shuffle(told)
        while told:
            size = drawn.randint(1, 8)
            keep(*told[:size])
            told = told[size:]
        assert contents(table) == wanted


@pytest.mark.parametrize("order", list(permutations([1, 2, 3])))
def test_the_highest_revision_is_the_event(keep: Keeping, table: Table, order: tuple[int, ...]) -> None:
    for rev in order:
        keep(VOICE.event(ID, rev))
    assert table("SELECT rev, count FROM event") == [(3, 3)]
    assert table("SELECT rev FROM event_rev ORDER BY rev") == [(1,), (2,), (3,)]


def test_fields_that_nobody_knows_are_kept_with_the_revision(keep: Keeping, table: Table) -> None:
    keep(VOICE.event(ID, colour="red"))
    assert table("SELECT body ->> 'colour' FROM event_rev") == [("red",)]


def test_a_stale_will_ends_its_own_session_only(keep: Keeping, table: Table) -> None:
    keep(VOICE.availability("online", NOON, "one"), VOICE.birth(NOON, "one"))
    keep(VOICE.availability("online", LATER, "two"), VOICE.birth(LATER, "two"))
    keep(VOICE.availability("offline", NOON, "one"))
    assert table("SELECT state, session FROM node_state") == [("online", "two")]
    keep(VOICE.availability("offline", LATER, "two"))
    assert table("SELECT state, session FROM node_state") == [("offline", "two")]


def test_a_will_does_not_say_that_the_node_was_alive(keep: Keeping, table: Table) -> None:
    keep(VOICE.birth(NOON), VOICE.availability("offline", NOON + timedelta(hours=1)))
    assert table("SELECT last_seen_at = birth_at FROM node") == [(True,)]


def test_an_older_birth_changes_nothing(keep: Keeping, table: Table) -> None:
    keep(VOICE.birth(LATER, "two"))
    keep(VOICE.birth(NOON, "one"))
    assert table("SELECT session FROM node") == [("two",)]


def test_another_key_of_a_node_is_kept_beside_the_first(keep: Keeping, table: Table) -> None:
    keep(VOICE.birth(NOON), VOICE.birth(LATER, "two", key="cd" * 32))
    keep(VOICE.birth(LATER, "three"))
    keys = table("SELECT fingerprint FROM node_key ORDER BY first_seen_at")
    assert keys == [(HASH,), ("cd" * 32,)]


@pytest.mark.parametrize("cleared_first", [True, False])
def test_a_fault_is_over_in_whatever_order_that_is_heard(keep: Keeping, table: Table, cleared_first: bool) -> None:
    told = [VOICE.fault("camera_lost", NOON), VOICE.cleared("camera_lost")]
    for each in reversed(told) if cleared_first else told:
        keep(each)
    keep(VOICE.health(LATER, faults=[]))
    assert table("SELECT cleared_at IS NOT NULL FROM fault") == [(True,)]


def test_health_opens_again_what_a_late_message_closed(keep: Keeping, table: Table) -> None:
    keep(VOICE.fault("camera_lost", NOON))
    keep(VOICE.cleared("camera_lost"), at=NOON + timedelta(seconds=5))
    keep(VOICE.fault("disk_full", NOON), VOICE.health(LATER, faults=["camera_lost", "disk_full"]))
    assert table("SELECT code FROM fault WHERE cleared_at IS NULL ORDER BY code") == [("camera_lost",), ("disk_full",)]
    keep(VOICE.fault("camera_lost", LATER), VOICE.health(LATER + timedelta(minutes=1), faults=["camera_lost"]))
    assert table("SELECT code, since FROM fault WHERE cleared_at IS NULL") == [("camera_lost", LATER)]


def test_what_the_database_cannot_take_is_refused_and_the_rest_is_kept(keep: Keeping, table: Table) -> None:
    topic, payload = VOICE.event(ulid(5))
    keep(
        VOICE.event(ID),
        (topic, payload[:-1] + b', "x": 1e200000}'),
        VOICE.job("j" * 100, "done", 1),
        VOICE.event(ulid(2)),
    )
    too_long = "".join(hashlib.sha256(bytes([number])).hexdigest() for number in range(200))  # for an index
    keep(VOICE.job(too_long, "done", 1), VOICE.event(ulid(3)))
    assert table("SELECT count(*) FROM event") == [(3,)]
    assert table("SELECT why FROM refused") == [("database",), ("database",)]


def test_refusals_are_counted_and_bounded(keep: Keeping, table: Table) -> None:
    keep(("camera/v1/test/n1/health", b"{"), ("camera/v1/test/n1/health", b"{"))
    assert table("SELECT why, times FROM refused") == [("bad_json", 2)]
    for start in range(0, 10_500, 1500):
        keep(*((f"camera/v1/test/n1/health/{number}", b"{") for number in range(start, start + 1500)))
    assert table("SELECT count(*) <= 10000, count(*) > 9000 FROM refused") == [(True, True)]
    assert table("SELECT messages, refused FROM consumer") == [(10_502, 10_502)]


def test_no_table_of_time_has_a_key_without_its_time(table: Table) -> None:
    """What TimescaleDB asks of a hypertable."""
    found = table("""
        SELECT table_name, time_column IN (
            SELECT attname FROM pg_attribute WHERE attrelid = indrelid AND attnum = ANY (indkey)), attnotnull
        FROM hypertable_candidate
        JOIN pg_index ON indrelid = table_name::regclass AND indisunique
        JOIN pg_attribute a ON a.attrelid = indrelid AND a.attname = time_column""")
    assert len(found) == 7
    assert all(within and filled for _, within, filled in found)


def test_age_removes_what_is_old_and_nothing_else(keep: Keeping, table: Table) -> None:
    today = table("SELECT now()")[0][0]
    keep(VOICE.health(today - timedelta(days=100)), VOICE.health(today), VOICE.event(ulid(1, today), at=today))
    assert table("SELECT age()") == [(1,)]
    assert table("SELECT count(*) FROM health") == [(1,)]
    assert table("SELECT count(*) FROM event") == [(1,)]


def test_a_database_that_is_away_is_not_now_and_back_again(conninfo: str, table: Table, keep: Keeping) -> None:
    keep(VOICE.event(ID))
    database = table("SELECT current_database()")[0][0]
    with psycopg.connect(conninfo, autocommit=True) as other:
        other.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s AND pid <> pg_backend_pid() "
            "AND application_name = 'camera-consumer'",
            (database,),
        )
    with pytest.raises(NotNow):
        keep(VOICE.event(ulid(2)))
    keep(VOICE.event(ulid(2)))
    assert table("SELECT count(*) FROM event") == [(2,)]


def test_missing_tables_are_not_the_messages_fault(cluster: Any) -> None:
    store = Store(Database(cluster.conninfo), "test", "test")
    with pytest.raises(NotNow, match="consumer"):
        store.alive()
