"""Footage against a model in memory: whatever is written, removed, held, lost in a crash or dated by a wrong clock.

The model knows the true time of each segment, which the node never does.
"""

import shutil
import sqlite3
import tempfile
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, initialize, invariant, multiple, rule

from agent.clock import NS, Moment
from agent.config.model import FootageSection
from agent.footage.holds import HoldRefused
from agent.footage.retention import AGE_EVERY_S
from agent.footage.store import Footage
from agent.footage.stored import DONE, PART
from agent.values import ClipWanted, Hold, OutgoingClip, Packet, StreamFormat
from tests.capture.clocks import WALL_NS, HandClock

MEMORY = "/dev/shm" if Path("/dev/shm").is_dir() else None  # nothing here is about the disk
BASE = Fraction(1, 1000)
FORM = StreamFormat("mpeg4", 320, 240, BASE, b"\x00\x00\x01\xb0\x01" * 8)
CAMS = ("gate", "yard")
MAX_DAYS = 2
DAY_S = 86_400
BUDGET = 40_000  # about 25 segments
SECTION = FootageSection().model_copy(
    update={"budget": BUDGET, "keep_free": 0, "floor": 0, "segment": 1.0, "max_held": 0.3}
)


@dataclass(frozen=True)
class Written:
    """One segment, as it really was."""

    cam: str
    boot_id: str
    mono_s: float
    true_s: float  # when it ended, on a clock that nothing sets
    bytes: int


