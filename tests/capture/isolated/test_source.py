"""Real children that hang, flood, eat, lie and die: each ends in a named fault, none keeps the agent."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import psutil
import pytest

from agent.capture.attention import Attention
from agent.capture.encoder_choice import HANGS, HARDWARE, SOFTWARE, EncoderChoice
from agent.capture.isolated import source as source_module
from agent.capture.isolated.slots import SLOTS
from agent.capture.isolated.source import IsolatedSource
from agent.capture.isolated.wire import HEAD
from agent.contract.faults import CODES
from agent.errors import CameraError
from agent.values import Frame, Motion, Packet
from tests.capture.isolated.conftest import CAMERA, SOON, Start


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A second of silence after hello is enough."""
    monkeypatch.setattr(source_module, "OPEN_S", 0.0)
    monkeypatch.setattr(source_module, "SIGN_S", 0.5)


def open_fds() -> int:
    return psutil.Process().num_fds()


def items(source: IsolatedSource) -> Iterator[Packet | Frame]:
    while (read := source.read()) is not None:
        yield from read


def first_packet(source: IsolatedSource) -> Packet:
    return next(item for item in items(source) if isinstance(item, Packet))


def hushed(source: IsolatedSource) -> IsolatedSource:
    """From its first picture on a second of silence is enough."""
    first_packet(source)
    source._camera, source._patience_s = SOON, SOON.timeout
    return source


def fault_of(source: IsolatedSource) -> CameraError:
    with pytest.raises(CameraError) as caught:
        for _ in items(source):
            pass
    assert caught.value.code in CODES
    assert not psutil.pid_exists(source.pid)
    return caught.value


def test_packets_and_frames_as_from_any_source(start: Start) -> None:
    source = start("steady")
    given = items(source)
    several = [next(given) for _ in range(12)]
    packets = [item for item in several if isinstance(item, Packet)]
    frames = [item for item in several if isinstance(item, Frame)]
    assert [packet.data for packet in packets[:3]] == [b"picture 0", b"picture 1", b"picture 2"]
    assert [packet.key for packet in packets[:3]] == [True, False, False]
    assert packets[0].format.extradata == b"sets"
    assert packets[1].at.mono_ns > packets[0].at.mono_ns
    assert [(frame.seq, int(frame.luma[0, 0]), frame.luma.shape, frame.u.shape) for frame in frames[:2]] == [
        (0, 0, (48, 64), (24, 32)),
        (1, 1, (48, 64), (24, 32)),
    ]
    assert source.counts().encoder == "passthrough"


def test_a_child_that_is_stopped(start: Start) -> None:
    source = hushed(start("steady"))
    os.kill(source.pid, signal.SIGSTOP)
    assert fault_of(source).code == "camera_stuck"


def test_a_child_that_is_killed(start: Start) -> None:
    source = start("steady")
    first_packet(source)
    os.kill(source.pid, signal.SIGKILL)
    assert fault_of(source).code == "camera_crashed"


def test_a_read_that_never_comes_back_and_no_ear_for_sigterm(start: Start) -> None:
    source = hushed(start("deaf"))
    os.kill(source.pid, signal.SIGTERM)
    assert fault_of(source).code == "camera_stuck"


