from collections.abc import Collection, Iterable
from pathlib import Path

import pytest

from agent.app.mail import REST_S, SOURCE, Mail
from agent.app.workers import LastKnown
from agent.clock import Moment
from agent.config.model import SpoolSection
from agent.errors import AgentError, StorageError
from agent.i18n import Text
from agent.spool import Spool
from agent.values import Draft, OutgoingMessage
from tests.capture.clocks import HandClock


class FailingDisk(Spool):
    """A spool that can be told to fail."""

    fails = False

    def pending(self, limit: int, skip: Collection[int] = ()) -> tuple[OutgoingMessage, ...]:
        self._check()
        return super().pending(limit, skip)

    def ack(self, rows: Iterable[int]) -> None:
        self._check()
        super().ack(rows)

    def retained(self) -> tuple[str, ...]:
        self._check()
        return super().retained()

    def connected(self) -> None:
        self._check()
        super().connected()

    def _check(self) -> None:
        if self.fails:
            raise StorageError(Text(en="I/O error", vi="lỗi đọc ghi"), code="storage_error")


class Board:
    """Open faults by their source."""

    def __init__(self) -> None:
        self.open: dict[str, str] = {}

    def raised(self, source: str, error: AgentError) -> None:
        self.open[source] = error.code

    def cleared(self, source: str) -> None:
        self.open.pop(source, None)


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def spool(tmp_path: Path, clock: HandClock) -> FailingDisk:
    spool = FailingDisk(tmp_path / "spool", SpoolSection(), clock)
    for number in range(3):
        spool.put(Draft(f"camera/v1/w/n/rsp/{number}", b"{}", clock.now(), 5))
    return spool


@pytest.mark.fault("A7", "the disk fails while acknowledging")
def test_what_the_broker_has_is_not_sent_twice_because_the_disk_failed(spool: FailingDisk, clock: HandClock) -> None:
    board = Board()
    mail = Mail(spool, board, clock)
    first, second, third = mail.pending(10, ())
    spool.fails = True
    mail.ack([first.row])
    assert board.open == {SOURCE: "storage_error"}
    spool.fails = False
    mail.ack([second.row])  # too soon to try again; owed as well
    assert mail.pending(10, ()) == ()
    clock.pass_s(REST_S)
    assert [message.row for message in mail.pending(10, ())] == [third.row]
    assert board.open == {}


@pytest.mark.fault("A8", "the disk cannot be read")
def test_a_disk_that_cannot_be_read_keeps_the_line_up(spool: FailingDisk, clock: HandClock) -> None:
    board = Board()
    mail = Mail(spool, board, clock)
    spool.fails = True
    assert mail.pending(10, ()) == () and mail.retained() == ()
    assert board.open == {SOURCE: "storage_error"}
    clock.pass_s(REST_S)
    assert mail.pending(10, ()) == ()
    spool.fails = False
    clock.pass_s(REST_S)
    assert len(mail.pending(10, ())) == 3 and board.open == {}


def test_what_comes_after_the_line_came_up_overtakes_unless_the_disk_fails(
    spool: FailingDisk, clock: HandClock
) -> None:
    board = Board()
    mail = Mail(spool, board, clock)
    mail.connected()
    spool.put(Draft("camera/v1/w/n/rsp/9", b"{}", clock.now(), 40))
    assert [message.topic[-1] for message in mail.pending(10, ())] == ["9", "0", "1", "2"]
    spool.fails = True
    mail.connected()
    assert board.open == {SOURCE: "storage_error"}


def test_health_sees_what_was_there_last_while_the_disk_fails(spool: FailingDisk) -> None:
    def look() -> int:
        spool.retained()
        return spool.state().messages

    known = LastKnown(look, 0)
    assert known() == 3
    spool.fails = True
    spool.put(Draft("camera/v1/w/n/rsp/4", b"{}", Moment(0, 0, True, "boot-a"), 5))
    assert known() == 3
    spool.fails = False
    assert known() == 4
