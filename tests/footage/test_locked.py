"""Encrypted footage: nothing in clear on the disk; this boot's node opens it, the ward, and nobody else."""

import random
import shutil
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from nacl.public import PrivateKey

from agent.cli.verify_footage import look as look_at_chain
from agent.config.storage import FootageSection, SpoolSection
from agent.errors import AgentError
from agent.evidence.check import State, check
from agent.evidence.key import open_key
from agent.footage import cipher
from agent.footage.jobs import ClipJob
from agent.footage.locked import HEAD, TAG, is_locked, read_locked, trim_locked
from agent.footage.opening import NAME
from agent.footage.reading import open_library
from agent.footage.recovery import adopt
from agent.footage.segment import SegmentWriter
from agent.footage.stored import PART
from agent.footage.unlock import unlock
from agent.footage.vault import Vault
from agent.spool.spool import Spool
from agent.values import Clip
from tests.capture.clocks import HandClock
from tests.footage.conftest import drawn_h264
from tests.footage.locking import BOOT, NEXT_BOOT, in_clear, opened
from tests.footage.recording import CAM, footage, gaps_s, look, moment, recorded, wanted, write
from tests.footage.rings import film, play

__all__ = ["drawn_h264"]

WARD = PrivateKey(bytes(range(2, 34)))
ALL = wanted(moment(1000), moment(1004))
KILLS, SEED = 6, 20261122


def vault(boot: bytes = BOOT) -> Vault:
    return Vault(WARD.public_key, boot)


@pytest.fixture
def recorded_once(drawn_h264: Path, tmp_path: Path) -> Path:
    """40 pictures in four segments, encrypted, written in one boot."""
    store = opened(tmp_path, HandClock(), vault())
    write(store, recorded(drawn_h264, moment(1000)))
    store.close()
    return tmp_path


def cut(directory: Path, keys: Vault | None, name: str = "clip", clear: bool = False) -> Clip:
    store = opened(directory, HandClock(), keys)
    clip = store.library.cut(ALL, directory / f"{name}.mp4", clear)
    store.close()
    assert clip is not None
    return clip


def flip(path: Path, at: int) -> None:
    data = bytearray(path.read_bytes())
    data[at] ^= 1
    path.write_bytes(data)


def test_nothing_is_in_clear_on_the_disk(recorded_once: Path, drawn_h264: Path, tmp_path: Path) -> None:
    packets = recorded(drawn_h264, moment(1000))
    cut(recorded_once, vault())
    cut(recorded_once, vault(NEXT_BOOT), "later")
    assert list(in_clear(recorded_once, packets)) == []
    plain = footage(tmp_path / "plain", HandClock())
    write(plain, packets)
    plain.close()
    assert len(list(in_clear(tmp_path / "plain", packets))) == 4  # they would have been found