def test_a_chip_that_hangs_in_use_is_left_alone_in_the_end(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    choice = EncoderChoice(lambda: True, lambda: True)
    monkeypatch.setattr(source_module, "THIS_PROCESS", choice)
    for _ in range(HANGS):
        assert choice.name() == HARDWARE
        assert fault_of(hushed(start("chip"))).code == "camera_stuck"
    assert choice.name() == SOFTWARE


def test_a_stop_while_the_child_is_stuck_takes_all_it_started_along(start: Start) -> None:
    source = start("parent")
    first_packet(source)
    (grandchild,) = psutil.Process(source.pid).children()
    source.close()
    assert not psutil.pid_exists(source.pid)
    assert psutil.wait_procs([grandchild], timeout=60)[1] == []


def test_a_flood_of_stderr_does_not_stop_the_camera(start: Start) -> None:
    source = start("loud")
    given = items(source)
    packets = [item for item in (next(given) for _ in range(40)) if isinstance(item, Packet)]
    assert packets[-1].data == b"picture %d" % (len(packets) - 1)
    source.close()
    assert not psutil.pid_exists(source.pid)


def test_a_child_that_eats_memory_ends_and_says_so(start: Start) -> None:
    error = fault_of(start("hungry"))
    assert error.code == "camera_crashed"
    assert "Unable to allocate" in error.text.en


def test_the_kernel_would_rather_end_the_child_than_the_agent(start: Start) -> None:
    ours = int(Path("/proc/self/oom_score_adj").read_text(encoding="ascii"))
    assert f"for {max(ours, 800)}" in fault_of(start("greedy")).text.en


def test_a_fault_that_the_child_reports(start: Start) -> None:
    error = fault_of(start("reporting"))
    assert (error.code, error.text.vi) == ("camera_absent", "Không có camera tại /dev/video0")


def test_last_words_are_told_without_their_login(start: Start) -> None:
    error = fault_of(start("dying"))
    assert error.code == "camera_crashed"
    assert error.text.en.endswith("ended unexpectedly: [31mcannot open rtsp://10.0.0.1/main [0m")


def test_last_words_that_begin_in_the_middle_of_a_login(start: Start) -> None:
    assert "@" not in fault_of(start("babbling")).text.en


def test_alive_but_without_a_picture(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(source_module, "SIGN_S", 60.0)
    assert fault_of(start("beating", camera=SOON)).code == "camera_silent"


def test_hello_and_no_more(start: Start) -> None:
    assert fault_of(start("silent", camera=SOON)).code == "camera_stuck"


def headed(meta: bytes) -> bytes:
    return HEAD.pack(len(meta), 0) + meta


@pytest.mark.parametrize(
    ("nonsense", "words"),
    [
        (b"HTTP/1.1 200 OK\r\n\r\n", "not the protocol"),
        (headed(b"{{}}"), "not JSON"),
        (headed(b"[]"), "without a kind"),
        (headed(b'{"kind":"dance"}'), "dance"),
        (headed(b'{"kind":"packet"}'), "packet"),
        (headed(b'{"kind":"counts","encoder":"","pictures":-1}'), "below 0"),
        (headed(b'{"kind":"slots","fds":100}'), "file descriptors"),
        (headed(b'{"kind":"slots","width":64,"height":48}'), "slots"),
    ],
)
def test_nonsense_on_the_wire(start: Start, nonsense: bytes, words: str) -> None:
    error = fault_of(start("raw", hex=nonsense.hex()))
    assert error.code == "camera_crashed"
    assert words in error.text.en


def test_a_message_that_stops_in_the_middle(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("agent.capture.isolated.wire.MESSAGE_S", 0.3)
    error = fault_of(start("raw", hex=b'\0\0\0\xff\0\0\0\0{"kind":'.hex()))
    assert "stopped in the middle" in error.text.en


@pytest.mark.parametrize("ahead_s", [3, -40])
def test_stamps_of_another_clock_are_refused(start: Start, ahead_s: int) -> None:
    assert "a stamp" in fault_of(start("late", ahead_ns=ahead_s * 10**9)).text.en


def test_attention_reaches_the_child(start: Start) -> None:
    attention = Attention(CAMERA.idle, lambda frame: Motion((), 0.0))
    attention.idle = True
    given = items(start("steady", attention=attention))
    bright = next(item for item in given if isinstance(item, Frame) and item.luma[0, 0] == 255)
    assert np.all(bright.luma == 255)


def test_frames_that_nobody_gives_back_are_dropped_and_counted(start: Start) -> None:
    source = start("hoarded")
    held: list[Packet | Frame] = []
    while not source.counts().unsent:
        held += source.read() or ()
    assert (len(held), source.counts().unsent) == (SLOTS, 20 - SLOTS)


def test_a_frame_outlives_its_child(start: Start) -> None:
    source = start("steady")
    frame = next(item for item in items(source) if isinstance(item, Frame) and item.seq == 3)
    source.close()
    assert np.all(frame.luma == 3)


def test_a_program_that_is_not_there(monkeypatch: pytest.MonkeyPatch, start: Start) -> None:
    monkeypatch.setattr("sys.executable", "/nowhere/python")
    before = open_fds()
    with pytest.raises(CameraError) as caught:
        start("steady")
    assert caught.value.code == "camera_crashed"
    assert open_fds() == before


def test_many_lives_leave_nothing_behind(start: Start) -> None:
    def held() -> tuple[int, int, int]:
        return open_fds(), psutil.Process().num_threads(), len(psutil.Process().children())

    def live() -> None:
        source = start("steady")
        first_packet(source)
        source.close()

    live()
    before = held()
    for _ in range(int(os.environ.get("CAMERA_AGENT_LIVES", "6"))):
        live()
    assert held() == before
