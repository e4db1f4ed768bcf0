import pytest

from agent.capture.picamera.outbox import Outbox, Seen
from agent.capture.picamera.trouble import Trouble


class Request:
    """Counts how often it was given back."""

    def __init__(self) -> None:
        self.released = 0

    def release(self) -> None:
        self.released += 1


def test_packets_come_out_in_order_once() -> None:
    outbox = Outbox()
    for number in range(3):
        outbox.coded(b"x", number == 0, number)
    packets, seen = outbox.take(0)
    assert [(packet.at_ns, packet.fresh) for packet in packets] == [(0, True), (1, False), (2, False)]
    assert seen is None
    assert outbox.take(0) == ((), None)


def test_nothing_before_the_first_key_frame() -> None:
    outbox = Outbox()
    outbox.coded(b"x", False, 0)
    outbox.coded(b"x", True, 1)
    assert [packet.at_ns for packet in outbox.take(0)[0]] == [1]
    assert outbox.lost == 1


@pytest.mark.parametrize("outbox", [Outbox(most_packets=4), Outbox(most_bytes=45)])
def test_when_too_much_waits_it_begins_anew_with_a_key_frame(outbox: Outbox) -> None:
    for number in range(10):
        outbox.coded(b"0123456789", number % 6 == 0, number)
    packets, _ = outbox.take(0)
    assert [(packet.at_ns, packet.fresh) for packet in packets] == [(6, True), (7, False), (8, False), (9, False)]
    assert outbox.lost == 6


def test_the_newest_picture_is_looked_at_and_the_older_one_given_back() -> None:
    outbox = Outbox()
    older, newer = Request(), Request()
    outbox.seen(Seen(older, 1, 0))
    outbox.seen(Seen(newer, 2, 1))
    _, seen = outbox.take(0)
    assert seen is not None and seen.request is newer
    assert (older.released, newer.released, outbox.missed) == (1, 0, 1)


def test_the_first_trouble_counts() -> None:
    outbox = Outbox()
    outbox.coded(b"x", True, 0)
    outbox.fail(Trouble("picamera_mask", "first"))
    outbox.fail(Trouble("picamera_stack", "second"))
    with pytest.raises(Trouble) as caught:
        outbox.take(0)
    assert caught.value.name == "picamera_mask"
