"""Of overlapping boxes of one class the best stays."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.detection.family import Candidates
from agent.detection.suppression import IOU, MOST, suppress
from agent.values import Box


def candidates(rows: list[tuple[float, float, float, float, float, int]]) -> Candidates:
    table = np.array(rows, np.float32).reshape(-1, 6)
    return Candidates(table[:, :4], table[:, 4], table[:, 5].astype(np.intp))


def test_the_best_of_one_class_stays() -> None:
    kept = suppress(candidates([(0, 0, 10, 10, 0.5, 0), (1, 0, 10, 10, 0.9, 0), (20, 0, 30, 10, 0.6, 0)]))
    assert [round(float(score), 1) for score in kept.scores] == [0.9, 0.6]


def test_classes_do_not_suppress_each_other() -> None:
    assert len(suppress(candidates([(0, 0, 10, 10, 0.5, 0), (0, 0, 10, 10, 0.9, 1)])).scores) == 2


def test_none_is_none() -> None:
    assert len(suppress(candidates([])).scores) == 0


def test_the_work_is_bounded() -> None:
    rows = [(float(3 * n), 0.0, 3.0 * n + 1, 1.0, 0.5, 0) for n in range(MOST + 50)]
    assert len(suppress(candidates(rows)).scores) == MOST


row = st.tuples(
    st.integers(0, 30), st.integers(0, 30), st.integers(0, 20), st.integers(0, 20), st.floats(0, 1), st.integers(0, 2)
)


@given(st.lists(row, max_size=25))
@settings(max_examples=150, deadline=None)
def test_nothing_kept_overlaps_and_nothing_dropped_was_free(
    rows: list[tuple[int, int, int, int, float, int]],
) -> None:
    found = candidates([(x, y, x + w, y + h, score, label) for x, y, w, h, score, label in rows])
    kept = suppress(found)
    boxes = [Box(*(float(side) for side in box)) for box in kept.boxes]
    for index, box in enumerate(boxes):
        for other in range(index):
            assert kept.labels[index] != kept.labels[other] or box.iou(boxes[other]) <= IOU + 1e-6
    for corners, score, label in zip(found.boxes, found.scores, found.labels, strict=True):
        box = Box(*(float(side) for side in corners))
        assert any(
            label == kept.labels[index] and kept.scores[index] >= score and (box == each or box.iou(each) > IOU - 1e-6)
            for index, each in enumerate(boxes)
        )
