import json
import logging
import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.contract.base import parse_utc
from agent.contract.faults import CODES
from agent.errors import AgentError, CameraError, StorageError
from agent.health.faults import QUIET_S, SETTLE_S, FaultBoard, FaultNotice
from agent.health.logs import JournalFormat
from agent.i18n import Text
from tests.health.hands import HandClock


def silent(camera: str) -> CameraError:
    return CameraError(Text(en=f"{camera} is silent", vi=f"{camera} không gửi hình"), code="camera_silent")


def board(clock: HandClock) -> tuple[FaultBoard, list[FaultNotice]]:
    told: list[FaultNotice] = []
    return FaultBoard(clock, told.append), told


def test_a_fault_is_told_at_once_and_taken_back_when_it_is_over() -> None:
    clock = HandClock()
    faults, told = board(clock)
    faults.raised("capture-gate", silent("gate"))
    faults.tick()
    assert [notice.code for notice in told] == ["camera_silent"]
    body = json.loads(told[0].body())
    assert body["sources"] == ["capture-gate"]
    assert body["severity"] == "alert"
    assert body["text"]["vi"] == "gate không gửi hình"
    assert body["remedy"]["en"]
    faults.cleared("capture-gate")
    clock.go(QUIET_S)
    faults.tick()
    assert told[-1].code == "camera_silent"
    assert told[-1].body() == b""


def test_two_cameras_with_one_fault_are_one_message_until_the_last_is_well() -> None:
    clock = HandClock()
    faults, told = board(clock)
    faults.raised("capture-gate", silent("gate"))
    clock.go(1)
    faults.raised("capture-yard", silent("yard"))
    faults.tick()
    assert len(told) == 1
    message = told[0].message
    assert message is not None
    assert message.sources == ("capture-gate", "capture-yard")
    assert message.text.en == "gate is silent; yard is silent"
    faults.cleared("capture-gate")
    clock.go(QUIET_S)
    faults.tick()
    assert told[-1].message is not None
    assert told[-1].message.sources == ("capture-yard",)
    faults.cleared("capture-yard")
    clock.go(QUIET_S)
    faults.tick()
    assert told[-1].message is None


def test_a_source_that_fails_otherwise_gives_up_its_first_fault() -> None:
    clock = HandClock()
    faults, _ = board(clock)
    faults.raised("capture-gate", silent("gate"))
    faults.raised("capture-gate", CameraError(Text(en="gone", vi="mất"), code="camera_absent"))
    assert faults.codes() == ("camera_absent",)


def test_the_same_failure_again_keeps_its_beginning_and_is_not_told_again() -> None:
    clock = HandClock()
    faults, told = board(clock)
    faults.raised("capture-gate", silent("gate"))
    since = faults.open()[0].since
    for _ in range(50):
        clock.go(60)
        faults.raised("capture-gate", silent("gate"))
        faults.tick()
    assert faults.open()[0].since == since
    assert len([notice for notice in told if notice.message]) == 1


def test_a_flapping_source_stays_open_and_is_bounded() -> None:
    clock = HandClock()
    faults, told = board(clock)
    for _ in range(600):
        faults.raised("mqtt", AgentError(Text(en="x", vi="x"), code="broker_unreachable"))
        clock.go(0.5)
        faults.tick()
        faults.cleared("mqtt")
        clock.go(0.5)
        faults.tick()
    mine = [notice for notice in told if notice.code == "broker_unreachable"]
    assert len(mine) <= 2 * 600 / QUIET_S + 2


def test_an_unknown_code_is_told_as_internal() -> None:
    faults, _ = board(HandClock())
    faults.raised("x", AgentError(Text(en="odd", vi="lạ"), code="never-heard-of"))
    assert faults.codes() == ("internal",)


def test_what_an_earlier_run_left_at_the_broker_is_taken_back_once() -> None:
    clock = HandClock()
    faults, told = board(clock)
    faults.raised("footage", StorageError(Text(en="full", vi="đầy"), code="disk_full"))
    faults.tick()
    clock.go(SETTLE_S)
    faults.tick()
    assert {notice.code for notice in told if notice.message is None} == CODES - {"disk_full"}
    before = len(told)
    clock.go(1000)
    faults.tick()
    assert len(told) == before


