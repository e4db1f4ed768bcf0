import pytest

from agent.detection.budget import BURST_S, Budget, Share, Spending

S = 10**9


def taken(share: Share, at_ns: int, want: int) -> int:
    """One frame: takes what it may of what it wants."""
    looks = min(want, share.offer(at_ns))
    share.spend(looks, want - looks)
    return looks


def test_a_camera_that_always_wants_gets_the_rate_and_not_one_more() -> None:
    share = Share(Budget(10.0), "gate")
    looks = [taken(share, frame * S // 10, 4) for frame in range(600)]
    assert sum(looks) == 600
    assert share.budget.spending("gate") == Spending(600, 1800)


def test_a_camera_at_rest_saves_for_a_burst_of_bounded_length() -> None:
    share = Share(Budget(10.0), "gate")
    assert taken(share, 0, 0) == 0
    assert taken(share, 3600 * S, 1000) == 10 * BURST_S


def test_a_slow_rate_gives_one_look_now_and_then() -> None:
    share = Share(Budget(0.5), "gate")
    times = [second for second in range(20) if taken(share, second * S, 1)]
    assert times == list(range(0, 20, 2))


def test_two_cameras_that_want_all_get_half_each() -> None:
    budget = Budget(10.0, ("gate", "yard"))
    gate, yard = Share(budget, "gate"), Share(budget, "yard")
    looks = [(taken(gate, frame * S // 10, 8), taken(yard, frame * S // 10 + S // 20, 8)) for frame in range(600)]
    assert sum(one for one, _ in looks) == pytest.approx(300, abs=3)
    assert sum(other for _, other in looks) == pytest.approx(300, abs=3)


def test_what_a_camera_at_rest_does_not_use_goes_to_the_others() -> None:
    budget = Budget(10.0, ("gate", "yard", "lane"))
    gate, yard = Share(budget, "gate"), Share(budget, "yard")
    got = {"gate": 0, "yard": 0}
    for frame in range(600):
        got["gate"] += taken(gate, frame * S // 10, 8)
        got["yard"] += taken(yard, frame * S // 10, 8)
    assert sum(got.values()) == pytest.approx(600, rel=0.03)
    assert got["gate"] == pytest.approx(got["yard"], rel=0.03)


def test_a_greedy_camera_does_not_take_the_share_of_one_that_wakes() -> None:
    budget = Budget(10.0, ("gate", "yard"))
    gate, yard = Share(budget, "gate"), Share(budget, "yard")
    for frame in range(300):
        taken(gate, frame * S // 10, 8)
    assert taken(yard, 30 * S, 100) >= 5.0 * BURST_S


def test_heat_lowers_the_rate() -> None:
    share = Share(Budget(10.0), "gate")
    share.budget.factor = 0.25
    assert sum(taken(share, frame * S // 10, 4) for frame in range(600)) == pytest.approx(150, abs=2)
    with pytest.raises(ValueError, match="factor"):
        share.budget.factor = 0.0


def test_frames_a_little_out_of_order_and_a_clock_that_begins_anew_do_no_harm() -> None:
    share = Share(Budget(10.0), "gate")
    taken(share, 100 * S, 0)
    taken(share, 99 * S, 100)
    assert share.offer(100 * S) == 0
    taken(share, 0, 0)
    assert taken(share, 1 * S, 100) >= 10
