"""Messages cut anywhere, and what must never be believed."""

import os
import random
import socket

import numpy as np
import pytest

from agent.capture.isolated.slots import PAGE, SLOTS, SlotReader, SlotWriter, plane_shapes, slot_bytes
from agent.capture.isolated.wire import HEAD, MAX_META, MAX_PAYLOAD, READ_BYTES, Message, Wire, WireEnd, WireError


def pair() -> tuple[Wire, socket.socket]:
    near, far = socket.socketpair()
    return Wire(near), far


def recorded(*messages: tuple[str, bytes]) -> bytes:
    wire, far = pair()
    for kind, payload in messages:
        wire.send(kind, {"n": 1}, payload)
    return far.recv(READ_BYTES)


@pytest.mark.parametrize("seed", range(20))
def test_messages_cut_anywhere(seed: int) -> None:
    rng = random.Random(seed)
    sent = [(f"kind{number}", rng.randbytes(rng.choice([0, 1, 500]))) for number in range(8)]
    stream = recorded(*sent)
    wire, far = pair()
    got: list[Message] = []
    while stream:
        size = rng.randint(1, 300)
        far.send(stream[:size])
        stream = stream[size:]
        while (message := wire.receive(0.0)) is not None:
            got.append(message)
    assert [(message.kind, message.payload) for message in got] == sent
    assert got[0].meta == {"n": 1}


@pytest.mark.parametrize("head", [(0, 0), (1, 0), (MAX_META + 1, 0), (2, MAX_PAYLOAD + 1), (2**32 - 1, 2**32 - 1)])
def test_lengths_beyond_the_bounds(head: tuple[int, int]) -> None:
    wire, far = pair()
    far.send(HEAD.pack(*head))
    with pytest.raises(WireError, match="not the protocol"):
        wire.receive(1.0)


@pytest.mark.parametrize("seed", range(50))
def test_garbage_is_an_error_or_nothing_yet(seed: int) -> None:
    rng = random.Random(seed)
    stream = bytearray(recorded(("kind", b"payload")))
    for _ in range(rng.randint(1, 6)):
        stream[rng.randrange(len(stream))] = rng.randrange(256)
    wire, far = pair()
    far.send(stream)
    far.close()
    with pytest.raises((WireError, WireEnd)):
        while True:
            wire.receive(1.0)


def test_an_end_between_messages_and_one_in_the_middle() -> None:
    stream = recorded(("kind", b"payload"))
    wire, far = pair()
    far.send(stream)
    far.close()
    assert wire.receive(1.0) is not None
    with pytest.raises(WireEnd):
        wire.receive(1.0)
    wire, far = pair()
    far.send(stream[:-1])
    far.close()
    with pytest.raises(WireError, match="ended in the middle"):
        wire.receive(1.0)


def test_a_message_too_large_to_send_is_not_begun() -> None:
    wire, far = pair()
    far.setblocking(False)
    with pytest.raises(WireError):
        wire.send("kind", {"long": "x" * MAX_META})
    with pytest.raises(BlockingIOError):
        far.recv(1)


def test_descriptors_of_a_message_that_never_became_whole_are_closed() -> None:
    wire, far = pair()
    reader, writer = os.pipe()
    socket.send_fds(far, [recorded(("kind", b"payload"))[:-1]], [writer])
    os.close(writer)
    assert wire.receive(0.1) is None
    os.set_blocking(reader, False)
    with pytest.raises(BlockingIOError):
        os.read(reader, 1)
    wire.close()
    assert os.read(reader, 1) == b"", "the pipe still has a writer"
    os.close(reader)


@pytest.mark.parametrize("size", [(64, 48), (63, 47), (1, 1)])
def test_a_slot_is_free_again_when_the_last_view_dies(size: tuple[int, int]) -> None:
    writer = SlotWriter(*size)
    reader = SlotReader(writer.fd, *size)
    rng = np.random.default_rng(1)
    planes = [rng.integers(0, 256, shape, np.uint8) for shape in plane_shapes(*size)]
    assert [writer.put(planes) for _ in range(SLOTS + 1)] == [*range(SLOTS), None]
    luma, u, v = reader.take(2)
    assert all(np.array_equal(ours, theirs) for ours, theirs in zip((luma, u, v), planes, strict=True))
    del u, v
    corner = luma[:1, :1]
    del luma
    assert writer.put(planes) is None
    del corner
    assert writer.put(planes) == 2


def test_memory_of_the_wrong_size_or_that_could_shrink_is_refused() -> None:
    writer = SlotWriter(64, 48)
    with pytest.raises(ValueError, match="wrong size"):
        SlotReader(writer.fd, 640, 480)
    loose = os.memfd_create("loose", os.MFD_ALLOW_SEALING)
    os.ftruncate(loose, PAGE + SLOTS * slot_bytes(64, 48))
    with pytest.raises(ValueError, match="not sealed"):
        SlotReader(loose, 64, 48)
    reader, _ = os.pipe()
    with pytest.raises(ValueError, match="not sealed"):
        SlotReader(reader, 64, 48)
    with pytest.raises(ValueError, match="slot"):
        SlotReader(writer.fd, 64, 48).take(0)
