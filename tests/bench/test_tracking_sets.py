from bench.tracking import QUICK_SCORES, SCORES, SHIPPED_SCORE, Outcome, quoted
from bench.tracking_sets import Sequence

TEN = Sequence(
    10.0,
    (100, 100),
    [[[float(frame), 0.0, float(frame + 2), 10.0, 0.9]] for frame in range(10)],
    [[frame, 7, float(frame), 0.0, float(frame + 2), 10.0] for frame in range(10)],
)


def test_every_other_frame_keeps_detections_and_truth_together() -> None:
    for first in (0, 1):
        half = TEN.every(2, first)
        assert half.fps == 5.0
        assert (
            [rows[0][0] for rows in half.frames] == [row[2] for row in half.truth] == [first + 2 * n for n in range(5)]
        )
        assert [row[0] for row in half.truth] == list(range(5))


def test_backwards_twice_is_forwards() -> None:
    back = TEN.backwards()
    assert [rows[0][0] for rows in back.frames] == [row[2] for row in back.truth] == [9 - n for n in range(10)]
    assert back.backwards() == TEN


def test_behind_a_pole_nobody_is_seen_or_expected() -> None:
    hidden = TEN.behind(0.03, 0.06)
    assert [len(rows) for rows in hidden.frames] == [1, 1, 0, 0, 0, 0, 1, 1, 1, 1]
    assert [row[0] for row in hidden.truth] == [0, 1, 6, 7, 8, 9]


def test_a_tracker_is_quoted_with_one_setting_and_not_with_the_best_of_each_column() -> None:
    tried = [Outcome(0.7, 0.6, 9.0, 1.0, 0.7), Outcome(0.6, 0.8, 5.0, 2.0, 0.6), Outcome(0.5, 0.7, 1.0, 0.1, 0.5)]
    assert quoted(tried) == Outcome(0.6, 0.8, 5.0, 2.0, 0.7)


def test_the_shipped_score_is_among_those_that_all_try() -> None:
    assert SHIPPED_SCORE in set(SCORES) & set(QUICK_SCORES)
