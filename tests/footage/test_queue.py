import threading
from dataclasses import replace
from pathlib import Path

from agent.footage.queue import PacketQueue, Queued
from tests.footage.recording import moment, recorded


def test_first_in_first_out(drawn_h264: Path) -> None:
    queue = PacketQueue()
    packets = recorded(drawn_h264, moment(0))
    for packet in packets:
        queue.put([packet])
    assert queue.bytes == sum(len(packet.data) for packet in packets)
    assert [queue.get(0) for _ in packets] == [Queued(packet) for packet in packets]
    assert queue.get(0) is None and queue.bytes == 0


def test_an_overflow_drops_up_to_the_next_key_frame_and_says_how_many(drawn_h264: Path) -> None:
    packets = recorded(drawn_h264, moment(0))  # a key frame every ten
    queue = PacketQueue(limit_bytes=sum(len(packet.data) for packet in packets[:15]))
    for packet in packets[:18]:
        queue.put([packet])
    for _ in range(5):
        queue.get(0)
    for packet in packets[18:]:
        queue.put([packet])
    kept = list(iter(lambda: queue.get(0), None))
    assert [packets.index(item.packet) for item in kept[:11]] == [*range(5, 15), 20]
    assert [item.lost for item in kept[:12]] == [0] * 10 + [5, 0]
    assert queue.bytes == 0


def test_one_camera_that_overflows_does_not_silence_another(drawn_h264: Path) -> None:
    packets = recorded(drawn_h264, moment(0))
    queue = PacketQueue(limit_bytes=len(packets[0].data) + len(packets[1].data))
    queue.put([packets[0]])
    queue.put([replace(packets[0], cam="other")])  # does not fit
    queue.put([packets[1]])
    assert [item.packet.cam for item in iter(lambda: queue.get(0), None)] == ["gate", "gate"]
    queue.put([replace(packets[10], cam="other")])
    assert queue.get(0) == Queued(replace(packets[10], cam="other"), lost=1)


def test_a_waiting_writer_is_woken(drawn_h264: Path) -> None:
    queue = PacketQueue()
    got: list[Queued | None] = []
    reader = threading.Thread(target=lambda: got.append(queue.get(60)))
    reader.start()
    queue.put([recorded(drawn_h264, moment(0))[0]])
    reader.join(60)
    assert got[0] is not None
