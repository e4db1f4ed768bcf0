"""snapshot, restart, identify, selftest, footage.list and wipe: every refusal and every answer."""

import json
from pathlib import Path
from typing import Any

import pytest

from agent.app.restarts import EVERY_S, Restarts
from agent.commands.errands import MOST, Errand, Errands, Later
from agent.commands.footage_list import FootageListCommand, ListDoors
from agent.commands.identify import IdentifyCommand
from agent.commands.inbox import Reply
from agent.commands.refused import Refused
from agent.commands.restart import RestartCommand, RestartDoors
from agent.commands.selftest import SelftestCommand
from agent.commands.snapshot import SnapshotCommand, SnapshotDoors
from agent.commands.wipe import LASTS_S, WipeCommand, WipeDoors
from agent.contract.answers import CheckRow
from agent.contract.base import Words, utc
from agent.contract.commands import Refusal
from agent.contract.requests import Wipe
from agent.errors import StorageError
from agent.i18n import Text
from agent.values import Clip, FootageList, Gap, Recorded
from tests.commands.orders import BY, NS, TOPICS, order, sent
from tests.commands.room import Room, at

WHY = Text(en="no", vi="không")


@pytest.fixture
def room(tmp_path: Path) -> Room:
    return Room(tmp_path)


# footage.list


def listing(room: Room, found: FootageList) -> list[tuple[Any, ...]]:
    asked: list[tuple[Any, ...]] = []

    def find(*words: Any) -> FootageList:
        asked.append(words)
        return found

    room.obey(FootageListCommand(frozenset({"gate"}), ListDoors(find, room.noted.append), room.clock))
    return asked


def test_footage_is_told_by_ranges_and_gaps(room: Room) -> None:
    base = room.clock.now().wall_ns - 900 * NS
    ranges = (Recorded(base, base + 10 * NS, 100, 2), Recorded(base + 30 * NS, base + 40 * NS, 50, 1))
    asked = listing(room, FootageList(ranges, (Gap(base + 10 * NS, base + 30 * NS, "camera_lost"),), base + 40 * NS))
    page = room.ask(cam="gate", from_utc=at(50), limit=2)["answer"]["footage"]
    assert [(one["bytes"], one["segments"]) for one in page["ranges"]] == [(100, 2), (50, 1)]
    assert page["gaps"][0]["cause"] == "camera_lost" and page["bytes"] == 150 and page["next_utc"] == at(140)
    assert asked == [("gate", (base - 50 * NS, None), 2)]
    assert room.lines() == [("list", "granted")]
    assert room.noted[0].to_ns == ranges[-1].to_ns, "the log tells what was looked at"


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"cam": "attic"}, "not_found"),
        ({"from_utc": at(9), "to_utc": at(8)}, "schema"),
        ({"limit": 0}, "schema"),
        ({"limit": 501}, "schema"),
        ({"from_utc": "yesterday"}, "schema"),
    ],
)
def test_lists_that_are_refused(room: Room, fields: dict[str, Any], code: str) -> None:
    asked = listing(room, FootageList())
    assert room.ask(**({"cam": "gate"} | fields))["code"] == code
    assert asked == []


