"""From a real mosquitto into a real PostgreSQL, while each breaks: nothing is lost, nothing is there twice."""

import json
import random
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from deploy.ward import Certificates, Ward, WardError, WardOptions
from deploy.ward.consumer import connect, run
from deploy.ward.consumer.options import Broker, Database, Options
from deploy.ward.consumer.run import Consumer
from deploy.ward.consumer.store import Store
from deploy.ward.consumer.words import NotNow, Words
from deploy.ward.database import RunningDatabase
from tests.ward.consumer.conftest import PLACE
from tests.ward.consumer.process import PATIENCE_S, Mouth, Running
from tests.ward.consumer.saying import Said, Voice, ulid

Table = Callable[[str], list[tuple[Any, ...]]]
STATE = "camera/v1/test/server/state"
IDS = count(1)
POLL = threading.Event()  # never set: a wait that is looked at again


class Hasty(Running):
    """Tries again soon: broker and database are away for a moment only."""

    module = "tests.ward.consumer.hasty"


@pytest.fixture
def own_ward(tmp_path: Path) -> Iterator[Ward]:
    """A broker that keeps every message, and that a test may kill."""
    try:
        running = Ward.start(tmp_path / "ward", WardOptions(upload=False, broker_lines=("max_queued_messages 0",)))
    except WardError as error:
        pytest.skip(str(error))
    with running:
        yield running


@pytest.fixture
def mouth(own_ward: Ward) -> Iterator[Mouth]:
    speaking = Mouth(own_ward)
    yield speaking
    speaking.close()


@pytest.fixture
def start(own_ward: Ward, conninfo: str, tmp_path: Path) -> Iterator[Callable[..., Running]]:
    """Consumers of the test's ward and database; ended with the test."""
    started: list[Running] = []

    def run(id_: str, *more: str) -> Running:
        started.append(Hasty(own_ward, conninfo, id_, tmp_path / f"{id_}.log", *more))
        return started[-1]

    yield run
    for each in started:
        each.kill()


def until(good: Callable[[], object], *about: Running) -> None:
    for _ in range(round(PATIENCE_S / 0.05)):
        if good():
            return
        POLL.wait(0.05)
    pytest.fail("\n".join(each.words()[-3000:] for each in about) or "it never came")


def subscribed(table: Table, many: int) -> Callable[[], bool]:
    """A consumer writes its first row after it has subscribed."""
    return lambda: table("SELECT count(*) FROM consumer WHERE last_seen_at > started_at") == [(many,)]


