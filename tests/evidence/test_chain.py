"""The chain through the life of footage: restarts, crashes, lost indexes, other cards, eviction, tampering."""

import json
import shutil
from itertools import pairwise
from pathlib import Path

import pytest

from agent.cli.verify_footage import Chain, look, verify_footage
from agent.evidence.check import State, check
from agent.evidence.key import open_key
from agent.evidence.public import PublicKey
from agent.footage import tombs
from agent.footage.ring import Kind, Victim
from agent.footage.sealing import read_mark
from agent.footage.store import Footage
from agent.values import CHAIN_BEGINS, Clip, Segment
from tests.capture.clocks import HandClock
from tests.evidence.notaries import notary
from tests.footage.recording import CAM, footage, gaps_s, moment, recorded, wanted, write


def opened(directory: Path, segment: str = "1s") -> Footage:
    store = footage(directory, HandClock(), segment=segment)
    store.seal_with(notary(directory))
    return store


def public(directory: Path) -> PublicKey:
    return open_key(directory / "evidence").public


def chain(directory: Path) -> Chain:
    return look(directory / "footage" / CAM, public(directory))


def files(directory: Path) -> list[Path]:
    return sorted((directory / "footage" / CAM).glob("*.mp4"))


def segments(store: Footage) -> tuple[Segment, ...]:
    return store.library.find(CAM, moment(0), moment(100_000))


def cut(store: Footage, directory: Path, to_s: float = 1004) -> Clip:
    clip = store.library.cut(wanted(moment(1000), moment(to_s)), directory / "clip.mp4")
    assert clip is not None
    return clip


def test_each_file_stands_on_the_one_before(drawn_h264: Path, tmp_path: Path) -> None:
    for start_s in (1000, 2000, 3000):
        store = opened(tmp_path)
        write(store, recorded(drawn_h264, moment(start_s), run=start_s))
        store.close()
    found = chain(tmp_path)
    assert len(found.sealed) == 12 and found.breaks == () and found.foreign == ()
    assert found.sealed[0].mark.before == CHAIN_BEGINS
    for one, after in pairwise(found.sealed):
        assert after.mark.before == one.seal.link
    assert [one.mark.seq for one in found.sealed] == [1, 2, 3, 4] * 3
    assert len({one.mark.epoch for one in found.sealed}) == 3
    store = opened(tmp_path)
    assert [one.seal for one in segments(store)] == [one.seal for one in found.sealed]
    store.close()
    assert verify_footage(tmp_path, None, as_json=True) == 0


@pytest.mark.parametrize("spoilt", [None, b"", b"-5-aa", b"9" * 5000, b"99999999-aa", b"00000001-aa"])
@pytest.mark.parametrize("index_lost", [False, True])
def test_a_spoilt_count_of_epochs(drawn_h264: Path, tmp_path: Path, spoilt: bytes | None, index_lost: bool) -> None:
    count = tmp_path / "evidence/epoch"
    for run in range(1, 5):
        if run == 3:
            count.unlink() if spoilt is None else count.write_bytes(spoilt)
            for path in (tmp_path / "footage").glob("index.sqlite*") if index_lost else ():
                path.unlink()
        store = opened(tmp_path)
        write(store, recorded(drawn_h264, moment(1000 + 4 * run), run=run))
        store.close()
    found = chain(tmp_path)
    assert found.breaks == () and len(found.sealed) == 16
    epochs = [one.mark.epoch for one in found.sealed]
    assert [int(epoch.split("-")[0]) for epoch in epochs] == [1] * 4 + [2] * 4 + [3] * 4 + [4] * 4
    assert verify_footage(tmp_path, None, as_json=True) == 0


