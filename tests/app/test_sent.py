"""What left the house, by kind and day: counted as it leaves, kept over a restart, never a reason not to send."""

import json
from collections.abc import Collection, Iterable
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from agent.app.sent import ASKED, CLIPS, DAYS, EVENTS, LIVE, MESSAGES, NEWEST, NO_DATE, Count, Sent
from agent.config.links import UplinkSection
from agent.i18n import Text
from agent.uplink.governor import Governor, Household
from agent.uplink.ledger import DayLedger
from agent.uplink.stats import LinkStats
from agent.values import LiveNews, LiveWish, OutgoingClip, OutgoingMessage
from tests.capture.clocks import HandClock

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def sent(tmp_path: Path, clock: HandClock) -> Sent:
    return Sent(tmp_path, ZONE, clock)


def clip(name: str, parent: str | None = None) -> OutgoingClip:
    return OutgoingClip(name, "gate", Path(f"/x/{name}.mp4"), 1, 2, 5000, "0" * 64, parent=parent)


def event(row: int, rev: int = 1) -> OutgoingMessage:
    payload = json.dumps({"rev": rev, "cam": "gate"}).encode()
    return OutgoingMessage(row, "camera/v1/w/n/cam/gate/event/intrusion", payload)


def today(sent: Sent) -> dict[str, Count]:
    return sent.days()[0][1]


def test_an_event_counts_once_it_is_there_and_only_its_first_word(sent: Sent) -> None:
    acked: list[int] = []

    def pending(limit: int, skip: Collection[int]) -> tuple[OutgoingMessage, ...]:
        return event(1), event(2, rev=2), OutgoingMessage(3, "camera/v1/w/n/rsp/x", b"{}")

    def ack(rows: Iterable[int]) -> None:
        acked.extend(rows)

    leaving, arriving = sent.leaving(pending), sent.arriving(ack)
    assert len(leaving(10, ())) == 3 and today(sent) == {}
    arriving(iter([1, 2, 3]))
    arriving([1])
    assert acked == [1, 2, 3, 1]
    size = sum(len(one.payload) + len(one.topic) for one in (event(1), event(2, rev=2)))
    assert today(sent) == {EVENTS: Count(1, size)}
    assert [(one.kind, one.cam) for one in sent.newest()] == [(EVENTS, "gate")]


def test_what_was_asked_for_is_told_from_what_an_event_sent(sent: Sent) -> None:
    sent.carries(clip("a"), asked=False)
    sent.spent(CLIPS, 3000)  # a try that failed
    sent.spent(CLIPS, 5000)
    sent.clip(clip("a"))
    sent.carries(clip("b.manifest", parent="b"), asked=True)
    sent.spent(CLIPS, 700)
    sent.clip(clip("b.manifest", parent="b"))
    sent.carries(clip("b"), asked=True)
    sent.spent(CLIPS, 5000)
    sent.clip(clip("b"))
    sent.spent(LIVE, 900)
    wish = LiveWish("j", "gate", "O-17", "C", "why", None, None)
    sent.live(LiveNews(wish, "done", 900, why=Text(en="x", vi="x")))
    sent.live(LiveNews(wish, "failed", 0, why=Text(en="x", vi="x")))
    assert today(sent) == {CLIPS: Count(1, 8000), ASKED: Count(1, 5700), LIVE: Count(1, 900)}


def test_the_budget_tells_every_byte(tmp_path: Path, clock: HandClock, sent: Sent) -> None:
    stats = LinkStats()
    governor = Governor(Household(UplinkSection(), ZONE), stats, DayLedger(None, 0, ZONE, clock), clock)
    governor.seen = sent.spent
    stats.published(150)
    governor.take(1000)
    governor.share(100.0).take(70)
    stats.published(50)
    governor.close()
    assert today(sent) == {MESSAGES: Count(0, 200), CLIPS: Count(0, 1000), LIVE: Count(0, 70)}


def test_it_outlives_the_process_and_forgets_old_days(sent: Sent, tmp_path: Path, clock: HandClock) -> None:
    for _ in range(12):
        sent.spent(MESSAGES, 10)
        clock.pass_s(86_400)
    sent.spent(MESSAGES, 10)
    sent.close()
    file = tmp_path / "household" / "sent.json"
    assert file.stat().st_mode & 0o777 == 0o600
    assert len(json.loads(file.read_bytes())["days"]) <= DAYS
    again = Sent(tmp_path, ZONE, clock)
    assert again.days() == sent.days() and len(again.days()) == 7
    assert [counts for _, counts in again.days()] == [{MESSAGES: Count(0, 10)}] * 7


def test_the_disk_is_written_four_times_an_hour(sent: Sent, tmp_path: Path, clock: HandClock) -> None:
    file, written = tmp_path / "household" / "sent.json", set()
    for _ in range(3600):
        sent.spent(MESSAGES, 10)
        clock.pass_s(1)
        if file.exists():
            written.add(file.stat().st_ino)
    assert 1 <= len(written) <= 4 and json.loads(file.read_bytes())["days"]


def test_before_the_clock_is_set_it_counts_for_the_day_that_it_then_shows(sent: Sent, clock: HandClock) -> None:
    clock.trust = False
    sent.spent(MESSAGES, 10)
    assert all(not counts for _, counts in sent.days()) and NO_DATE not in dict(sent.days())
    clock.trust = True
    sent.spent(MESSAGES, 1)
    assert today(sent) == {MESSAGES: Count(0, 11)}


@pytest.mark.parametrize("damage", [b"", b"[]", b'{"days": 1}', b'{"days": {"a": {"b": [1]}}, "newest": []}', b"\xff"])
def test_a_file_that_cannot_be_read_costs_the_numbers_only(tmp_path: Path, clock: HandClock, damage: bytes) -> None:
    (tmp_path / "household").mkdir()
    (tmp_path / "household" / "sent.json").write_bytes(damage)
    sent = Sent(tmp_path, ZONE, clock)
    sent.spent(MESSAGES, 5)
    assert today(sent) == {MESSAGES: Count(0, 5)}


def test_it_stays_small(sent: Sent, tmp_path: Path) -> None:
    for number in range(5000):
        sent.leaving(lambda limit, skip, row=number: (event(row),))(1, ())  # type: ignore[misc]
        sent.clip(clip(str(number)))
    sent.close()
    assert len(sent.newest()) == NEWEST and (tmp_path / "household" / "sent.json").stat().st_size < 10_000
    assert len(sent._flight) <= 1001
