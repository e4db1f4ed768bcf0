"""Random sequences of put, connect, send, acknowledge, clip, manifest, crash and eviction against a plain model.

A crash drops the connection without closing it, as kill -9 does: all that was promised must be there again.
"""

import shutil
import tempfile
from dataclasses import replace
from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from agent.spool import Spool
from agent.spool.lanes import LIVE_PER_OLD
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
        self.manifests: dict[str, str] = {}  # clip -> its manifest: queued, arrived, or lost
        self.lost_manifests = 0
        self.begun: set[str] = set()  # clips on their way
        self.fresh: set[str] = set()  # clips that came since the line was up
        self.live_run = 0  # clips that came since the line was up and arrived in a row
        self.floor: set[int | str] | None = None  # messages and events that waited when the line came up
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
    @rule(data=st.data(), there=st.booleans(), priority=st.sampled_from([30, 50, 130]), proved=st.booleans())
    def cut(self, data: st.DataObject, there: bool, priority: int, proved: bool) -> None:
        event_id = data.draw(st.sampled_from(sorted(self.wanted)))
        (wanted,) = (item for item in self.spool.wanted() if item.id == event_id)
        clip = make_clip(self.spool, event_id, b"x" * CLIP_BYTES, priority) if there else None
        if clip is not None and proved:
            clip = replace(clip, manifest=clip.path.with_suffix(".manifest"))
            assert clip.manifest is not None
            clip.manifest.write_bytes(b"proof")
            self.manifests[event_id] = "queued"
        self.spool.clip_ready(wanted, clip)
        self.wanted.remove(event_id)
        self.tell(event_id)
        if not there:
            self.dropped_clips += 1
            return
        self.clips[event_id] = priority
        self.fresh.add(event_id)
        while len(self.clips) * CLIP_BYTES + 5 * self.queued_manifests() > 1_000_000:
            lowest = max(self.clips.values())
            equals = [name for name, rank in self.clips.items() if rank == lowest]
            gone = next((name for name in equals if name not in self.begun), equals[0])
            self.forget(gone)
            self.dropped_clips += 1
            self.tell(gone)

    def queued_manifests(self) -> int:
        return sum(state == "queued" for state in self.manifests.values())

    def forget(self, clip_id: str) -> None:
        """The clip is gone, and with it what proves it."""
        del self.clips[clip_id]
        self.begun.discard(clip_id)
        self.lost_manifests += self.manifests.pop(clip_id, None) == "queued"

    def next_up(self) -> str | None:
        """Whose turn it is: the most important; of equals what is on its way, then what is new, then the oldest."""

        def rank(name: str) -> tuple[int, bool, bool]:
            under_way = name in self.begun or self.manifests.get(name) == "arrived"
            old = self.floor is not None and name not in self.fresh and self.live_run < LIVE_PER_OLD
            return self.clips[name], not under_way, old

        return min(self.clips, key=rank, default=None)

    @precondition(lambda self: len(self.waiting) + len(self.unsent) < ROWS - 2)
    @rule(how=st.sampled_from(["all", "all", "begin", "lose", "refuse"]))
    def upload(self, how: str) -> None:
        expected = self.next_up()
        if how == "lose" and expected is not None:
            (self.spool.clips_directory / f"{expected}.mp4").unlink()
            if self.manifests.get(expected) == "queued":
                clip = self.spool.next_clip()
                assert clip is not None and clip.parent == expected
                self.spool.reject_clip(clip.id, "413")
                self.manifests[expected] = "lost"
                self.lost_manifests += 1
            self.forget(expected)
            self.dropped_clips += 1
            self.tell(expected)
            expected = self.next_up()
        clip = self.spool.next_clip()
        if expected is None:
            assert clip is None
            return
        assert clip is not None
        if self.manifests.get(expected) == "queued":
            assert clip.parent == expected
            if how == "refuse":
                self.spool.reject_clip(clip.id, "413")
                self.lost_manifests += 1
            else:
                assert self.spool.ack_clip(clip.id, "https://ward/files/0") is None
            self.manifests[expected] = "lost" if how == "refuse" else "arrived"
            return
        assert (clip.id, clip.manifest_url is not None) == (expected, self.manifests.get(expected) == "arrived")
        if how == "begin":
            self.spool.clip_created(clip.id, "https://ward/files/1")
            self.spool.clip_progress(clip.id, 5)
            self.begun.add(expected)
            return
        self.spool.ack_clip(clip.id, "https://ward/files/1")
        self.live_run = self.live_run + 1 if self.floor is None or expected in self.fresh else 0
        self.forget(expected)
        self.tell(expected)

    @rule()
    def connect(self) -> None:
        self.spool.connected()
        self.floor = {*self.waiting, *(name for name, _ in self.unsent)}
        self.fresh.clear()
        self.live_run = 0

    @rule(limit=st.integers(1, 30), share=st.floats(0, 1))
    def send(self, limit: int, share: float) -> None:
        sent = self.spool.pending(limit)
        for message in sent[: round(len(sent) * share)]:
            fields = read(message)
            if "id" in fields:
                del self.unsent[fields["id"], fields["rev"]]
                if self.floor and all(name != fields["id"] for name, _ in self.unsent):
                    self.floor.discard(fields["id"])  # what follows of it has nothing to wait for
            else:
                del self.waiting[fields["n"]]
            self.spool.ack([message.row])

    @rule()
    def crash(self) -> None:
        self.leaked.append(self.spool)
        self.spool = open_spool(self.directory, self.clock, ROWS, "1MB")
        self.floor, self.live_run = None, 0

    @precondition(lambda self: len(self.waiting) + len(self.unsent) + len(self.open) < ROWS)
    @rule()
    def restart(self) -> None:
        self.spool.close()
        self.spool = open_spool(self.directory, self.clock, ROWS, "1MB")
        self.floor, self.live_run = None, 0
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
        assert (state.dropped_messages, state.dropped_clips) == (self.lost_manifests, self.dropped_clips)
        assert {item.id for item in self.spool.wanted()} == self.wanted
        files = {path.name for path in self.spool.clips_directory.glob("*.mp4")}
        assert files == {f"{name}.mp4" for name in self.clips}
        proofs = {path.name for path in self.spool.clips_directory.glob("*.manifest")}
        assert proofs == {f"{name}.manifest" for name in self.manifests}

    @invariant()
    def it_leaves_in_order_and_once(self) -> None:
        if not hasattr(self, "spool"):
            return
        fields = [read(message) for message in self.spool.pending(1000)]
        old = [self.floor is not None and item.get("n", item.get("id")) in self.floor for item in fields]
        for lane in (False, True):
            numbers = [item["n"] for item, is_old in zip(fields, old, strict=True) if is_old is lane and "n" in item]
            assert numbers == sorted(numbers, key=lambda number: (self.waiting[number], number))
        assert {item["n"] for item in fields if "n" in item} == self.waiting.keys()
        self.check_turns(old)
        revisions = [(item["id"], item["rev"]) for item in fields if "id" in item]
        assert sorted(revisions) == sorted(self.unsent)
        for event_id in {name for name, _ in revisions}:
            own = [rev for name, rev in revisions if name == event_id]
            assert own == sorted(own)
        seqs = [item["seq"] for item in fields]
        assert len(set(seqs)) == len(seqs)

    def check_turns(self, old: list[bool]) -> None:
        """One that waited after at most four live ones, and no two of them while a live one is there."""
        lives = olds = 0
        for place, is_old in enumerate(old):
            lives, olds = lives + (not is_old), olds + is_old
            if False in old[place:]:
                assert olds <= lives // LIVE_PER_OLD + 1
            if True in old[place:]:
                assert lives <= LIVE_PER_OLD * (olds + 1)

    def teardown(self) -> None:
        if hasattr(self, "spool"):
            for spool in (*self.leaked, self.spool):
                spool.close()
            shutil.rmtree(self.directory)


TestSpoolModel = SpoolModel.TestCase
TestSpoolModel.settings = settings(
    max_examples=15, stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck)
)
