"""When a candidate is good, when it is not yet, and what is said of one that is not."""

from dataclasses import replace

from agent.settings import Before, Gate, Outcome, Seen, Trial
from agent.settings.gate import LONGEST_S, STEADY_S

BEFORE = Before(cams=("gate", "yard"), model=True, broker=True)
WELL = Seen(
    captured=frozenset({"gate", "yard"}),
    analysed=frozenset({"gate", "yard"}),
    inferred=True,
    acknowledged=True,
)


def gate(before: Before = BEFORE, window_s: float = 60.0) -> Gate:
    return Gate(Trial(request_id="r", window_s=window_s, before=before), 100.0)


def test_all_that_worked_works_again_and_keeps_working() -> None:
    one = gate()
    assert one.look(WELL, 104.0).outcome is Outcome.WAIT
    assert one.look(WELL, 104.0 + STEADY_S - 1).outcome is Outcome.WAIT
    assert one.look(WELL, 104.0 + STEADY_S).outcome is Outcome.GOOD


def test_what_breaks_after_a_moment_is_not_good() -> None:
    one = gate()
    one.look(WELL, 104.0)
    broken = replace(WELL, broken=frozenset({"vision-gate"}))
    assert one.look(broken, 104.0 + STEADY_S).outcome is Outcome.WAIT
    assert one.look(WELL, 106.0 + STEADY_S).outcome is Outcome.WAIT, "counted anew"
    last = one.look(broken, 160.0)
    assert last.outcome is Outcome.FAILED and last.why is not None and "vision-gate" in last.why.en


def test_each_lack_is_named_in_both_languages() -> None:
    verdict = gate().look(Seen(captured=frozenset({"yard"})), 160.0)
    assert verdict.outcome is Outcome.FAILED and verdict.why is not None
    for words in ("gate gives no picture", "camera yard is analysed", "model", "broker"):
        assert words in verdict.why.en
    assert "camera gate không cho hình" in verdict.why.vi


def test_what_did_not_work_before_need_not_work_now() -> None:
    before = Before(cams=("yard",), broken=("capture-gate",))
    seen = Seen(captured=frozenset({"yard"}), analysed=frozenset({"yard"}), broken=frozenset({"capture-gate"}))
    one = gate(before)
    one.look(seen, 104.0)
    assert one.look(seen, 104.0 + STEADY_S).outcome is Outcome.GOOD


def test_a_line_that_is_down_for_everybody_is_waited_for_but_not_for_ever() -> None:
    down = replace(WELL, acknowledged=False, silent=True)
    one = gate()
    assert one.look(down, 161.0).outcome is Outcome.WAIT
    assert one.look(down, 99.0 + LONGEST_S).outcome is Outcome.WAIT
    assert one.look(down, 100.0 + LONGEST_S).outcome is Outcome.FAILED
    back = gate()
    back.look(down, 161.0)
    back.look(WELL, 500.0)
    assert back.look(WELL, 500.0 + STEADY_S).outcome is Outcome.GOOD


def test_a_broker_that_answers_no_is_not_waited_for() -> None:
    assert gate().look(replace(WELL, acknowledged=False), 160.0).outcome is Outcome.FAILED


def test_a_line_that_is_down_excuses_no_camera() -> None:
    down = replace(WELL, acknowledged=False, silent=True, captured=frozenset({"yard"}))
    assert gate().look(down, 160.0).outcome is Outcome.FAILED