def test_a_clip_of_this_boot_leaves_encrypted_and_is_proved(recorded_once: Path, tmp_path: Path) -> None:
    clip = cut(recorded_once, vault())
    assert clip.path.name == "clip.mp4.locked" and clip.manifest is not None and clip.gaps == ()
    made = unlock(clip.path, WARD, tmp_path / "opened.mp4")
    assert look(made.path).numbers == tuple(range(40))
    public = open_key(recorded_once / "evidence").public
    for file in (clip.path, made.path):  # as it was sent, and as it is watched
        assert check(file, clip.manifest, public).state is State.COMPLETE
    told = check(made.path, clip.manifest, public).manifest
    assert told is not None and told.clip.locked is not None and told.clip.locked.sha256 == clip.sha256
    assert len(told.gops) == 4 and len(told.segments) == 4
    flip(made.path, made.bytes // 2)
    assert check(made.path, clip.manifest, public).state is State.ALTERED


def test_after_a_power_cut_the_ward_cuts_what_the_node_would_have(recorded_once: Path, tmp_path: Path) -> None:
    own = cut(recorded_once, vault(), clear=True)
    assert own.path.name == "clip.mp4"
    clip = cut(recorded_once, vault(NEXT_BOOT), "later")
    assert clip.bundle and clip.path.name == "later.locked.tar" and clip.manifest is not None
    public = open_key(recorded_once / "evidence").public
    verdict = check(clip.path, clip.manifest, public)
    assert verdict.state is State.COMPLETE and verdict.manifest is not None and len(verdict.manifest.segments) == 4
    made = unlock(clip.path, WARD, tmp_path / "opened.mp4")
    assert made.path.read_bytes() == own.path.read_bytes() and made.gaps == ()
    assert not list(tmp_path.glob(".unlock-*"))
    flip(clip.path, clip.bytes // 2)
    assert check(clip.path, clip.manifest, public).state is State.ALTERED


def test_a_part_of_an_hour_is_cut_at_the_ward_too(recorded_once: Path, tmp_path: Path) -> None:
    part = wanted(moment(1001.5), moment(1002.5))
    store = opened(recorded_once, HandClock(), vault(NEXT_BOOT))
    clip = store.library.cut(part, tmp_path / "part.mp4")
    store.close()
    assert clip is not None
    made = unlock(clip.path, WARD, tmp_path / "opened.mp4")
    assert look(made.path).numbers == tuple(range(10, 25))


def test_without_the_option_what_was_encrypted_in_this_boot_still_opens(recorded_once: Path) -> None:
    assert look(cut(recorded_once, Vault(None, BOOT)).path).numbers == tuple(range(40))
    assert cut(recorded_once, None, "none").bundle


def test_encrypted_and_plain_footage_stand_in_one_clip_and_one_chain(recorded_once: Path, drawn_h264: Path) -> None:
    clock = HandClock()
    store = opened(recorded_once, clock, Vault(None, BOOT))
    write(store, recorded(drawn_h264, moment(1010), run=2))
    store.finish()
    clip = store.library.cut(wanted(moment(1000), moment(1014)), recorded_once / "both.mp4")
    store.close()
    assert clip is not None and look(clip.path).numbers == (*range(40), *range(40))
    chain = look_at_chain(recorded_once / "footage" / CAM, open_key(recorded_once / "evidence").public)
    assert chain.breaks == () and len(chain.sealed) == 8


def test_another_key_is_told_by_its_fingerprint(recorded_once: Path, tmp_path: Path) -> None:
    for number, keys in enumerate((vault(), vault(NEXT_BOOT))):
        clip = cut(recorded_once, keys, f"clip{number}")
        with pytest.raises(AgentError, match=r"another key|khoá khác"):
            unlock(clip.path, PrivateKey.generate(), tmp_path / "opened.mp4")
    assert not (tmp_path / "opened.mp4").exists()


def test_what_was_altered_is_named_and_what_was_shortened_is_refused(
    recorded_once: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cipher, "MOST_CLEAR", 1000)
    clip = cut(recorded_once, vault())
    locked = read_locked(clip.path)
    assert locked is not None and len(locked.chunks) > 1
    for chunk in locked.chunks:
        for at in (chunk.at + 5, chunk.at + HEAD.size, chunk.end - TAG):  # the count of pictures, the content, the tag
            bad = Path(shutil.copy(clip.path, tmp_path / "bad.mp4.locked"))
            flip(bad, min(at, clip.bytes - 1))
            with pytest.raises(AgentError, match=rf"(piece|phần) {chunk.number} "):
                unlock(bad, WARD, tmp_path / "opened.mp4")
    whole = clip.path.read_bytes()
    bad = tmp_path / "short.mp4.locked"
    for end in (clip.bytes - 1, locked.chunks[-1].at, locked.chunks[0].end):
        bad.write_bytes(whole[:end])
        with pytest.raises(AgentError, match=r"not whole|không nguyên vẹn"):
            unlock(bad, WARD, tmp_path / "opened.mp4")
    first, second = locked.chunks[:2]
    bad.write_bytes(
        whole[: first.at] + whole[second.at : second.end] + whole[first.at : first.end] + whole[second.end :]
    )
    with pytest.raises(AgentError, match=r"(piece|phần) 0 "):
        unlock(bad, WARD, tmp_path / "opened.mp4")
    assert not (tmp_path / "opened.mp4").exists()


def test_an_altered_segment_is_left_out_and_told(recorded_once: Path) -> None:
    victim = sorted((recorded_once / "footage" / CAM).glob("*.mp4"))[1]
    flip(victim, victim.stat().st_size - 100)
    clip = cut(recorded_once, vault(), clear=True)
    assert gaps_s(clip) == [(1001.0, 1002.0, "altered")]
    assert look(clip.path).numbers == (*range(10), *range(20, 40))


@pytest.mark.fault("evidence", "kill -9 while encrypted segments are written, again and again")
def test_a_crash_costs_the_open_group_as_without_encryption(drawn_h264: Path, tmp_path: Path) -> None:
    chance = random.Random(SEED)
    for number in range(KILLS):
        directory, count = tmp_path / str(number), chance.randint(1, 40)
        directory.mkdir()
        arguments = (str(directory), str(drawn_h264), str(count), bytes(WARD.public_key).hex(), BOOT.hex())
        with subprocess.Popen(
            (sys.executable, "-m", "tests.footage.locked_writer", *arguments),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        ) as process:
            assert process.stdout is not None and process.stdout.readline() == b"written\n", f"seed {SEED}"
            process.kill()
        store = opened(directory, HandClock(), vault(), segment=4.0)
        clip = store.library.cut(ALL, directory / "clip.mp4", clear=True)
        store.close()
        whole = (count - 1) // 10 * 10  # a group is written when the next one begins
        assert (look(clip.path).numbers if clip else ()) == tuple(range(whole)), f"{count} pictures, seed {SEED}"
        later = opened(directory, HandClock(), vault(NEXT_BOOT), segment=4.0)
        assert later.recovery.files_removed == later.recovery.parts_removed == 0
        later.close()


def test_a_file_that_ends_anywhere_keeps_its_whole_groups(drawn_h264: Path, tmp_path: Path) -> None:
    folder = tmp_path / CAM
    folder.mkdir()
    packets = recorded(drawn_h264, moment(1000))
    writer = SegmentWriter(folder, packets[0], None, None, vault())
    for packet in packets[1:]:
        writer.write(packet)
    path = writer.finish().path
    whole, locked = path.read_bytes(), read_locked(path)
    path.unlink()
    assert locked is not None and locked.finished
    ends = [(chunk.end, chunk.pictures) for chunk in locked.chunks if chunk.pictures]
    assert [pictures for _, pictures in ends] == [10, 20, 30, 40]
    for end in sorted({*range(0, len(whole), 97), *(one for one, _ in ends), *(one - 1 for one, _ in ends)}):
        part = folder / f"{path.name.removesuffix('.mp4')}{PART}"
        part.write_bytes(whole[:end])
        stored = adopt(part)
        expected = max((pictures for at, pictures in ends if at <= end), default=0)
        assert (round(stored.segment.duration_s * 10) if stored else 0) == expected, end
        (stored.path if stored else part).unlink()


def test_noise_is_no_encrypted_file(tmp_path: Path) -> None:
    chance = random.Random(SEED)
    path = tmp_path / "x-locked.mp4"
    for size in (0, 5, 12, 400):
        for begin in (b"", b"CAMLOCK1", b"CAMLOCK1\0\0\0\2{}", b"CAMLOCK1\0\0\0\4null"):
            path.write_bytes(begin + chance.randbytes(size))
            assert read_locked(path) is None and not trim_locked(path)


def test_an_index_is_made_again_without_any_key(recorded_once: Path) -> None:
    before = cut(recorded_once, vault(), clear=True)
    for file in (recorded_once / "footage").glob(f"{NAME}*"):
        file.unlink()
    store = opened(recorded_once, HandClock(), vault(NEXT_BOOT))
    assert store.recovery.files_adopted == 4 and store.recovery.files_removed == 0
    rows = [stored.segment for stored in store.rows()]
    store.close()
    assert [segment.duration_s for segment in rows] == [1.0] * 4 and all(segment.seal for segment in rows)
    assert cut(recorded_once, vault(), "again", clear=True).sha256 == before.sha256


def test_the_ring_counts_and_removes_encrypted_segments(drawn_h264: Path, tmp_path: Path) -> None:
    clock = HandClock()
    store = opened(tmp_path, clock, vault(), budget=60_000)
    play(store, clock, film(drawn_h264, 1000, 120))
    store.close()
    files = sorted((tmp_path / "footage" / CAM).glob("*"))
    segments = [path for path in files if path.suffix == ".mp4"]
    assert segments and all(is_locked(path) for path in segments)
    assert 30_000 < sum(path.stat().st_size for path in segments) <= 60_000 * 1.1 + 60_000  # ten seconds between looks


def test_what_waits_for_the_line_waits_encrypted(recorded_once: Path, drawn_h264: Path, tmp_path: Path) -> None:
    clock = HandClock()
    store, spool = opened(recorded_once, clock, vault()), Spool(tmp_path / "spool", SpoolSection(), clock)
    ClipJob(store, lambda: [ALL], spool.clip_ready, spool.clips_directory, threading.Event()).run_once()
    proof = spool.next_clip()
    assert proof is not None and proof.path.name == "event-1.manifest.json"
    spool.ack_clip(proof.id, "https://ward/files/1")
    clip = spool.next_clip()
    assert clip is not None and clip.path.name == "event-1.mp4.locked"
    assert look(unlock(clip.path, WARD, tmp_path / "opened.mp4").path).numbers == tuple(range(40))
    (tmp_path / "opened.mp4").unlink()
    spool.close()
    store.close()
    assert list(in_clear(tmp_path, recorded(drawn_h264, moment(1000)))) == []


def test_a_second_process_reads_and_holds(recorded_once: Path) -> None:
    clock = HandClock()
    section = FootageSection()
    with open_library(recorded_once / "footage", section, clock, vault=Vault(None, BOOT)) as library:
        assert library.plan(CAM, moment(1000), moment(1004)).segments == 4
        assert library.can_open(CAM, moment(1000), moment(1004))
    with open_library(recorded_once / "footage", section, clock) as library:
        assert not library.can_open(CAM, moment(1000), moment(1004))
        assert library.can_open(CAM, moment(2000), moment(2004))