def stories(many: int, drawn: random.Random) -> list[Said]:
    """Three revisions of so many events of ten nodes, in any order, every fifth message twice."""
    voices = [Voice(f"node-{number}") for number in range(10)]
    said = [drawn.choice(voices).event(ulid(next(IDS)), rev) for _ in range(many) for rev in (1,)]
    said = [each for each in said for each in revisions(each)]
    said += drawn.sample(said, len(said) // 5)
    drawn.shuffle(said)
    return said


def revisions(first: Said) -> list[Said]:
    _, payload = first
    fields = json.loads(payload)
    return [Voice(fields["node"]).event(fields["id"], rev) for rev in (1, 2, 3)]


def keys(said: list[Said]) -> set[tuple[str, str, int]]:
    fields = [json.loads(payload) for _, payload in said]
    return {(each["node"], each["id"], each["rev"]) for each in fields}


@pytest.mark.parametrize("group", ["", pytest.param("dealt-out", marks=pytest.mark.long("as when each hears all"))])
def test_two_consumers_and_everything_that_can_be_killed(
    start: Callable[..., Running],
    own_ward: Ward,
    mouth: Mouth,
    cluster: RunningDatabase,
    table: Table,
    conninfo: str,
    seed: int,
    group: str,
) -> None:
    drawn = random.Random(seed)
    said = [stories(150, drawn) for _ in range(4)]
    one, two = (start(id_, "--in-flight", "40", "--group", group) for id_ in ("one", "two"))
    until(subscribed(table, 2), one, two)

    mouth.say(said[0][:200])
    one.kill()  # in the middle of its share; what it did not acknowledge waits for its name
    mouth.say(said[0][200:])
    one.start()
    mouth.say(said[1])

    cluster.kill()  # now both hold messages that they may not acknowledge
    mouth.say(said[2])
    kept = own_ward.directory / "broker" / "mosquitto.db"
    now_s = datetime.now(timezone.utc).timestamp()
    until(lambda: kept.exists() and kept.stat().st_mtime > now_s)  # mosquitto saves once a second
    own_ward.kill_broker()
    two.kill()
    cluster.start()
    connected = [each.words().count("connected as") for each in (one, two)]
    own_ward.start_broker()
    two.start()
    if group:
        # mosquitto saves no shared subscriptions: what comes before they are made again is lost. Hence the default.
        until(lambda: connected == [each.words().count("connected as") - 1 for each in (one, two)], one, two)
    mouth.say(said[3])

    wanted = keys([each for part in said for each in part])
    assert len(wanted) == 4 * 150 * 3

    def there() -> set[tuple[Any, ...]]:
        return set(fresh(conninfo, "SELECT node, id, rev FROM event_rev"))

    until(lambda: there() == wanted, one, two)
    assert fresh(conninfo, "SELECT count(*), min(rev), max(rev), sum(count) FROM event") == [(600, 3, 3, 1800)]
    assert fresh(conninfo, "SELECT count(*) FROM event_rev") == [(1800,)]
    assert fresh(conninfo, "SELECT count(*) FROM refused") == [(0,)]

    def written() -> list[int]:
        return [many for (many,) in fresh(conninfo, "SELECT messages FROM consumer")]

    # Each its share, or each everything: then the slower one is not done when all is there.
    until(lambda: min(written()) >= (300 if group else sum(map(len, said))), one, two)
    assert fresh(conninfo, "SELECT count(*) FROM event_rev") == [(1800,)]
    assert [each.stop() for each in (one, two)] == [0, 0]


def test_what_comes_after_a_restart_of_the_broker_waits_for_a_consumer_that_is_not_back_yet(
    start: Callable[..., Running], own_ward: Ward, mouth: Mouth, table: Table
) -> None:
    one = start("one")
    until(subscribed(table, 1), one)
    one.kill()
    own_ward.stop()  # in good order: everything is saved
    own_ward.start_broker()
    mouth.say([Voice("n1").event(ulid(next(IDS)))])
    one.start()
    until(lambda: table("SELECT count(*) FROM event") == [(1,)], one)


@pytest.mark.parametrize("group", ["", "dealt-out"])
def test_it_still_hears_what_is_retained_when_it_has_read_what_the_broker_kept(
    own_ward: Ward, mouth: Mouth, conninfo: str, table: Table, monkeypatch: pytest.MonkeyPatch, group: str
) -> None:
    monkeypatch.setattr(run, "CENSUS_S", 0.0)
    stop, now = threading.Event(), datetime.now(timezone.utc)
    consumer = Consumer(replace(options(own_ward), group=group), Store(Database(conninfo), "here", "test"), stop)
    thread = threading.Thread(target=consumer.run)
    thread.start()
    try:
        until(subscribed(table, 1))
        until(lambda: consumer._retained_s is None)
        for number in (1, 2):
            mouth.say([Voice("n1").health(now + timedelta(seconds=number))], retain=True)
            until(lambda: table("SELECT count(*) FROM health") == [(number,)])  # noqa: B023
    finally:
        stop.set()
        thread.join()


def fresh(conninfo: str, sql: str) -> list[tuple[Any, ...]]:
    """Asks on a connection of its own: the database was killed meanwhile."""
    with Database(conninfo).connect() as connection:
        return connection.execute(sql.encode()).fetchall()


def test_what_nobody_can_read_never_stops_the_stream(start: Callable[..., Running], mouth: Mouth, table: Table) -> None:
    one = start("one")
    until(subscribed(table, 1), one)
    topic, payload = Voice("n1").event(ulid(next(IDS)))
    bad = [
        (topic, b"{"),
        (topic, b"\x00" * 300_000),
        (topic, payload.replace(b'"n1"', b'"n2"')),
        (topic, payload.replace(b"event/1", b"event/2")),
        (topic, payload.replace(b"2026-03-05", b"yesterday")),
        (topic, Voice("n1").event(ulid(next(IDS)))[1][:-1] + b', "x": 1e200000}'),
    ]
    mouth.say([*bad, (topic, payload)])
    until(lambda: table("SELECT count(*) FROM event") == [(1,)], one)
    until(lambda: table("SELECT refused FROM consumer") == [(6,)], one)
    assert {why for (why,) in table("SELECT why FROM refused")} == {
        *("bad_json", "too_large", "node", "version", "schema", "database")
    }


def test_a_new_consumer_learns_what_the_broker_keeps_and_an_old_one_what_came_meanwhile(
    start: Callable[..., Running], mouth: Mouth, table: Table
) -> None:
    voice, now = Voice("n1"), datetime.now(timezone.utc)
    mouth.say([voice.birth(now), voice.availability("online", now), voice.health(now)], retain=True)
    one = start("one")
    until(lambda: table("SELECT label FROM node") == [("Cổng chợ",)], one)
    until(lambda: table("SELECT count(*) FROM health") == [(1,)], one)
    assert one.stop() == 0
    mouth.say([voice.event(ulid(next(IDS)))])
    one.start()
    until(lambda: table("SELECT count(*) FROM event") == [(1,)], one)


def test_a_consumer_that_leaves_takes_what_is_left_for_it(
    start: Callable[..., Running], mouth: Mouth, table: Table
) -> None:
    one = start("one")
    until(subscribed(table, 1), one)
    one.kill()
    mouth.say([Voice("n1").event(ulid(next(IDS)))])
    leaving = start("one", "--leave")
    assert leaving.process.wait(PATIENCE_S) == 0
    assert table("SELECT count(*) FROM event") == [(1,)]
    mouth.say([Voice("n1").event(ulid(next(IDS)))])
    one.start()
    until(lambda: "the session was new" in one.words().rpartition("connected as")[2], one)


def test_the_nodes_hear_that_somebody_listens(start: Callable[..., Running], mouth: Mouth, table: Table) -> None:
    mouth.hear(STATE)
    one = start("one")
    told = json.loads(mouth.wait(b'"online"'))
    sent = datetime.fromisoformat(told["sent_utc"].replace("Z", "+00:00"))
    assert abs(datetime.now(timezone.utc) - sent) < timedelta(seconds=30)
    until(subscribed(table, 1), one)
    mouth.say([(STATE, b'{"state": "offline"}')], retain=True)  # as the Will of another consumer
    mouth.wait(b'"online"', times=2)
    assert one.stop() == 0
    mouth.wait(b'"stopped"')


def test_the_will_says_offline(own_ward: Ward, mouth: Mouth, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connect, "WILL_DELAY_S", 0)
    mouth.hear(STATE)
    connection = connect.Connection(options(own_ward), lambda message: None)
    connection.open()
    while not connection.ready:
        connection.turn(0.1)
    connection.drop()
    assert json.loads(mouth.wait(b'"offline"')) == {"state": "offline"}


def options(ward: Ward, in_flight: int = 20) -> Options:
    return Options(Broker("127.0.0.1", ward.mqtt_port), PLACE, "here", in_flight=in_flight, within_s=0.05)


def test_while_the_database_is_away_little_is_held_and_nothing_acknowledged(
    own_ward: Ward, mouth: Mouth, conninfo: str, table: Table
) -> None:
    class Away(Store):
        tries = 0

        def write(self, batch: Any) -> int:
            most.append(len(consumer._batch))
            if not back.is_set():
                Away.tries += 1
                raise NotNow(Words(en="away", vi="không có"))
            return super().write(batch)

    most: list[int] = []
    back, stop = threading.Event(), threading.Event()
    consumer = Consumer(options(own_ward), Away(Database(conninfo), "here", "test"), stop)
    thread = threading.Thread(target=consumer.run)
    thread.start()
    try:
        until(lambda: Away.tries > 0)
        mouth.say([Voice("n1").event(ulid(next(IDS))) for _ in range(100)])
        until(lambda: len(consumer._batch) >= 20)
        tries = Away.tries
        until(lambda: Away.tries > tries + 1)
        assert max(most) <= 20
        back.set()
        until(lambda: table("SELECT count(*) FROM event") == [(100,)])
        assert max(most) <= 20
    finally:
        stop.set()
        thread.join()


def test_tls_with_a_certificate_and_a_password_from_a_file(
    tls_ward: Ward, client_certificates: Certificates, conninfo: str, table: Table, tmp_path: Path
) -> None:
    secret = tmp_path / "password"
    secret.write_text("hunter2-of-the-consumer\n", encoding="utf-8")
    files = (f"--{name}={getattr(client_certificates, name)}" for name in ("ca", "cert", "key"))
    login = ("--user", "consumer", "--password-file", str(secret))
    one = Running(tls_ward, conninfo, "tls-consumer", tmp_path / "log", *files, *login)
    mouth = Mouth(tls_ward, client_certificates)
    try:
        until(subscribed(table, 1), one)
        mouth.say([Voice("n1").event(ulid(next(IDS)))])
        until(lambda: table("SELECT count(*) FROM event") == [(1,)], one)
        shown = (
            Path(f"/proc/{one.process.pid}/cmdline").read_bytes()
            + Path(f"/proc/{one.process.pid}/environ").read_bytes()
        )
        assert b"hunter2" not in shown
        assert "hunter2" not in one.words()
    finally:
        mouth.close()
        one.kill()
