import threading

import numpy as np

from agent.capture.mailbox import LatestFrame
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
