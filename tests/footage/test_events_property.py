"""`footage.mode: events` under any order of events, holds, crashes, power cuts and changes of the mode."""

import os
import shutil
import tempfile
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from agent.app.ring import ring_directory
from agent.cli.verify_footage import look
from agent.clock import NS, Moment
from agent.evidence.key import open_key
from agent.footage.doors import AnyFootage
from agent.footage.kept import EventFootage
from agent.values import ClipWanted, Hold, Packet, StreamFormat
from tests.capture.clocks import HandClock
from tests.evidence.notaries import notary
from tests.footage.recording import CAM
from tests.footage.rings import config, files, opened

FORM = StreamFormat("mpeg4", 320, 240, Fraction(1, 90_000), b"\x00\x00\x01\xb0\x01" * 8)
PICTURE = bytes(200_000)  # of a second: the ring holds 30 of them
ACTIONS = st.lists(
    st.one_of(
        st.tuples(st.just("play"), st.integers(1, 25)),
        st.tuples(st.just("event"), st.integers(0, 20)),
        st.tuples(st.just("hold"), st.integers(0, 20)),
        st.tuples(st.sampled_from(["crash", "power", "stop", "mode"]), st.just(0)),
    ),
    min_size=3,
    max_size=14,
)


pytestmark = pytest.mark.usefixtures("runtime")


class Life:
    """A node's footage, one camera; each second is a segment."""

    def __init__(self, data: Path) -> None:
        self.data = data
        self.clock = HandClock()
        self.mode = "events"
        self.boots = 1
        self.runs = 1
        self.wanted: list[ClipWanted] = []
        self.due: set[str] = set()  # files that were there when something wanted them
        self.store = self.open()

    def open(self) -> AnyFootage:
        store = opened(self.data, self.clock, self.mode, memory="8MB")
        store.seal_with(notary(self.data))
        self.runs += 1
        store.pin(self.wanted)  # the spool remembers
        return store

    def play(self, seconds: int) -> None:
        for _ in range(seconds):
            self.clock.pass_s(1)
            at = self.clock.now()
            ticks = at.mono_ns // NS * 90_000
            self.store.write(Packet(CAM, self.runs, at, ticks, ticks, 90_000, True, FORM, PICTURE))
        self.tidy()

    def tidy(self) -> None:
        self.store.redate(self.clock)
        for _ in range(4):  # eight segments each
            self.store.expire()

    def event(self, before_s: int) -> None:
        start, end = self.around(before_s)
        self.wanted.append(ClipWanted(f"event-{len(self.wanted)}", CAM, start, end, end))
        self.store.pin(self.wanted)
        self.note(start, end)

    def hold(self, before_s: int) -> None:
        start, end = self.around(before_s)
        until_ns = self.clock.now().wall_ns + 80_000 * NS
        hold = Hold(f"hold-{start.mono_ns}", CAM, start.wall_ns, end.wall_ns, until_ns, "officer", "case")
        self.store.library.hold(hold)
        self.note(start, end)

    def around(self, before_s: int) -> tuple[Moment, Moment]:
        now = self.clock.now()
        return now.shifted(-before_s - 1), now.shifted(-before_s + 3)

    def note(self, start: Moment, end: Moment) -> None:
        self.due |= {segment.path.name for segment in self.store.library.find(CAM, start, end)}
        self.tidy()

    def crash(self) -> None:
        self.store = self.open()

    def power(self) -> None:
        ring = ring_directory(config(self.data))
        assert ring is not None
        shutil.rmtree(ring, ignore_errors=True)
        self.boots += 1
        wall_ns = self.clock.now().wall_ns + 60 * NS
        self.clock = HandClock(10, boot_id=f"boot-{self.boots}")
        self.clock.wall_offset_ns = wall_ns - self.clock.mono_ns
        self.store = self.open()

    def stop(self) -> None:
        self.store.close()
        self.store = self.open()

    def change(self) -> None:
        self.store.close()
        self.mode = "continuous" if self.mode == "events" else "events"
        self.store = self.open()

    def check(self) -> None:
        there = {path.name for path in files(self.data / "footage")}
        assert self.due <= there
        found = look(self.data / "footage" / CAM, open_key(self.data / "evidence").public)
        assert found.breaks == () and found.foreign == ()
        ring = ring_directory(config(self.data))
        assert ring is not None
        if isinstance(self.store, EventFootage):
            assert sum(path.stat().st_size for path in ring.rglob("*.mp4")) <= 8_000_000
        else:
            assert not ring.exists()


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(actions=ACTIONS)
@example(actions=[("play", 1), ("event", 0), ("mode", 0)])
@example(actions=[("event", 2), ("power", 0), ("event", 1), ("stop", 0), ("event", 1)])
@example(actions=[("play", 20), ("event", 2), ("hold", 12), ("crash", 0), ("event", 1), ("mode", 0), ("mode", 0)])
@example(actions=[("play", 1), ("crash", 0), ("play", 5), ("event", 13), ("play", 4), ("event", 10), ("event", 11)])
def test_what_was_wanted_is_on_the_card_and_the_chain_hangs_together(actions: list[tuple[str, int]]) -> None:
    runtime = Path(os.environ["RUNTIME_DIRECTORY"])
    with tempfile.TemporaryDirectory() as name:
        (Path(name) / "data").mkdir()
        life = Life(Path(name) / "data")
        life.play(5)
        for action, number in actions:
            if action in ("play", "event", "hold"):
                getattr(life, action)(number)
            else:
                {"crash": life.crash, "power": life.power, "stop": life.stop, "mode": life.change}[action]()
                life.play(2)
            life.check()
        life.store.close()
    for left in runtime.iterdir():
        shutil.rmtree(left)
