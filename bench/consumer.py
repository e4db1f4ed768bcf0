"""How fast the reference consumer (deploy/ward/consumer) takes messages from a real mosquitto into a real PostgreSQL.

One consumer drains a session that holds the messages of a busy ward: events in three revisions, each with two objects,
and one health of two cameras for every three of these. In the same run, on the same database: the same messages by COPY
into a bare table, which is the most that this disk and processor can do, and one INSERT in a transaction of its own for
each. Both write one row of a message into one table with one key; the consumer also reads MQTT and JSON, checks, starts
up, and writes several rows into tables with several keys (`consumer_rows_per_s`). PostgreSQL commits with fsync.
"""

import json
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path

import paho.mqtt.client as paho
import psycopg
from paho.mqtt.enums import CallbackAPIVersion

from bench.truth import Absent
from deploy.ward import Ward, WardError, WardOptions
from deploy.ward.consumer.migrate import migrate
from deploy.ward.database import RunningDatabase
from deploy.ward.ward import default_cache

ROOT = Path(__file__).parent.parent
ID = "bench-consumer"
NODES = 50
BEGIN = datetime(2026, 3, 5, tzinfo=timezone.utc)
LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
PATIENCE_S = 240.0
TABLES = ("node", "event", "event_rev", "event_object", "health", "health_cam")
BARE = "CREATE TABLE {name} (node text, id text, rev int, body jsonb, PRIMARY KEY (node, id, rev))"
Said = tuple[str, bytes]