def test_a_full_page_is_a_small_message(room: Room) -> None:
    base = room.clock.now().wall_ns - 900 * NS
    ranges = tuple(Recorded(base + i * NS, base + i * NS + NS // 2, 10**9, 100_000) for i in range(200))
    gaps = tuple(Gap(one.from_ns, one.to_ns, "footage_pending_lost") for one in ranges)
    asked = listing(room, FootageList(ranges, gaps, base))
    assert len(json.dumps(room.ask(cam="gate", limit=500))) < 64_000
    assert asked[0][2] == 200


# snapshot


def test_a_snapshot_is_a_job_of_its_own(room: Room, tmp_path: Path) -> None:
    taken: list[tuple[str, str, int]] = []

    def take(cam: str, job: str, priority: int) -> Clip:
        taken.append((cam, job, priority))
        assert room.lines() == [("snapshot", "granted")], "noted before it is taken"
        return Clip(job, cam, tmp_path / f"{job}.jpg", 5 * NS, 5 * NS, 123, "a" * 64)

    told: list[dict[str, Any]] = []
    doors = SnapshotDoors(take, lambda draft: told.append(json.loads(draft.body)), room.noted.append, lambda: None)
    room.obey(SnapshotCommand(TOPICS, frozenset({"gate"}), doors, room.clock))
    answer = room.ask(cam="gate")
    assert answer["result"] == "done" and taken == [("gate", answer["request_id"], 10)]
    assert (told[0]["kind"], told[0]["state"], told[0]["bytes_total"]) == ("snapshot", "planned", 123)
    assert told[0]["job_id"] == answer["job_id"] == answer["request_id"]


@pytest.mark.parametrize(
    ("fields", "why", "right", "code"),
    [
        ({"cam": "gate"}, WHY, True, "not_capable"),
        ({"cam": "gate"}, None, False, "busy"),
        ({"cam": "attic"}, None, True, "not_found"),
        ({"cam": "gate"}, None, True, "busy"),  # no picture
        ({"cam": "gate", "by": None}, None, True, "schema"),
    ],
)
def test_snapshots_that_are_refused(
    room: Room, fields: dict[str, Any], why: Text | None, right: bool, code: str
) -> None:
    doors = SnapshotDoors(lambda *_: None, lambda _: None, room.noted.append, lambda: why)
    room.obey(SnapshotCommand(TOPICS, frozenset({"gate"}), doors, room.clock))
    room.clock.right = right
    assert room.ask(**fields)["code"] == code
    assert code == "schema" or len(room.noted) <= 1


# restart


def test_a_restart_is_owed_an_answer_and_does_not_come_twice(room: Room, tmp_path: Path) -> None:
    restarts = Restarts(tmp_path / "restart.json", room.clock)
    asked: list[str] = []

    def begin(request_id: str) -> None:
        restarts.begin(request_id)
        asked.append(request_id)

    command = RestartCommand(RestartDoors(restarts.wait_s, begin, room.noted.append), room.clock)
    room.obey(command)
    assert room.ask()["code"] == "unauthorised", "never without the ward's signature"
    room.obey(command, signed=True)
    answer = room.ask()
    assert answer["result"] == "accepted" and asked == [answer["request_id"]]
    assert room.ask()["code"] == "rate_limited"
    again = Restarts(tmp_path / "restart.json", room.clock)
    owed = again.done(TOPICS)
    assert owed is not None and json.loads(owed.body)["result"] == "done"
    assert owed.topic == TOPICS.response(answer["request_id"])
    again.told()
    assert again.done(TOPICS) is None and again.wait_s() > 0, "the storm stays bounded after the start"
    room.clock.seconds += EVERY_S
    assert room.ask()["result"] == "accepted"
    room.clock.boot_id = "boot-2"
    assert restarts.wait_s() == 0.0, "another boot"
    assert room.lines() == [("restart", "granted"), ("restart", "rate_limited"), ("restart", "granted")]


def test_a_damaged_note_of_a_restart_is_none(room: Room, tmp_path: Path) -> None:
    for text in (b"{", b"[]", b'{"boot_id": "boot-1", "mono_s": "soon"}'):
        (tmp_path / "restart.json").write_bytes(text)
        restarts = Restarts(tmp_path / "restart.json", room.clock)
        assert restarts.wait_s() == 0.0 and restarts.done(TOPICS) is None


# identify, selftest


def test_identify(room: Room) -> None:
    shown: list[float] = []

    def show(seconds: float) -> bool:
        shown.append(seconds)
        return True

    room.obey(IdentifyCommand(show))
    assert room.ask(for_s=5)["result"] == "done" and shown == [5.0]
    assert room.ask(for_s=601)["code"] == "schema"
    room.obey(IdentifyCommand(lambda _: False))
    assert room.ask()["code"] == "not_capable"


def test_selftest(room: Room) -> None:
    rows = tuple(CheckRow(name=str(i), state="ok", text=Words(en="fine", vi="tốt")) for i in range(200))
    room.obey(SelftestCommand(lambda: rows))
    assert len(room.ask()["answer"]["checks"]) == 120
    room.obey(SelftestCommand(lambda: None))
    assert room.ask()["code"] == "busy"


# wipe


class Eraser:
    def __init__(self, room: Room) -> None:
        self.room = room
        self.begun: list[Wipe] = []
        self.why: Text | None = None
        doors = WipeDoors(lambda: 7, self.begun.append, lambda _: self.why, room.noted.append)
        self.command = WipeCommand(doors, room.clock)
        room.obey(self.command, signed=True)


def test_wipe_takes_two_steps(room: Room) -> None:
    eraser = Eraser(room)
    told = room.ask(scope="all")["answer"]["wipe"]
    assert told["expires_in_s"] == LASTS_S and told["footage_bytes"] == 7 and eraser.begun == []
    assert room.ask(scope="all", token=told["token"])["result"] == "accepted"
    assert [one.scope for one in eraser.begun] == ["all"]
    assert room.ask(scope="all", token=told["token"])["code"] == "unauthorised", "good once"
    assert room.lines() == [("wipe", "asked"), ("wipe", "granted"), ("wipe", "unauthorised")]


def test_wipe_is_refused_without_a_pinned_key(room: Room) -> None:
    room.obey(Eraser(room).command)
    assert room.ask(scope="all")["code"] == "unauthorised"


def test_tokens_that_erase_nothing(room: Room) -> None:
    eraser = Eraser(room)

    def token(scope: str = "footage") -> str:
        text: str = room.ask(scope=scope)["answer"]["wipe"]["token"]
        return text

    assert room.ask(scope="footage", token="guess")["code"] == "unauthorised"
    assert room.ask(scope="all", token=token())["code"] == "unauthorised", "of another scope"
    first = token()
    token()
    assert room.ask(scope="footage", token=first)["code"] == "unauthorised", "a newer one was asked for"
    late = token()
    room.clock.seconds += LASTS_S + 1
    assert room.ask(scope="footage", token=late)["code"] == "unauthorised", "too late"
    room.clock.right = False
    assert room.ask(scope="footage", token="x" * 20)["code"] == "busy"
    room.clock.right = True
    eraser.why = WHY
    assert room.ask(scope="footage")["code"] == "not_capable"
    assert eraser.begun == []


# errands


def test_an_errand_is_accepted_checked_and_then_answered(room: Room) -> None:
    errands = Errands(TOPICS, room.kept.append, room.clock)
    results: list[Any] = [Reply("done"), Refused(Refusal.NOT_FOUND), StorageError(WHY, code="disk_full")]

    class Slow:
        name = "selftest"

        def run(self, fields: dict[str, Any]) -> Reply:
            result = results.pop(0)
            if isinstance(result, Exception):
                raise result
            assert isinstance(result, Reply)
            return result

    room.obey(Later(Slow(), errands))
    ids = [room.ask()["request_id"] for _ in range(3)]
    assert room.kept == [], "nothing ran on the thread that hears the broker"
    for _ in range(3):
        assert errands.work()
    told = [json.loads(draft.body) for draft in room.kept]
    assert [one["request_id"] for one in told] == ids
    assert [one.get("code") or one["result"] for one in told] == ["done", "not_found", "busy"]


def test_a_full_queue_says_busy(room: Room) -> None:
    errands = Errands(TOPICS, room.kept.append, room.clock)
    for _ in range(MOST):
        errands.give(Errand("selftest", "x", lambda: Reply("done")))
    room.obey(Later(SelftestCommand(lambda: None), errands))
    assert room.ask()["code"] == "busy"
    errands.wake()
    errands.wake()  # never blocks, never raises


def test_an_errand_that_breaks_is_answered_all_the_same(room: Room) -> None:
    """What nobody foresaw ends the worker, which begins anew; the ward does not wait for ever."""
    errands = Errands(TOPICS, room.kept.append, room.clock)

    def broken() -> tuple[CheckRow, ...]:
        raise OverflowError("int too large")

    room.obey(Later(SelftestCommand(broken), errands))
    assert room.ask()["result"] == "accepted"
    with pytest.raises(OverflowError):
        errands.work()
    told = json.loads(room.kept[-1].body)
    assert (told["result"], told["code"]) == ("rejected", "busy")
    assert "failed at this command" in told["text"]["en"]


def test_what_an_errand_answers_comes_after_the_word_that_it_was_accepted(room: Room) -> None:
    """However fast it is: here it is done before the thread that hears commands does anything else."""
    errands = Errands(TOPICS, room.kept.append, room.clock)
    give = errands.give

    def done_at_once(errand: Errand) -> None:
        give(errand)
        errands.work()

    errands.give = done_at_once  # type: ignore[method-assign]
    room.obey(Later(SelftestCommand(lambda: ()), errands))
    wish = order(by=BY, issued_utc=utc(room.clock.now().wall_ns))
    assert room.inbox.take(TOPICS.command("selftest"), sent(wish), False) is None
    assert [json.loads(draft.body)["result"] for draft in room.kept] == ["accepted", "done"]