def test_a_key_that_came_later(drawn_h264: Path, tmp_path: Path) -> None:
    store = footage(tmp_path, HandClock())
    write(store, recorded(drawn_h264, moment(1000)))
    store.close()
    store = opened(tmp_path)
    write(store, recorded(drawn_h264, moment(1004), run=2))
    store.close()
    store = footage(tmp_path, HandClock())  # the key cannot be read
    write(store, recorded(drawn_h264, moment(1008), run=3))
    store.close()
    store = opened(tmp_path)
    write(store, recorded(drawn_h264, moment(1012), run=4))
    store.close()
    found = chain(tmp_path)
    assert len(found.sealed) == 8 and len(found.unsealed) == 8 and found.breaks == ()
    store = opened(tmp_path)
    clip = cut(store, tmp_path, 1016)
    store.close()
    assert clip.manifest is not None
    verdict = check(clip.path, clip.manifest, public(tmp_path))
    assert [one.kind for one in verdict.findings] == ["segment_unsealed"] * 8
    assert verdict.state is State.UNPROVED


@pytest.mark.fault("evidence", "a crash leaves an unfinished file, and the index is lost")
def test_after_a_crash_and_without_an_index(drawn_h264: Path, tmp_path: Path) -> None:
    store = opened(tmp_path, segment="2s")
    write(store, recorded(drawn_h264, moment(1000))[:35])
    del store  # no close: what was written of the open file stays
    for path in (tmp_path / "footage").glob("index.sqlite*"):
        path.unlink()
    store = opened(tmp_path)
    assert store.recovery.parts_adopted == 1
    write(store, recorded(drawn_h264, moment(2000), run=2))
    store.close()
    found = chain(tmp_path)
    assert found.breaks == () and len(found.sealed) == 2 + 4 and len(found.unsealed) == 0


@pytest.mark.fault("evidence", "the newest file holds no picture and is removed")
def test_a_number_left_out_is_no_break(drawn_h264: Path, tmp_path: Path) -> None:
    store = opened(tmp_path)
    packets = recorded(drawn_h264, moment(1000))
    write(store, packets[:20])
    track = store._tracks[CAM]
    assert track.writer is not None
    track.writer.abandon()
    track.writer.part.write_bytes(b"")
    store._fail(track)
    write(store, packets[20:])
    store.close()
    found = chain(tmp_path)
    assert found.breaks == () and [one.mark.seq for one in found.sealed] == [1, 3, 4]


@pytest.mark.fault("evidence", "the card of another node is put in")
def test_the_footage_of_another_device(drawn_h264: Path, tmp_path: Path) -> None:
    one, other = tmp_path / "one", tmp_path / "other"
    for directory in (one, other):
        store = opened(directory)
        write(store, recorded(drawn_h264, moment(1000 if directory is one else 1004), run=8 if directory is one else 9))
        store.close()
    for path in files(one):
        shutil.copy(path, other / "footage" / CAM)
    shutil.rmtree(one / "footage")
    shutil.move(other / "footage", one / "footage")
    for path in (one / "footage").glob("index.sqlite*"):
        path.unlink()
    hand = notary(one)
    store = footage(one, HandClock())
    store.seal_with(hand)
    assert hand.foreign() == {CAM: public(other).fingerprint}
    write(store, recorded(drawn_h264, moment(1008), run=2))
    store.close()
    found = chain(one)
    assert len(found.foreign) == 4 and len(found.sealed) == 8
    assert [file.mark.before for file in found.sealed if file.mark.seq == 1] == [CHAIN_BEGINS] * 2
    assert verify_footage(one, None, as_json=True) == 1
    store = opened(one)
    clip = cut(store, one, 1012)
    store.close()
    assert clip.manifest is not None
    verdict = check(clip.path, clip.manifest, public(one))
    assert verdict.state is State.UNPROVED and verdict.state.genuine
    assert [item.kind for item in verdict.findings] == ["segment_foreign"] * 4


@pytest.mark.fault("evidence", "a bit of a stored segment is flipped")
def test_an_altered_segment_is_left_out_and_named(drawn_h264: Path, tmp_path: Path) -> None:
    store = opened(tmp_path)
    write(store, recorded(drawn_h264, moment(1000)))
    store.close()
    flip(files(tmp_path)[1])
    store = opened(tmp_path)
    clip = cut(store, tmp_path)
    store.close()
    assert gaps_s(clip) == [(1001.0, 2000.0 - 998.0, "altered")]
    assert clip.manifest is not None
    told = json.loads(clip.manifest.read_bytes())
    assert [one["state"] for one in told["segments"]] == ["sealed", "altered", "sealed", "sealed"]
    verdict = check(clip.path, clip.manifest, public(tmp_path))
    assert verdict.state is State.GAPS
    assert [one.kind for one in verdict.findings] == ["gap", "segment_altered"]
    assert chain(tmp_path).breaks == ((files(tmp_path)[1].name, files(tmp_path)[2].name),)


