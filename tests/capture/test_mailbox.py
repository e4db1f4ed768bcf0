import threading
from dataclasses import replace

import numpy as np

from agent.capture.mailbox import MOST, LatestFrame
from agent.clock import Moment
from agent.values import Frame

PLANE = np.zeros((2, 2), np.uint8)


def frame(number: int) -> Frame:
    return Frame("gate", 0, number, Moment(number, number, True, "boot"), PLANE, PLANE, PLANE)


def test_the_newest_wins_and_the_loss_is_counted() -> None:
    told: list[str] = []
    slot = LatestFrame(lambda: told.append("dropped"))
    for number in range(3):
        slot.put(frame(number))
    taken = slot.get(0)
    assert taken is not None and taken.seq == 2
    assert slot.get(0) is None
    assert slot.dropped == len(told) == 2


def test_a_waiting_reader_is_woken() -> None:
    slot = LatestFrame()
    got: list[Frame | None] = []
    reader = threading.Thread(target=lambda: got.append(slot.get(60)))
    reader.start()
    slot.put(frame(1))
    reader.join(60)
    assert [one.seq for one in got if one] == [1]


def test_the_frames_of_a_waking_camera_are_kept_in_a_row() -> None:
    slot = LatestFrame()
    slot.put(frame(0))
    for number in range(1, 5):
        slot.put(replace(frame(number), rewound=True))
    slot.put(frame(5))
    slot.put(frame(6))
    taken = [slot.get(0) for _ in range(6)]
    assert [one.seq for one in taken if one] == [1, 2, 3, 4, 6]
    assert slot.dropped == 2


def test_a_row_is_bounded_and_loses_its_oldest() -> None:
    slot = LatestFrame()
    for number in range(MOST + 10):
        slot.put(replace(frame(number), rewound=True))
    first = slot.get(0)
    assert first is not None and first.seq == 10 and slot.dropped == 10
