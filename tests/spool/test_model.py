"""Random sequences of put, send, acknowledge, clip, crash and eviction against a plain model in memory.

A crash drops the connection without closing it, as kill -9 does: all that was promised must be there again.
"""

import shutil
import tempfile
from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from agent.spool import Spool
from agent.values import Phase
from tests.spool.support import HOW, StillClock, draft, found, make_clip, open_spool, read

ROWS = 100
CLIP_BYTES = 200_000


class SpoolModel(RuleBasedStateMachine):
    """The model: numbers of plain messages, events with their revisions, wanted footage, clips."""

    @initialize()
    def begin(self) -> None:
        self.directory = Path(tempfile.mkdtemp(prefix="spool-model-"))
        self.clock = StillClock()
        self.spool = open_spool(self.directory, self.clock, ROWS, "1MB")
        self.leaked: list[Spool] = []
        self.waiting: dict[int, int] = {}  # number -> priority
        self.open: dict[str, int] = {}  # event -> revisions
        self.unsent: dict[tuple[str, int], None] = {}  # (event, rev)
        self.wanted: set[str] = set()
        self.clips: dict[str, int] = {}  # id -> priority, oldest first
        self.dropped_clips = 0
        self.numbers = 0
        self.followed: dict[str, int] = {}  # ended, with a clip still to come

    def number(self) -> int:
        self.numbers += 1
        return self.numbers

    @precondition(lambda self: len(self.waiting) + len(self.unsent) < ROWS - 12)
    @rule(priorities=st.lists(st.sampled_from([0, 10, 20, 40]), min_size=1, max_size=8))
    def put(self, priorities: list[int]) -> None:
        numbered = {self.number(): priority for priority in priorities}
        self.spool.put_all(draft(self.clock, number, priority) for number, priority in numbered.items())
        self.waiting |= numbered

    @precondition(lambda self: len(self.waiting) + len(self.unsent) < ROWS - 2)
    @rule()
    def start(self) -> None:
        event_id = f"e{self.number():05}"
        self.spool.record([found(self.clock, event_id)], HOW)
        self.open[event_id] = 1
        self.unsent[event_id, 1] = None
        self.wanted.add(event_id)

    @precondition(lambda self: self.open and len(self.waiting) + len(self.unsent) < ROWS - 2)
    @rule(data=st.data(), phase=st.sampled_from([Phase.UPDATE, Phase.END]))
    def go_on(self, data: st.DataObject, phase: Phase) -> None:
        event_id = data.draw(st.sampled_from(sorted(self.open)))
        self.spool.record([found(self.clock, event_id, phase)], HOW)
        self.revise(event_id)
        if phase is Phase.END:
            self.ended(event_id)

    def revise(self, event_id: str) -> None:
        self.open[event_id] += 1
        self.unsent[event_id, self.open[event_id]] = None

    def ended(self, event_id: str) -> None:
        # The model follows an ended event only while its clip may still change it.
        self.followed[event_id] = self.open.pop(event_id)

    def tell(self, event_id: str) -> None:
        followed = self.followed
        if event_id in self.open:
            self.revise(event_id)
        elif event_id in followed:
            followed[event_id] += 1
            self.unsent[event_id, followed[event_id]] = None

    @precondition(lambda self: self.wanted and len(self.waiting) + len(self.unsent) < ROWS - 12)
    @rule(data=st.data(), there=st.booleans(), priority=st.sampled_from([30, 50]))
    def cut(self, data: st.DataObject, there: bool, priority: int) -> None:
        event_id = data.draw(st.sampled_from(sorted(self.wanted)))
        (wanted,) = (item for item in self.spool.wanted() if item.id == event_id)
        clip = make_clip(self.spool, event_id, b"x" * CLIP_BYTES, priority) if there else None
        self.spool.clip_ready(wanted, clip)
        self.wanted.remove(event_id)
        self.tell(event_id)
        if not there:
            self.dropped_clips += 1
            return
        self.clips[event_id] = priority
        while len(self.clips) * CLIP_BYTES > 1_000_000:
            lowest = max(self.clips.values())
            gone = next(name for name, rank in self.clips.items() if rank == lowest)
            del self.clips[gone]
            self.dropped_clips += 1
            self.tell(gone)

    @precondition(lambda self: len(self.waiting) + len(self.unsent) < ROWS - 2)
    @rule(lose=st.booleans())
    def upload(self, lose: bool) -> None:
        expected = min(self.clips, key=lambda name: self.clips[name], default=None)
        if lose and expected is not None:
            (self.spool.clips_directory / f"{expected}.mp4").unlink()
            del self.clips[expected]
            self.dropped_clips += 1
            self.tell(expected)
            expected = min(self.clips, key=lambda name: self.clips[name], default=None)
        clip = self.spool.next_clip()
        assert (clip.id if clip else None) == expected
        if clip is not None:
            self.spool.ack_clip(clip.id, "https://ward/files/1")
            del self.clips[clip.id]
            self.tell(clip.id)

    @rule(limit=st.integers(1, 30), share=st.floats(0, 1))
    def send(self, limit: int, share: float) -> None:
        sent = self.spool.pending(limit)
        for message in sent[: round(len(sent) * share)]:
            fields = read(message)
            if "id" in fields:
                del self.unsent[fields["id"], fields["rev"]]
            else:
                del self.waiting[fields["n"]]
            self.spool.ack([message.row])

    @rule()
    def crash(self) -> None:
        self.leaked.append(self.spool)
        self.spool = open_spool(self.directory, self.clock, ROWS, "1MB")

    @precondition(lambda self: len(self.waiting) + len(self.unsent) + len(self.open) < ROWS)
    @rule()
    def restart(self) -> None:
        self.spool.close()
        self.spool = open_spool(self.directory, self.clock, ROWS, "1MB")
        assert self.spool.close_interrupted() == len(self.open)
        for event_id in sorted(self.open):
            self.revise(event_id)
            self.ended(event_id)

    @invariant()
    def everything_promised_is_there(self) -> None:
        if not hasattr(self, "spool"):
            return
        state = self.spool.state()
        assert state.messages == len(self.waiting) + len(self.unsent)
        assert (state.dropped_messages, state.dropped_clips) == (0, self.dropped_clips)
        assert {item.id for item in self.spool.wanted()} == self.wanted
        files = {path.name for path in self.spool.clips_directory.glob("*.mp4")}
        assert files == {f"{name}.mp4" for name in self.clips}

    @invariant()
    def it_leaves_in_order_and_once(self) -> None:
        if not hasattr(self, "spool"):
            return
        fields = [read(message) for message in self.spool.pending(1000)]
        numbers = [item["n"] for item in fields if "n" in item]
        assert numbers == sorted(self.waiting, key=lambda number: (self.waiting[number], number))
        revisions = [(item["id"], item["rev"]) for item in fields if "id" in item]
        assert sorted(revisions) == sorted(self.unsent)
        for event_id in {name for name, _ in revisions}:
            own = [rev for name, rev in revisions if name == event_id]
            assert own == sorted(own)
        seqs = [item["seq"] for item in fields]
        assert len(set(seqs)) == len(seqs)

    def teardown(self) -> None:
        if hasattr(self, "spool"):
            for spool in (*self.leaked, self.spool):
                spool.close()
            shutil.rmtree(self.directory)


TestSpoolModel = SpoolModel.TestCase
TestSpoolModel.settings = settings(
    max_examples=15, stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck)
)