class Model(RuleBasedStateMachine):
    holds: Bundle[str] = Bundle("holds")

    def __init__(self) -> None:
        super().__init__()
        self.directory = Path(tempfile.mkdtemp(dir=MEMORY))
        self.clock = HandClock(mono_s=10, boot_id="boot-000")
        self.boots = self.runs = self.names = 0
        self.true_offset_s = 0.0  # true time minus monotonic time of this boot
        self.known: dict[Path, Written] = {}
        self.held: dict[str, frozenset[Path]] = {}
        self.reach: list[tuple[str, str, float]] = []  # camera, boot and monotonic end of each wish to hold
        self.perhaps: set[Path] = set()  # was still being written when a wish reached into it: held or not
        self.written = 0
        self.counted = True  # until an index was lost, all that was removed is counted
        self.store = self.opened()

    def opened(self) -> Footage:
        return Footage(self.directory / "footage", SECTION, MAX_DAYS, self.clock)

    @property
    def true_s(self) -> float:
        return self.clock.mono_s() + self.true_offset_s

    @initialize()
    def some(self) -> None:
        for cam in CAMS:
            self.write_some(cam, 14)

    def files(self) -> set[Path]:
        found = (self.directory / "footage").glob(f"*/*{DONE}")
        return {path for path in found if not path.name.endswith(PART)}

    def learn(self) -> None:
        """What has been written since: finished files are new to the model."""
        for cam in CAMS:
            for one in self.store.library.find(cam, *self.everything()):
                if one.path not in self.known:
                    end_s = one.start.mono_s + one.duration_s
                    told = Written(cam, one.start.boot_id, one.start.mono_s, end_s + self.true_offset_s, one.bytes)
                    assert told.boot_id == self.clock.boot_id
                    self.know(one.path, told)

    def know(self, path: Path, told: Written) -> None:
        self.known[path] = told
        self.written += 1
        if any((told.cam, told.boot_id) == reach[:2] and told.mono_s < reach[2] for reach in self.reach):
            self.perhaps.add(path)

    def everything(self) -> tuple[Moment, Moment]:
        now = self.clock.now()
        return now.shifted(-now.mono_s - 1), now.shifted(10**6)

    @rule(cam=st.sampled_from(CAMS), count=st.integers(3, 25))
    def write(self, cam: str, count: int) -> None:
        self.write_some(cam, count)
        if count % 2:
            self.expire_now()

    def write_some(self, cam: str, count: int) -> None:
        self.runs += 1
        for number in range(count):
            stamp = number * 1000
            packet = Packet(cam, self.runs, self.clock.now(), stamp, stamp, 1000, True, FORM, bytes(900))
            self.store.write(packet)
            self.clock.pass_s(1)
        self.learn()

    @rule(hours=st.sampled_from([0.2, 5.0, 30.0, 47.0]))
    def wait(self, hours: float) -> None:
        self.clock.pass_s(hours * 3600)
        self.store.settle()
        self.learn()
        self.expire_now()

    @rule()
    def expire(self) -> None:
        self.expire_now()

    def expire_now(self) -> None:
        self.clock.pass_s(AGE_EVERY_S)
        before = sum(one.bytes for one in self.known.values())
        self.store.expire()
        left = self.files()
        gone = {path: one for path, one in self.known.items() if path not in left}
        held = set().union(*self.held.values()) if self.held else set()
        assert not held & gone.keys()
        for one in gone.values():
            assert before > BUDGET or self.true_s - one.true_s > MAX_DAYS * DAY_S, "removed too early"
        for path in gone:
            del self.known[path]
        for path, one in self.known.items():
            aged = one.boot_id == self.clock.boot_id and self.true_s - one.true_s > MAX_DAYS * DAY_S + 1
            assert not aged or path in held | self.perhaps, "kept too long"
        size = sum(one.bytes for one in self.known.values())
        assert size <= BUDGET or all(path in held | self.perhaps for path in self.known)

    @rule()
    def enter(self) -> None:
        self.store.enter()
        assert self.store.library is not None

    @rule()
    def redate(self) -> None:
        self.store.redate(self.clock)

    @rule(cam=st.sampled_from(CAMS), back_s=st.floats(0, 40), length_s=st.floats(0.1, 15), kind=st.integers(0, 2))
    def want(self, cam: str, back_s: float, length_s: float, kind: int) -> None:
        start = self.clock.now().shifted(-back_s)
        end = start.shifted(length_s)
        if kind == 0:
            clip = OutgoingClip("clip", cam, Path("clip.mp4"), start.wall_ns, end.wall_ns, 1, "")
            self.store.delivered(clip)
        self.store.pin([ClipWanted("clip", cam, start, end, start)] if kind == 1 else [])

    @rule(target=holds, which=st.integers(0, 10**6), length_s=st.floats(0.5, 4))
    def hold(self, which: int, length_s: float) -> Any:
        if not self.known:
            return multiple()
        self.names += 1
        one = sorted(self.known.values(), key=lambda one: one.true_s)[which % len(self.known)]
        cam, now = one.cam, self.clock.now()
        start = now.shifted(one.true_s - self.true_s - 0.5)
        end = start.shifted(length_s)
        until_ns = now.wall_ns + 89 * DAY_S * NS
        wish = Hold(f"hold-{self.names}", cam, start.wall_ns, end.wall_ns, until_ns, "somebody", "a reason")
        covered = frozenset(one.path for one in self.store.library.find(cam, start, end))
        try:
            self.store.library.hold(wish)
        except HoldRefused:
            return multiple()
        self.held[wish.id] = covered
        self.reach.append((cam, self.clock.boot_id, end.mono_s))
        return wish.id

    @rule(name=consumes(holds))
    def release(self, name: str) -> None:
        assert self.store.library.release(name) == (name in self.held)
        self.held.pop(name, None)

    @rule(years=st.sampled_from([-10, 0, 10]), trusted=st.booleans())
    def step(self, years: int, trusted: bool) -> None:
        true_wall_ns = WALL_NS + round(self.true_offset_s * NS)
        self.clock.wall_offset_ns = true_wall_ns + years * 365 * DAY_S * NS
        self.clock.trust = trusted

    @rule(off_s=st.floats(5, 3 * DAY_S), clean=st.booleans(), boot=st.booleans())
    def restart(self, off_s: float, clean: bool, boot: bool) -> None:
        if clean:
            self.store.close()
            self.learn_closed()
        else:
            self.crash()
        self.again(off_s, boot)

    @rule(off_s=st.floats(5, 3 * DAY_S), boot=st.booleans())
    def restart_without_index(self, off_s: float, boot: bool) -> None:
        self.crash()
        for path in (self.directory / "footage").glob("index.sqlite*"):
            path.unlink()
        self.counted = False
        self.again(off_s, boot)

    @rule(off_s=st.floats(5, 3 * DAY_S))
    def restart_with_an_older_index(self, off_s: float) -> None:
        older = self.directory / "older.sqlite"
        if not older.exists():
            return
        self.crash()
        for path in (self.directory / "footage").glob("index.sqlite*"):
            path.unlink()
        shutil.copy(older, self.directory / "footage" / "index.sqlite")
        self.counted = False
        self.again(off_s, True)

    @rule()
    def keep_a_copy_of_the_index(self) -> None:
        (self.directory / "older.sqlite").unlink(missing_ok=True)
        copy = sqlite3.connect(self.directory / "older.sqlite")
        with sqlite3.connect(self.directory / "footage" / "index.sqlite") as source:
            source.backup(copy)
        source.close()
        copy.close()

    def crash(self) -> None:
        """As kill -9: nothing is finished, nothing is entered."""
        self.store._index.abandon()
        for track in self.store._all_tracks():
            if track.writer is not None:
                track.writer.abandon()

    def again(self, off_s: float, boot: bool) -> None:
        true_s = self.true_s + off_s
        trusted, wall_error_ns = self.clock.trust, self.clock.wall_offset_ns - round(self.true_offset_s * NS)
        if boot:
            self.boots += 1
            self.clock = HandClock(mono_s=10, boot_id=f"boot-{self.boots:03}", trusted=trusted)
            self.true_offset_s = true_s - 10
            self.clock.wall_offset_ns = wall_error_ns + round(self.true_offset_s * NS)
        else:
            self.clock.pass_s(off_s)
        self.store = self.opened()

    def learn_closed(self) -> None:
        """What closing finished."""
        for path in self.files() - self.known.keys():
            mono_s = int(path.name.removesuffix(DONE).split("-")[2]) / NS
            told = Written(path.parent.name, self.clock.boot_id, mono_s, self.true_s, path.stat().st_size)
            self.know(path, told)

    @invariant()
    def rows_are_files(self) -> None:
        assert self.files() == self.known.keys()
        indexed = {one.path: one.segment for one in self.store._index.all()}
        assert indexed.keys() == self.known.keys()
        assert self.store._index.bytes == sum(one.bytes for one in self.known.values())
        for path, segment in indexed.items():
            told = self.known[path]
            assert (segment.start.boot_id, segment.start.mono_s) == (told.boot_id, told.mono_s)

    @invariant()
    def everything_of_this_boot_is_found(self) -> None:
        for cam in CAMS:
            found = [one.path for one in self.store.library.find(cam, *self.everything())]
            here = {path for path, one in self.known.items() if (one.cam, one.boot_id) == (cam, self.clock.boot_id)}
            assert here <= set(found) and len(found) == len(set(found))
            starts = [self.known[path].mono_s for path in found if path in here]
            assert starts == sorted(starts)

    @invariant()
    def all_is_counted(self) -> None:
        counts = [self.store.state(cam).evicted for cam in CAMS]
        removed = sum(one.delivered + one.unwanted + one.pending + one.too_old for one in counts)
        if self.counted:
            assert removed + len(self.known) == self.written

    def teardown(self) -> None:
        self.store.close()
        shutil.rmtree(self.directory)


TestModel = Model.TestCase
TestModel.settings = settings(max_examples=25, stateful_step_count=30, deadline=None)
