from pathlib import Path

import pytest

from agent.values import Box
from bench.__main__ import find, names
from bench.average_precision import Scored, average_precision
from bench.detection import read_claims
from bench.truth import read_truth

ONE, OTHER = Box(0.1, 0.1, 0.2, 0.4), Box(0.6, 0.1, 0.7, 0.4)
NOTHING = Box(0.3, 0.6, 0.4, 0.9)
TRUTH = {1: [ONE, OTHER], 2: [ONE]}


def claim(frame: int, box: Box, score: float) -> Scored:
    return Scored(frame, box, score)


def test_all_found_and_nothing_else_is_one() -> None:
    assert average_precision([claim(1, ONE, 0.9), claim(1, OTHER, 0.8), claim(2, ONE, 0.7)], TRUTH) == 1.0


def test_nothing_found_or_nothing_there_is_zero() -> None:
    assert average_precision([], TRUTH) == 0.0
    assert average_precision([claim(1, NOTHING, 0.9)], TRUTH) == 0.0
    assert average_precision([claim(1, ONE, 0.9)], {}) == 0.0


def test_false_alarms_cost_by_their_rank() -> None:
    found = [claim(1, ONE, 0.9), claim(1, OTHER, 0.8), claim(2, ONE, 0.7)]
    assert average_precision([*found, claim(2, NOTHING, 0.1)], TRUTH) == 1.0
    # Precision at the three hits: 1/2, 2/3, 3/4; each lifted to the best that follows.
    assert average_precision([*found, claim(2, NOTHING, 1.0)], TRUTH) == pytest.approx(0.75)
    assert average_precision([*found[:2], claim(2, NOTHING, 0.75), found[2]], TRUTH) == pytest.approx(
        (1 + 1 + 0.75) / 3
    )


def test_a_person_found_twice_counts_once() -> None:
    twice = [claim(1, ONE, 0.9), claim(1, ONE, 0.8)]
    assert average_precision(twice, {1: [ONE, OTHER]}) == pytest.approx(0.5)
    assert average_precision([claim(2, OTHER, 0.9)], TRUTH) == 0.0  # right place, wrong frame


def test_reads_truth_and_claims_of_the_same_pixels(tmp_path: Path) -> None:
    truth, claims = tmp_path / "gt.txt", tmp_path / "tracks.txt"
    truth.write_text("1,9,76.8,57.6,76.8,172.8,1,-4.1,-7.3,0\n")
    claims.write_text("1,4,76.80,57.60,76.80,172.80,0.9000,1\n1,5,10.00,10.00,50.00,20.00,0.9000,3\n")
    (true,) = read_truth(truth)
    (claimed,) = read_claims(claims)
    assert (true.frame, true.person, claimed.frame, claimed.score) == (1, 9, 1, 0.9)
    assert true.box.iou(claimed.box) == pytest.approx(1.0)


def test_every_listed_benchmark_can_be_run() -> None:
    assert {"detection", "crossings"} <= set(names())
    assert all(find(name) for name in names())
    assert find("truth") is None