def run(quick: bool) -> dict[str, object]:
    """Messages a second by each way, and the consumer's share of COPY. Raises Absent."""
    many = 10_000 if quick else 60_000
    said = list(messages(many))
    try:
        with (
            tempfile.TemporaryDirectory() as name,
            RunningDatabase.start_new(default_cache()) as database,
            psycopg.connect(database.conninfo, autocommit=True) as connection,
        ):
            migrate(connection)
            lines = ("max_queued_messages 0", "max_queued_bytes 0")
            with Ward.start(Path(name), WardOptions(upload=False, persistence=False, broker_lines=lines)) as ward:
                consumed_s = consume(ward, database, connection, said)
            rows = sum(count(connection, table) for table in TABLES)
            copied_s, inserted_s = bare(connection, said, many // 10)
    except WardError as error:
        raise Absent(str(error)) from error
    rates = {"consumer": many / consumed_s, "copy": many / copied_s, "single inserts": many // 10 / inserted_s}
    for way, rate in rates.items():
        print(f"{way:15} {rate:9,.0f} messages/s")
    print(f"{'rows kept':15} {rows / consumed_s:9,.0f} rows/s by the consumer, {rows / many:.1f} of each message")
    print(f"at 2 messages a minute one consumer keeps up with {rates['consumer'] * 30:,.0f} nodes")
    return {
        "messages": many,
        "consumer_per_s": round(rates["consumer"]),
        "consumer_rows_per_s": round(rows / consumed_s),
        "copy_per_s": round(rates["copy"]),
        "single_insert_per_s": round(rates["single inserts"]),
        "of_copy": round(rates["consumer"] / rates["copy"], 3),
        "over_single_inserts": round(rates["consumer"] / rates["single inserts"], 1),
    }


def consume(ward: Ward, database: RunningDatabase, connection: psycopg.Connection, said: list[Said]) -> float:
    """Seconds from the consumer's start over a full session until its last message is committed."""
    command = (sys.executable, "-m", "deploy.ward.consumer", "run", "--mqtt", ward.mqtt_url, "--insecure")
    options = ("--ward", "bench", "--id", ID, "--db", database.conninfo)
    # The first run only makes the session, so that the broker keeps what follows.
    first = subprocess.Popen((*command, *options), cwd=ROOT, stderr=subprocess.DEVNULL)
    wait(lambda: count(connection, "consumer") == 1)
    first.terminate()
    first.wait()
    publish(ward, said)
    begun_s = time.monotonic()
    second = subprocess.Popen((*command, *options), cwd=ROOT, stderr=subprocess.DEVNULL)
    try:
        wait(lambda: count(connection, "event_rev") + count(connection, "health") == len(said))
    finally:
        second.terminate()
        second.wait()
    return time.monotonic() - begun_s


def bare(connection: psycopg.Connection, said: list[Said], singles: int) -> tuple[float, float]:
    """Seconds for all as COPY, and for `singles` of them one by one."""
    rows = [(topic.split("/")[3], str(number), 1, body.decode()) for number, (topic, body) in enumerate(said)]
    for name in ("bare_copy", "bare_insert"):
        connection.execute(BARE.format(name=name).encode())
    begun_s = time.monotonic()
    with connection.transaction(), connection.cursor().copy("COPY bare_copy FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)
    copied_s = time.monotonic() - begun_s
    begun_s = time.monotonic()
    for row in rows[:singles]:
        connection.execute("INSERT INTO bare_insert VALUES (%s, %s, %s, %s)", row)
    return copied_s, time.monotonic() - begun_s


def messages(many: int) -> Iterator[Said]:
    """Three revisions of an event, then one health, and so on over all nodes."""
    for number in range(many):
        node = f"node-{number // 4 % NODES:03}"
        at = BEGIN + timedelta(seconds=number)
        told = {
            "node": node,
            "boot_id": "b",
            "sent_utc": _utc(at),
            "clock": {"trusted": True, "source": "ntp", "error_ms": 3},
        }
        base = f"camera/v1/bench/{node}"
        if number % 4 == 3:
            yield f"{base}/health", json.dumps({**told, **_health(at, number)}).encode()
        else:
            fields = {**told, "seq": number, **_event(at, number)}
            yield f"{base}/cam/gate/event/intrusion", json.dumps(fields).encode()


def publish(ward: Ward, said: list[Said]) -> None:
    """At QoS 1; returns when the broker has all."""
    client = paho.Client(CallbackAPIVersion.VERSION2)
    client.max_inflight_messages_set(500)
    client.connect("127.0.0.1", ward.mqtt_port)
    client.loop_start()
    for sent in [client.publish(topic, payload, 1) for topic, payload in said]:
        sent.wait_for_publish(PATIENCE_S)
    client.disconnect()
    client.loop_stop()


def count(connection: psycopg.Connection, table: str) -> int:
    """Rows of a table."""
    row = connection.execute(f"SELECT count(*) FROM {table}".encode()).fetchone()
    return int(row[0]) if row else 0


def wait(good: Callable[[], bool]) -> None:
    """Raises Absent after some minutes."""
    nothing, until_s = threading.Event(), time.monotonic() + PATIENCE_S
    while not good():
        if time.monotonic() > until_s:
            raise Absent("the consumer did not come to an end")
        nothing.wait(0.1)


def _event(at: datetime, number: int) -> dict[str, object]:
    id_ = "".join(LETTERS[(number // 4) // 32**place % 32] for place in range(9, -1, -1)).rjust(26, "0")
    seen = {"class": "person", "score": 0.91, "box": [0.1, 0.2, 0.3, 0.4], "path": [[0.1, 0.2]] * 8, "zones": ["yard"]}
    return {
        "schema": "event/1",
        "id": id_,
        "rev": number % 4 + 1,
        "phase": ("start", "update", "end")[number % 4],
        "rule": "intrusion",
        "rule_id": "intrusion-yard",
        "severity": "alert",
        "cam": "gate",
        "started_utc": _utc(at),
        "mono_ms": number,
        "objects": [{"track": track, **seen} for track in (1, 2)],
        "count": 2,
        "media": {"clip": {"state": "queued", "sha256": "ab" * 32, "bytes": 900_000}},
        "config_hash": "ab" * 32,
    }


def _health(at: datetime, number: int) -> dict[str, object]:
    cam = {"state": "ok", "fps": 10.0, "recorded_s": number, "expected_s": number, "footage_bytes": 10**9}
    return {
        "schema": "health/1",
        "at_utc": _utc(at),
        "agent": {"uptime_s": number, "rss_mb": 150.0, "cpu_pct": 40.0, "restarts": 0},
        "spool": {"messages": 0, "oldest_age_s": 0.0, "clips": 0, "bytes": 0},
        "cams": [{"id": name, **cam} for name in ("gate", "yard")],
    }


def _utc(at: datetime) -> str:
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
