import itertools

import numpy as np
import pytest

from agent.tracking.assign import FORBIDDEN, assign
from agent.tracking.kalman import BoxFilter
from tests.tracking.walks import ASPECT, person


@pytest.mark.parametrize("seed", range(40))
def test_costs_least_of_all_pairings(seed: int) -> None:
    source = np.random.default_rng(seed)
    rows, columns = source.integers(1, 6, 2)
    costs = source.random((rows, columns))
    pairs = assign(costs)
    wide = costs if rows <= columns else costs.T
    least = min(
        sum(wide[row, column] for row, column in enumerate(chosen))
        for chosen in itertools.permutations(range(wide.shape[1]), wide.shape[0])
    )
    assert len(pairs) == min(rows, columns)
    assert len({row for row, _ in pairs}) == len({column for _, column in pairs}) == len(pairs)
    assert sum(costs[row, column] for row, column in pairs) == pytest.approx(least)


def test_forbidden_pairs_are_left_out() -> None:
    costs = np.array([[FORBIDDEN, 0.5], [FORBIDDEN, 0.1]])
    assert assign(costs) == [(1, 1)]
    assert assign(np.full((2, 3), FORBIDDEN)) == []
    assert assign(np.zeros((0, 4))) == []


def test_more_people_than_boxes_and_the_other_way_round() -> None:
    assert assign(np.array([[0.9], [0.1], [0.5]])) == [(1, 0)]
    assert assign(np.array([[0.9, 0.1, 0.5]])) == [(0, 1)]


def test_the_filter_learns_a_steady_walk() -> None:
    follow = BoxFilter(person(0.2), ASPECT)
    for step in range(1, 30):
        follow.predict(0.1)
        follow.correct(person(0.2 + 0.01 * step), 0.8)
    assert follow.ahead(0.5).iou(person(0.2 + 0.01 * 34)) > 0.8
    assert follow.box.iou(person(0.2 + 0.01 * 29)) > 0.9


def test_the_filter_smooths_a_jittering_box() -> None:
    source = np.random.default_rng(3)
    follow, off, raw = BoxFilter(person(0.5), ASPECT), 0.0, 0.0
    for _ in range(100):
        shift = float(source.normal(0, 0.01))
        follow.predict(0.1)
        follow.correct(person(0.5 + shift), 0.6)
        off, raw = off + abs(follow.box.centre.x - 0.5), raw + abs(shift)
    assert off < 0.7 * raw