@pytest.mark.fault("evidence", "a segment is altered and the index removed, so that it is made from the altered file")
def test_an_altered_segment_without_an_index(drawn_h264: Path, tmp_path: Path) -> None:
    store = opened(tmp_path)
    write(store, recorded(drawn_h264, moment(1000)))
    store.close()
    flip(files(tmp_path)[1])
    for path in (tmp_path / "footage").glob("index.sqlite*"):
        path.unlink()
    store = opened(tmp_path)
    clip = cut(store, tmp_path)
    store.close()
    assert [cause for _, _, cause in gaps_s(clip)] == ["altered"]


def test_a_file_taken_from_the_middle_is_a_declared_gap(drawn_h264: Path, tmp_path: Path) -> None:
    store = opened(tmp_path)
    write(store, recorded(drawn_h264, moment(1000)))
    store.close()
    files(tmp_path)[1].unlink()
    assert len(chain(tmp_path).breaks) == 1
    assert verify_footage(tmp_path, None, as_json=False) == 1
    store = opened(tmp_path)
    clip = cut(store, tmp_path)
    store.close()
    assert clip.manifest is not None
    assert check(clip.path, clip.manifest, public(tmp_path)).state is State.GAPS


def test_a_file_says_where_it_stands(drawn_h264: Path, tmp_path: Path) -> None:
    store = opened(tmp_path)
    write(store, recorded(drawn_h264, moment(1000)))
    store.close()
    mark = read_mark(files(tmp_path)[0])
    assert mark is not None and mark.key == public(tmp_path).fingerprint


def flip(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) * 3 // 4] ^= 1
    path.write_bytes(content)


def test_what_the_ring_removes_from_the_middle_is_accounted_for(drawn_h264: Path, tmp_path: Path) -> None:
    store = opened(tmp_path)
    write(store, recorded(drawn_h264, moment(1000)))
    store.close()
    store = opened(tmp_path)
    found = [stored for stored in store._index.all(CAM) if stored.segment.start.mono_ns < moment(1003).mono_ns]
    store._retention._remove(store._index, store._evictions, [Victim(stored, Kind.DELIVERED) for stored in found[1:]])
    store.close()
    seen = chain(tmp_path)
    assert len(files(tmp_path)) == 2
    assert seen.breaks == () and seen.removed == 2
    assert verify_footage(tmp_path, None, as_json=False) == 0
    (tmp_path / "footage" / CAM / "removed.jsonl").unlink()
    assert len(chain(tmp_path).breaks) == 1


def test_what_expires_at_the_old_end_needs_no_account(drawn_h264: Path, tmp_path: Path) -> None:
    store = opened(tmp_path)
    write(store, recorded(drawn_h264, moment(1000)))
    store.close()
    store = opened(tmp_path)
    found = store._index.all(CAM)
    store._retention._remove(store._index, store._evictions, [Victim(one, Kind.UNWANTED) for one in found[:2]])
    store.close()
    assert not (tmp_path / "footage" / CAM / "removed.jsonl").exists()
    assert chain(tmp_path).breaks == () and len(chain(tmp_path).sealed) == 2


def test_an_account_of_removals_stays_small(drawn_h264: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = opened(tmp_path)
    write(store, recorded(drawn_h264, moment(1000)))
    found = store._index.all(CAM)
    store.close()
    monkeypatch.setattr(tombs, "MOST_BYTES", 2000)
    folder = tmp_path / "footage" / CAM
    for _ in range(30):
        tombs.entomb(folder, found)
    assert (folder / "removed.jsonl").stat().st_size < 4000
    assert len(tombs.read_tombs(folder)) == len(found)