def test_the_worst_comes_first() -> None:
    clock = HandClock()
    faults, _ = board(clock)
    faults.raised("link", AgentError(Text(en="x", vi="x"), code="insecure_link"))
    clock.go(1)
    faults.raised("capture-gate", silent("gate"))
    assert faults.codes() == ("camera_silent", "insecure_link")


def test_since_is_put_right_when_the_clock_was_set_later() -> None:
    clock = HandClock(trusted=False)
    faults, _ = board(clock)
    faults.raised("capture-gate", silent("gate"))
    wrong = faults.open()[0].message(clock.now()).since_utc
    clock.go(60)
    clock.wall_offset_ns += 3600 * 10**9
    clock.is_trusted = True
    right = faults.open()[0].message(clock.now()).since_utc
    assert parse_utc(right) - parse_utc(wrong) == 3600 * 10**9


def test_a_notice_that_could_not_be_handed_over_is_tried_again() -> None:
    clock = HandClock()
    failures = [StorageError(Text(en="full", vi="đầy"), code="disk_full")]
    told: list[FaultNotice] = []

    def publish(notice: FaultNotice) -> None:
        if failures:
            raise failures.pop()
        told.append(notice)

    faults = FaultBoard(clock, publish)
    faults.raised("capture-gate", silent("gate"))
    try:
        faults.tick()
    except StorageError:
        faults.tick()
    assert [notice.code for notice in told] == ["camera_silent"]


SOURCES = st.sampled_from(["a", "b", "c"])
STEPS = st.one_of(
    st.tuples(st.just("raise"), SOURCES, st.sampled_from(["camera_silent", "disk_full", "internal"])),
    st.tuples(st.just("clear"), SOURCES, st.just("")),
    st.tuples(st.just("tick"), st.just(""), st.just("")),
)


@given(st.lists(STEPS, max_size=40))
def test_after_any_history_the_ward_ends_with_what_is_open(steps: list[tuple[str, str, str]]) -> None:
    clock = HandClock()
    ward: dict[str, bytes] = {}
    faults = FaultBoard(clock, lambda notice: ward.__setitem__(notice.code, notice.body()))
    for verb, source, code in steps:
        if verb == "raise":
            faults.raised(source, AgentError(Text(en=source, vi=source), code=code))
        elif verb == "clear":
            faults.cleared(source)
        else:
            faults.tick()
        clock.go(3)
    clock.go(SETTLE_S)
    faults.tick()
    assert {code for code, body in ward.items() if body} == set(faults.codes())
    for fault in faults.open():
        assert json.loads(ward[fault.code])["sources"] == list(fault.sources)


def test_many_threads_at_once() -> None:
    faults, _ = board(HandClock())

    def flap(name: str) -> None:
        for _ in range(300):
            faults.raised(name, silent(name))
            faults.cleared(name)
        faults.raised(name, silent(name))

    threads = [threading.Thread(target=flap, args=(f"t{number}",)) for number in range(4)]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        faults.tick()
        faults.open()
    assert faults.open()[0].sources and len(faults.open()[0].sources) == 4


def test_the_journal_keeps_when_a_fault_began_and_ended(caplog: pytest.LogCaptureFixture) -> None:
    clock = HandClock()
    faults, _ = board(clock)
    caplog.set_level(logging.INFO)
    faults.raised("capture-gate", silent("gate"))
    faults.tick()
    clock.go(1)
    faults.raised("capture-yard", silent("yard"))  # it says more, but it is the same fault
    clock.go(QUIET_S)
    faults.tick()
    faults.raised("link", AgentError(Text(en="plain", vi="không mã hoá"), code="insecure_link"))
    faults.tick()
    for source in ("capture-gate", "capture-yard", "link"):
        faults.cleared(source)
    clock.go(QUIET_S)
    faults.tick()
    lines = [JournalFormat(journal=True).format(record) for record in caplog.records]
    begin = "agent.health.faults: fault {} begins: {} (camera-agent fault {})"
    assert lines == [
        "<3>" + begin.format("camera_silent", silent("gate").text, "camera_silent"),
        "<4>" + begin.format("insecure_link", Text(en="plain", vi="không mã hoá"), "insecure_link"),
        "<6>agent.health.faults: fault camera_silent is over",
        "<6>agent.health.faults: fault insecure_link is over",
    ]
