import pytest

from agent.values import ChangeKind, EndReason, Role, StaticChange, Track
from tests.rules.stage import Foot, Seen, Stage, change, local_ns, track, walk

RULE = {"rule": "object_removed", "zone": "left", "stood": "30s", "cooldown": "0s"}
SPOT = (0.3, 0.6)


def bike(start: float = 60.0, moving_s: float = 4.0, label: str = "motorcycle") -> Seen:
    """Stands at SPOT, drives off to the right from `start` and leaves the picture."""
    go = walk(SPOT, (0.95, 0.6), start, start + moving_s)

    def at(second: float) -> list[Track]:
        foot: Foot | None = SPOT if second < start else go(second)
        return [track(5, foot, label)] if foot else []

    return at


def with_thief(bikes: Seen, since: float = 52.0, until: float = 60.0) -> Seen:
    come = walk((0.0, 0.6), (0.27, 0.6), since, until)

    def at(second: float) -> list[Track]:
        foot = come(second)
        return [*bikes(second), *([track(8, foot)] if foot else [])]

    return at


def test_a_parked_vehicle_that_drives_off_is_told_with_who_was_near() -> None:
    stage = Stage(RULE).run(75, with_thief(bike()))
    assert stage.table()[0][:2] == ("e1", "start")
    # Two thirds of a box away it is gone; then the place must stay empty for three seconds.
    assert 63.0 <= stage.table()[0][2] <= 64.2
    event = stage.events[0]
    assert event.started.mono_s == pytest.approx(1060.0, abs=0.5)
    assert [(one.label, one.track, one.role) for one in event.objects] == [
        ("motorcycle", 5, Role.OBJECT), ("person", 8, Role.NEAR),
    ]  # fmt: skip
    assert event.objects[0].dwell_s == pytest.approx(60.0, abs=0.5)
    assert stage.table()[-1][1] == "end"


@pytest.mark.parametrize(("stood", "fires"), [(29.0, False), (31.0, True)])
def test_only_what_stood_long_enough(stood: float, fires: bool) -> None:
    assert bool(Stage(RULE).run(stood + 15, bike(stood)).events) is fires


def test_a_number_that_jumps_to_a_passer_by_is_no_theft() -> None:
    moving = walk(SPOT, (0.95, 0.6), 60, 64)

    def bikes(second: float) -> list[Track]:
        foot = moving(second)
        standing = [track(5 if second < 60 else 6, SPOT, "motorcycle")] if not 60 <= second < 61.5 else []
        return [*standing, *([track(5, foot, "motorcycle")] if foot else [])]

    assert Stage(RULE).run(80, bikes).events == []


def test_a_lost_track_is_no_theft() -> None:
    stage = Stage(RULE).run(100, lambda s: [track(5, SPOT, "motorcycle")] if s < 60 else [])
    assert stage.events == []


def test_a_lasting_change_tells_it_when_the_track_was_lost() -> None:
    stage = Stage(RULE).run(
        90,
        with_thief(lambda s: [track(5, SPOT, "motorcycle")] if s < 60 else []),
        lambda s: [change(1, SPOT, 60, s, ChangeKind.VANISHED, label="motorcycle", track=5)] if s >= 70 else [],
    )
    assert [event.phase.value for event in stage.events] == ["start", "end"]
    assert stage.events[0].started.mono_s == pytest.approx(1060.0)
    assert [one.track for one in stage.events[0].objects] == [5, 8]


def test_both_signs_make_one_event() -> None:
    stage = Stage(RULE).run(
        90, bike(), lambda s: [change(1, SPOT, 60, s, ChangeKind.VANISHED, label="motorcycle")] if s >= 68 else []
    )
    assert len({event.id for event in stage.events}) == 1


@pytest.mark.parametrize(("shown_s", "fires"), [(4.0, False), (6.0, True)])
def test_what_a_cloud_left_for_a_look_or_two_has_not_vanished(shown_s: float, fires: bool) -> None:
    stage = Stage(RULE).run(
        80, lambda _: [], lambda s: [change(1, SPOT, 40, s, ChangeKind.VANISHED)] if 45 < s < 45 + shown_s else []
    )
    assert bool(stage.events) is fires


@pytest.mark.parametrize(("zone", "label", "fires"), [
    ("left", None, True), ("left", "motion", True), ("left", "car", True), ("left", "person", False),
    (None, None, False), (None, "car", True),
])  # fmt: skip
def test_what_nobody_knows_counts_only_in_a_named_zone(zone: str | None, label: str | None, fires: bool) -> None:
    rule = {**RULE, "zone": zone} if zone else {key: value for key, value in RULE.items() if key != "zone"}
    stage = Stage(rule).run(
        60, lambda _: [], lambda s: [change(1, SPOT, 40, s, ChangeKind.VANISHED, label=label)] if s > 45 else []
    )
    assert bool(stage.events) is fires


def test_a_place_that_stays_empty_is_told_once() -> None:
    stage = Stage(RULE).run(
        320, lambda _: [], lambda s: [change(1, SPOT, 40, s, ChangeKind.VANISHED)] if s > 45 else []
    )
    assert [phase for _, phase, _ in stage.table()].count("start") == 1


def test_what_appeared_was_not_removed_and_beside_the_zone_is_beside_it() -> None:
    stage = Stage(RULE).run(
        50, lambda _: [], lambda s: [change(1, SPOT, 40, s), change(2, (0.8, 0.6), 40, s, ChangeKind.VANISHED)]
    )
    assert stage.events == []


def test_outside_the_schedule_it_is_driven_away_by_its_owner() -> None:
    rule = {**RULE, "schedule": {"hours": "22:00-05:00"}}
    assert Stage(rule, wall_ns=local_ns("2026-06-01 12:00")).run(75, bike()).events == []
    assert Stage(rule, wall_ns=local_ns("2026-06-01 23:00")).run(75, bike()).events != []


def test_a_restart_forgets_what_stood() -> None:
    stage = Stage(RULE).run(59, bike())
    stage.close(EndReason.CAMERA_LOST)
    assert stage.run(75, bike()).events == []


def test_classes_travel_and_score() -> None:
    assert Stage(RULE).run(75, bike(label="dog")).events == []
    assert Stage({**RULE, "min_travel": 0.6}).run(75, bike()).events == []
    assert Stage({**RULE, "min_score": 0.9}).run(75, bike()).events == []


@pytest.mark.parametrize(("since", "fires"), [(29.0, False), (31.0, True)])
def test_what_vanishes_must_have_stood_since_the_start(since: float, fires: bool) -> None:
    stage = Stage(RULE).run(
        50, lambda _: [], lambda s: [change(1, SPOT, since, s, ChangeKind.VANISHED)] if s > since + 5 else []
    )
    assert bool(stage.events) is fires


@pytest.mark.parametrize(("stood_s", "fires"), [(20.0, False), (40.0, True)])
def test_a_guest_who_leaves_again_was_not_taken(stood_s: float, fires: bool) -> None:
    came, went = 50.0, 50.0 + stood_s

    def lasting(s: float) -> list[StaticChange]:
        if s < came + 5:
            return []
        kind, since = (ChangeKind.APPEARED, came) if s < went else (ChangeKind.VANISHED, went)
        return [change(1 if s < went else 2, SPOT, since, s, kind)]

    assert bool(Stage(RULE).run(went + 10, lambda _: [], lasting).events) is fires
