"""hold.add and hold.release: what is kept, what is refused, and that without its line in the log nothing is held."""

from pathlib import Path
from typing import Any

import pytest

from agent.commands.holds import HoldAddCommand, HoldDoors, HoldReleaseCommand
from agent.commands.refused import Refused
from agent.contract.commands import Refusal
from agent.errors import StorageError
from agent.i18n import Text
from agent.values import Access, FootageFound, Hold
from tests.commands.orders import BY
from tests.commands.room import Room, at


class Shelf(Room):
    """Footage from 100 s to 200 s."""

    def __init__(self, directory: Path) -> None:
        super().__init__(directory)
        self.held: dict[str, Hold] = {}
        self.refuses: Refused | None = None
        self.log_fails = False
        self.doors = HoldDoors(self.find, self.add, lambda: tuple(self.held.values()), self.remove, self.note)
        self.obey(HoldAddCommand(frozenset({"gate"}), self.doors, self.clock))

    def find(self, hold: Hold) -> FootageFound:
        from_s, to_s = ((ns - self.clock.now().wall_ns) / 1e9 + 1000 for ns in (hold.from_ns, hold.to_ns))
        covered = max(0.0, min(to_s, 200.0) - max(from_s, 100.0))
        return FootageFound(covered, round(covered * 1000))

    def add(self, hold: Hold) -> None:
        if self.refuses:
            raise self.refuses
        self.held[hold.id] = hold

    def remove(self, hold_id: str) -> bool:
        return self.held.pop(hold_id, None) is not None

    def note(self, access: Access) -> None:
        if self.log_fails:
            raise StorageError(Text(en="no log", vi="không có nhật ký"), code="storage_error")
        self.noted.append(access)

    def hold(self, **fields: Any) -> dict[str, Any]:
        wish = {"cam": "gate", "from_utc": at(120), "to_utc": at(140), "until_utc": at(5000)}
        return self.ask(**(wish | fields))


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    return Shelf(tmp_path)


def test_the_request_names_the_hold(shelf: Shelf) -> None:
    answer = shelf.hold()
    told = answer["answer"]["hold"]
    assert told == {
        "hold_id": answer["request_id"],
        "from_utc": at(120),
        "to_utc": at(140),
        "until_utc": at(5000),
        "bytes": 20_000,
    }
    hold = shelf.held[answer["request_id"]]
    assert hold.by == BY["officer"] and BY["case"] in hold.reason
    assert shelf.lines() == [("hold", "granted")]
    shelf.obey(HoldReleaseCommand(shelf.doors, shelf.clock))
    released = shelf.ask(hold_id=answer["request_id"])
    assert released["answer"]["hold"]["bytes"] == 20_000 and shelf.held == {}
    assert shelf.ask(hold_id=answer["request_id"])["code"] == "not_found"
    assert shelf.lines()[1:] == [("release", "granted"), ("release", "not_found")]


@pytest.mark.parametrize(
    ("fields", "code", "noted"),
    [
        ({"cam": "attic"}, "not_found", True),
        ({"from_utc": at(300), "to_utc": at(400)}, "not_found", True),
        ({"to_utc": at(110)}, "schema", False),
        ({"until_utc": "tomorrow"}, "schema", False),
        ({"by": None}, "schema", False),
    ],
)
def test_refusals(shelf: Shelf, fields: dict[str, Any], code: str, noted: bool) -> None:
    assert shelf.hold(**fields)["code"] == code
    assert shelf.lines() == ([("hold", code)] if noted else [])
    assert shelf.held == {}


@pytest.mark.parametrize("code", [Refusal.TOO_LARGE, Refusal.BUSY, Refusal.SCHEMA])
def test_what_footage_will_not_hold_is_told_in_its_words(shelf: Shelf, code: Refusal) -> None:
    shelf.refuses = Refused(code, Text(en="too much", vi="quá nhiều"))
    answer = shelf.hold()
    assert (answer["code"], answer["text"]["vi"]) == (code.value, "quá nhiều")
    assert shelf.lines() == [("hold", code.value)]


def test_without_its_line_in_the_log_nothing_is_held(shelf: Shelf) -> None:
    shelf.log_fails = True
    assert shelf.hold()["code"] == "busy"
    assert shelf.held == {}


def test_an_unset_clock_holds_nothing(shelf: Shelf) -> None:
    shelf.clock.right = False
    assert shelf.hold()["code"] == "busy"


@pytest.mark.parametrize("field", ["from_utc", "to_utc", "until_utc"])
@pytest.mark.parametrize("far", ["1600-01-01T00:00:00.000Z", "9999-12-31T23:59:59.999Z"])
def test_a_hold_of_times_that_cannot_be_kept_is_refused(shelf: Shelf, field: str, far: str) -> None:
    assert shelf.hold(**{field: far})["code"] == "schema"
    assert not shelf.held
