from agent.contract.health import BoardHealth
from agent.health.pace import DOWN_S, STEPS, UP_S, Pace


def board(temp_c: float | None = 50.0, load: float | None = 1.0) -> BoardHealth:
    return BoardHealth(temp_c=temp_c, load=load)


def test_a_cool_board_with_little_to_do_holds_nothing_back() -> None:
    pace = Pace(4)
    assert [pace.update(5.0 * look, board()) for look in range(10)] == [1.0] * 10


def test_a_board_that_stays_hot_is_slowed_step_by_step_to_a_quarter_and_no_further() -> None:
    pace = Pace(4)
    factors = [pace.update(DOWN_S * look, board(temp_c=82.0)) for look in range(8)]
    assert factors == [0.7, 0.5, 0.35, 0.25, 0.25, 0.25, 0.25, 0.25]


def test_it_does_not_swing_between_the_thresholds() -> None:
    pace = Pace(4)
    pace.update(0.0, board(temp_c=80.0))
    assert {pace.update(100.0 * look, board(temp_c=72.0)) for look in range(1, 50)} == {STEPS[1]}


def test_a_board_that_has_cooled_comes_back_slowly() -> None:
    pace = Pace(4)
    for look in range(4):
        pace.update(DOWN_S * look, board(temp_c=85.0))
    start_s = DOWN_S * 3
    assert pace.update(start_s + UP_S - 1.0, board()) == 0.25
    assert [pace.update(start_s + UP_S * step, board()) for step in range(1, 6)] == [0.35, 0.5, 0.7, 1.0, 1.0]


def test_too_much_to_do_slows_it_too_and_counts_per_core() -> None:
    assert Pace(4).update(0.0, board(load=5.0)) == 1.0
    assert Pace(2).update(0.0, board(load=5.0)) == STEPS[1]


def test_what_cannot_be_measured_holds_nothing_back() -> None:
    assert Pace(4).update(0.0, board(temp_c=None, load=None)) == 1.0
