"""What proves a clip is a file of its own: it leaves just before its clip, never holds it up, never outlives it."""

import hashlib
import json
from dataclasses import replace
from pathlib import Path

import pytest

from agent.spool import Spool
from agent.values import Clip, OutgoingClip
from tests.spool.support import HOW, StillClock, all_pending, found, make_clip, open_spool, queue_clip, wanted

PROOF = b'{"manifest": true}'
URL, PROOF_URL = "https://ward/files/1", "https://ward/files/0"


def proved(spool: Spool, clip_id: str = "e1", **more: object) -> Clip:
    """A clip with its manifest beside it."""
    clip = make_clip(spool, clip_id, **more)  # type: ignore[arg-type]
    path = clip.path.with_suffix(".manifest.json")
    path.write_bytes(PROOF)
    return replace(clip, manifest=path)


def turn(spool: Spool) -> OutgoingClip:
    clip = spool.next_clip()
    assert clip is not None
    return clip


def files(spool: Spool) -> set[str]:
    return {path.name for path in spool.clips_directory.iterdir()}


def test_the_manifest_leaves_first_and_the_event_tells_both(tmp_path: Path) -> None:
    clock = StillClock()
    spool = open_spool(tmp_path, clock)
    spool.record([found(clock)], HOW)
    spool.clip_ready(spool.wanted()[0], proved(spool))
    manifest = turn(spool)
    assert (manifest.parent, manifest.path.read_bytes()) == ("e1", PROOF)
    assert spool.ack_clip(manifest.id, PROOF_URL) is None, "no clip has arrived yet"
    assert "e1.manifest.json" in files(spool), "kept for a lost database until the clip has gone"
    clip = turn(spool)
    assert (clip.id, clip.parent) == ("e1", None)
    assert spool.ack_clip("e1", URL) is not None
    sha256 = hashlib.sha256(PROOF).hexdigest()
    told = all_pending(spool)[-1]["media"]["clip"]
    assert (told["state"], told["url"], told["manifest"]) == ("uploaded", URL, {"url": PROOF_URL, "sha256": sha256})
    assert files(spool) == set()
    assert (spool.state().clips, spool.state().dropped_messages) == (0, 0)


def test_each_manifest_stands_before_its_own_clip(tmp_path: Path) -> None:
    spool = open_spool(tmp_path, StillClock())
    queue_clip(spool, proved(spool, "a"))
    queue_clip(spool, proved(spool, "b", priority=30))
    order = []
    while (clip := spool.next_clip()) is not None:
        order.append(clip.id)
        spool.ack_clip(clip.id, URL)
    assert order == ["b.manifest", "b", "a.manifest", "a"]


def test_once_its_manifest_is_there_no_newer_clip_comes_between(tmp_path: Path) -> None:
    spool = open_spool(tmp_path, StillClock())
    queue_clip(spool, proved(spool, "old"))
    spool.ack_clip(turn(spool).id, PROOF_URL)
    spool.connected()
    queue_clip(spool, proved(spool, "new"))
    assert turn(spool).id == "old"


def test_a_manifest_that_the_server_refuses_does_not_keep_the_clip(tmp_path: Path) -> None:
    clock = StillClock()
    spool = open_spool(tmp_path, clock)
    spool.record([found(clock)], HOW)
    spool.clip_ready(spool.wanted()[0], proved(spool))
    spool.reject_clip(turn(spool).id, "413")
    assert spool.lost_clips() == ()
    spool.ack_clip(turn(spool).id, URL)
    told = all_pending(spool)[-1]["media"]["clip"]
    assert (told["state"], "manifest" in told) == ("uploaded", False)
    assert (spool.state().dropped_clips, spool.state().dropped_messages) == (0, 1)
    assert files(spool) == set()


def test_one_that_keeps_failing_lets_its_clip_pass_and_goes_with_it(tmp_path: Path) -> None:
    spool = open_spool(tmp_path, StillClock())
    queue_clip(spool, proved(spool))
    for _ in range(4):
        spool.clip_failed("e1.manifest")
    assert turn(spool).id == "e1"
    spool.ack_clip("e1", URL)
    assert spool.next_clip() is None
    assert (spool.state().dropped_messages, files(spool)) == (1, set())


@pytest.mark.parametrize("damage", ["missing", "changed"])
@pytest.mark.fault("A15", "a manifest's file deleted or swapped")
def test_one_that_is_not_what_it_was_is_left_out(tmp_path: Path, damage: str) -> None:
    spool = open_spool(tmp_path, StillClock())
    clip = proved(spool)
    queue_clip(spool, clip)
    assert clip.manifest is not None
    if damage == "missing":
        clip.manifest.unlink()
    else:
        clip.manifest.write_bytes(PROOF[::-1])
    assert turn(spool).id == "e1"
    assert (spool.state().dropped_messages, spool.state().dropped_clips) == (1, 0)


def test_one_that_was_never_written_is_counted_and_the_clip_queued(tmp_path: Path) -> None:
    spool = open_spool(tmp_path, StillClock())
    queue_clip(spool, replace(make_clip(spool), manifest=spool.clips_directory / "nowhere.json"))
    assert turn(spool).id == "e1"
    assert spool.state().dropped_messages == 1


@pytest.mark.parametrize("end", ["rejected", "evicted"])
def test_it_goes_with_its_clip(tmp_path: Path, end: str) -> None:
    clock = StillClock()
    spool = open_spool(tmp_path, clock, clips="1MB")
    queue_clip(spool, proved(spool, "old", data=b"x" * 600_000))
    if end == "rejected":
        spool.reject_clip("old", "refused")
    else:
        spool.clip_ready(wanted(clock, "new"), make_clip(spool, "new", b"y" * 600_000, priority=30))
    assert spool.clip("old.manifest") is None
    assert {name for name in files(spool) if name.startswith("old")} == set()
    assert spool.state().dropped_clips == 1


def test_a_lost_database_takes_back_both(tmp_path: Path) -> None:
    clock = StillClock()
    spool = open_spool(tmp_path, clock)
    queue_clip(spool, proved(spool))
    spool.ack_clip(turn(spool).id, PROOF_URL)
    spool.close()
    path = tmp_path / "spool.db"
    path.write_bytes(b"garbage!" * 512)
    spool = open_spool(tmp_path, clock)
    assert [turn(spool).id, spool.ack_clip("e1.manifest", PROOF_URL), turn(spool).id] == ["e1.manifest", None, "e1"]
    assert turn(spool).manifest_url == PROOF_URL


def test_a_label_of_an_earlier_release_has_no_manifest(tmp_path: Path) -> None:
    clock = StillClock()
    spool = open_spool(tmp_path, clock)
    clip = make_clip(spool)
    queue_clip(spool, clip)
    spool.close()
    label = clip.path.with_name("e1.mp4.json")
    fields = json.loads(label.read_bytes())
    del fields["manifest"]
    label.write_text(json.dumps(fields), encoding="utf-8")
    (tmp_path / "spool.db").write_bytes(b"garbage!" * 512)
    spool = open_spool(tmp_path, clock)
    assert (turn(spool).id, turn(spool).manifest) == ("e1", None)


def test_files_of_both_are_kept_by_the_sweep(tmp_path: Path) -> None:
    clock = StillClock()
    spool = open_spool(tmp_path, clock)
    queue_clip(spool, proved(spool))
    (spool.clips_directory / "stray.manifest.json").write_bytes(PROOF)
    spool.close()
    spool = open_spool(tmp_path, clock)
    assert files(spool) == {"e1.mp4", "e1.mp4.json", "e1.manifest.json"}
