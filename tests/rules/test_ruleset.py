"""Whatever the tracks do: every id is new, ends at most once, and nothing grows."""

from collections import Counter
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.config.rules import RULES as ALL
from agent.rules.following import MAX_LOST, Following
from agent.rules.lifecycle import MAX_OPEN
from agent.values import ChangeKind, EndReason, Event, Phase, Track, View, ViewState
from tests.rules.stage import Stage, change, moment, stay, track

RULES = (
    {"rule": "intrusion", "zone": "left", "cooldown": "1s"},
    {"rule": "intrusion", "cooldown": "0s", "min_score": 0.5},
    {"rule": "line_crossing", "line": "gate"},
    {"rule": "loitering", "zone": "left", "after": "2s", "cooldown": "0s"},
    {"rule": "crowd", "zone": "left", "count": 2, "after": "1s", "cooldown": "0s"},
    {"rule": "parking", "zone": "left", "after": "2s", "cooldown": "0s"},
    {"rule": "encroachment", "after": "5s", "cooldown": "0s"},
    {"rule": "dumping", "after": "5s", "cooldown": "0s"},
    {"rule": "object_removed", "zone": "left", "stood": "5s", "cooldown": "0s"},
    {"rule": "wrong_way", "direction": [[0.1, 0.5], [0.9, 0.5]], "cooldown": "0s"},
    {"rule": "congestion", "count": 2, "after": "0s", "speed": 5.0, "cooldown": "0s"},
    {"rule": "collision", "after": "1s", "cooldown": "0s"},
    {"rule": "fight", "after": "1s", "cooldown": "0s"},
    {"rule": "tamper", "after": "1s", "cooldown": "0s"},
)
share = st.floats(0.0, 1.0)
seen_track = st.builds(
    lambda id_, x, y, label, score: track(id_, (x, y), label, score=score),
    st.integers(0, 5), share, share, st.sampled_from(["person", "car"]), share,
)  # fmt: skip
seen_change = st.tuples(st.integers(0, 3), st.sampled_from(ChangeKind), share, st.sampled_from([None, "car", "person"]))
frame = st.tuples(
    st.sampled_from([0.0, 0.2, 0.5, 3.0, 12.0]),
    st.lists(seen_track, max_size=5, unique_by=lambda one: one.id),
    st.lists(seen_change, max_size=3, unique_by=lambda one: one[0]),
    st.sampled_from([ViewState.OK] * 5 + [ViewState.COVERED]),
    st.sampled_from([None] * 9 + list(EndReason)),
)


Drawn = tuple[
    float, list[Track], list[tuple[int, ChangeKind, float, str | None]], ViewState, EndReason | None
]  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(st.lists(frame, max_size=40))
def test_every_event_lives_one_life(frames: list[Drawn]) -> None:
    stage = Stage(*RULES)
    covered_s: float | None = None
    for pause_s, tracks, changes, view, closing in frames:
        stage.second += pause_s
        covered_s = None if view is ViewState.OK else stage.second if covered_s is None else covered_s
        stage.show(
            tracks,
            # Since the beginning, which is before everything.
            [change(id_, (x, 0.5), 0.0, stage.second, kind, label=label) for id_, kind, x, label in changes],
            View(view, None if covered_s is None else moment(covered_s)),
        )
        if closing is not None:
            stage.close(closing)
    stage.close(EndReason.RESTART)
    by_id: dict[str, list[Event]] = {}
    for event in stage.events:
        by_id.setdefault(event.id, []).append(event)
    for life in by_id.values():
        check_life(life)
    assert all(state.open_events == 0 for state in stage.rules.states())


def check_life(life: list[Event]) -> None:
    crossing = life[0].rule == "line_crossing"
    assert [event.phase for event in life] == (
        [Phase.END] if crossing else [Phase.START, *[Phase.UPDATE] * (len(life) - 2), Phase.END]
    )
    assert len({(event.rule_id, event.started, event.cam) for event in life}) == 1
    end = life[-1]
    assert end.ended is not None
    assert end.started.mono_ns <= end.ended.mono_ns <= end.at.mono_ns
    assert all((event.end_reason is None) == (event.phase is not Phase.END) for event in life)
    told = [event.at.mono_s for event in life if event.phase is not Phase.END]
    assert all(later - earlier >= 10 for earlier, later in pairwise(told))


def test_the_same_tracks_give_the_same_events() -> None:
    def events() -> list[Event]:
        return Stage(*RULES).play(20, {1: lambda second: (0.1 + 0.04 * second, 0.5), 2: stay((0.2, 0.5))}).events

    assert events() == events()
    assert Counter(event.rule for event in events())["line_crossing"] == 1


def test_every_rule_of_the_contract_is_among_them() -> None:
    assert {rule["rule"] for rule in RULES} == set(ALL)
    assert len(ALL) == 13


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: str(rule["rule"]))
def test_the_state_names_the_rule(rule: dict[str, object]) -> None:
    (state,) = Stage(rule).play(1, {}).rules.states()
    assert (state.rule, state.zone, state.line) == (rule["rule"], rule.get("zone"), rule.get("line"))


def test_no_more_events_are_open_than_the_bound_and_the_rest_is_counted() -> None:
    stage = Stage({"rule": "loitering", "after": "1s", "cooldown": "0s"})
    crowd = [track(index, (index / 100, 0.5)) for index in range(90)]
    for second in (0.0, 1.0):
        stage.second = second
        stage.show(crowd)
    assert stage.rules.states()[0].open_events == MAX_OPEN
    stage.second = 1.2
    stage.show([])
    assert stage.rules.states()[0].suppressed == 90 - MAX_OPEN


def test_what_is_remembered_of_lost_tracks_is_bounded() -> None:
    following: Following[int] = Following(lambda at, one: one.id)
    for index in range(2000):
        following.update(moment(index / 1000), (track(index, (0.5, 0.5), label=str(index)),))
    assert len(following) == MAX_LOST + 1
    following.update(moment(10), ())
    assert len(following) == 0


def test_a_number_that_comes_back_after_a_pause_without_frames_is_new() -> None:
    following: Following[float] = Following(lambda at, one: at.mono_s)
    following.update(moment(0), (track(1, (0.5, 0.5)),))
    following.update(moment(0.2), ())
    (one,) = following.update(moment(10), (track(1, (0.5, 0.5)),))
    assert one.memory == moment(10).mono_s


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: str(rule["rule"]))
def test_no_tracks_no_events(rule: dict[str, object]) -> None:
    stage = Stage(rule).play(20, {})
    assert stage.events == []
    assert stage.close(EndReason.RESTART) == ()
