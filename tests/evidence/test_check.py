import base64
import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from agent.evidence.check import State, Unreadable, Verdict, check
from agent.evidence.key import open_key
from agent.evidence.manifest import canonical
from agent.evidence.public import parse_public
from agent.values import CHAIN_BEGINS, Clip, Mark
from tests.evidence.conftest import prove
from tests.evidence.notaries import Group, groups, remux


def verdict(clip: Path, manifest: Path | None) -> Verdict:
    assert manifest is not None
    return check(clip, manifest, None)


def kinds(found: Verdict) -> list[tuple[str, int | None]]:
    return [(one.kind, one.gop) for one in found.findings if one.kind != "gap"]


def flipped(path: Path, offset: int, bit: int = 1) -> Path:
    content = bytearray(path.read_bytes())
    content[offset] ^= bit
    path.write_bytes(content)
    return path


def test_genuine_and_complete(proved: Clip) -> None:
    found = verdict(proved.path, proved.manifest)
    assert (found.state, kinds(found)) == (State.COMPLETE, [])
    assert found.manifest is not None and len(found.manifest.gops) == 4
    assert [one.state for one in found.manifest.segments] == ["sealed"] * 4
    assert [one.seq for one in found.manifest.segments] == [1, 2, 3, 4]
    assert found.manifest.chain is not None and found.manifest.chain.link == found.manifest.segments[-1].link


@pytest.mark.fault("evidence", "one bit of a picture is flipped")
def test_a_bit_of_a_picture(proved: Clip) -> None:
    third = groups(proved.path)[2]
    where = proved.path.read_bytes().index(third[3][4])
    found = verdict(flipped(proved.path, where + 10), proved.manifest)
    assert (found.state, kinds(found)) == (State.ALTERED, [("altered", 3)])
    assert found.findings[0].at_utc == found.manifest.gops[2].from_utc if found.manifest else False


@pytest.mark.fault("evidence", "one bit of the parameter sets is flipped")
def test_a_bit_of_the_parameter_sets(proved: Clip) -> None:
    where = proved.path.read_bytes().index(b"avcC") + 4
    profile = where + 1
    found = verdict(flipped(proved.path, profile), proved.manifest)
    assert (found.state, kinds(found)) == (State.ALTERED, [("parameters", None)])


@pytest.mark.fault("evidence", "one bit of the decoding times is flipped")
def test_a_bit_of_stts(proved: Clip) -> None:
    where = proved.path.read_bytes().index(b"stts")
    # kind, version and flags, count, then pairs of (how many, ticks each)
    found = verdict(flipped(proved.path, where + 19), proved.manifest)
    assert (found.state, kinds(found)) == (State.ALTERED, [("altered", number) for number in (1, 2, 3, 4)])


@pytest.mark.real
@pytest.mark.fault("evidence", "one bit of the composition times is flipped")
def test_a_bit_of_ctts(proved_b_frames: Clip) -> None:
    assert verdict(proved_b_frames.path, proved_b_frames.manifest).state is State.COMPLETE
    content = proved_b_frames.path.read_bytes()
    where = content.index(b"ctts")
    entries = int.from_bytes(content[where + 8 : where + 12], "big")
    last = where + 12 + 8 * (entries - 1)
    found = verdict(flipped(proved_b_frames.path, last + 6, 1), proved_b_frames.manifest)
    assert found.manifest is not None
    assert (found.state, kinds(found)) == (State.ALTERED, [("altered", len(found.manifest.gops))])


def test_a_bit_of_the_container_only(proved: Clip) -> None:
    where = proved.path.read_bytes().index(b"mvhd") + 4 + 4 + 3  # its creation time
    found = verdict(flipped(proved.path, where), proved.manifest)
    assert (found.state, kinds(found)) == (State.ALTERED, [("container", None)])


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (lambda all_: [all_[1], all_[2], all_[3]], [("missing", 1)]),
        (lambda all_: [all_[0], all_[1], all_[3]], [("missing", 3)]),
        (lambda all_: [all_[0], all_[1], all_[2]], [("missing", 4)]),
        (lambda all_: [*all_, all_[1]], [("added", 5)]),
        (lambda all_: [all_[0], all_[2], all_[1], all_[3]], [("reordered", 2)]),
    ],
    ids=["first gone", "middle gone", "last gone", "one appended", "two swapped"],
)
@pytest.mark.fault("evidence", "groups of pictures are dropped, added, swapped")
def test_groups_of_pictures(
    change: Callable[[list[Group]], list[Group]], expected: list[tuple[str, int]], proved: Clip, tmp_path: Path
) -> None:
    forged = remux(proved.path, change(groups(proved.path)), tmp_path / "forged.mp4")
    found = verdict(forged, proved.manifest)
    assert found.state is State.ALTERED
    named = [one for one in kinds(found) if one[0] not in ("moved", "parameters")]
    assert named in (expected, [("reordered", 3)])


def test_not_even_a_video(proved: Clip) -> None:
    proved.path.write_bytes(b"\0" * 5000)
    assert kinds(verdict(proved.path, proved.manifest)) == [("unreadable", None)]


@pytest.mark.parametrize(
    "change",
    [
        lambda told: told.update(node="node-2"),
        lambda told: told["clip"].update(from_utc="2026-01-01T00:00:00.000Z"),
        lambda told: told["gops"].pop(),
        lambda told: told["gaps"].append({"from_utc": told["clip"]["from_utc"], "to_utc": "x", "cause": "restart"}),
        lambda told: told["segments"].pop(1),
        lambda told: told.update(unknown=1),
        lambda told: told.update(signature="AAAA"),
        lambda told: told["key"].update(fingerprint="0" * 64),
    ],
    ids=["node", "time", "gops", "gaps", "segments", "unknown", "signature", "fingerprint"],
)
@pytest.mark.fault("evidence", "a field of the manifest is edited")
def test_edited_manifests(change: Callable[[dict[str, Any]], object], proved: Clip) -> None:
    assert proved.manifest is not None
    told = json.loads(proved.manifest.read_bytes())
    change(told)
    proved.manifest.write_text(json.dumps(told), encoding="utf-8")
    try:
        state = verdict(proved.path, proved.manifest).state
    except Unreadable:
        return  # not even the form of a manifest
    assert state is State.BAD_SIGNATURE


def test_formatting_is_no_edit(proved: Clip) -> None:
    assert proved.manifest is not None
    told = json.loads(proved.manifest.read_bytes())
    proved.manifest.write_text(json.dumps(dict(reversed(told.items())), indent=3), encoding="utf-8")
    assert verdict(proved.path, proved.manifest).state is State.COMPLETE


@pytest.mark.real
@pytest.mark.fault("evidence", "manifests of two clips are swapped")
def test_swapped_manifests(proved: Clip, street_h264: Path, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    other = prove(street_h264, tmp_path / "other")
    for one, manifest in ((proved, other.manifest), (other, proved.manifest)):
        found = verdict(one.path, manifest)
        assert found.state is State.ALTERED
        assert ("other_clip", None) in kinds(found)


def test_another_key(proved: Clip, tmp_path: Path) -> None:
    own = parse_public((tmp_path / "evidence/device.pub.pem").read_text(encoding="ascii"))
    other = open_key(tmp_path / "another").public
    assert proved.manifest is not None
    assert check(proved.path, proved.manifest, own).state is State.COMPLETE
    assert check(proved.path, proved.manifest, other).state is State.OTHER_KEY


def test_signed_anew_by_a_forger(proved: Clip, tmp_path: Path) -> None:
    forger = open_key(tmp_path / "another")
    own = parse_public((tmp_path / "evidence/device.pub.pem").read_text(encoding="ascii"))
    assert proved.manifest is not None
    told = json.loads(proved.manifest.read_bytes())
    told["key"] = {"fingerprint": forger.public.fingerprint, "public_key": forger.public.pem}
    told["clip"]["from_utc"] = "2026-01-01T00:00:00.000Z"
    told["signature"] = forger.sign(canonical(told))
    proved.manifest.write_text(json.dumps(told), encoding="utf-8")
    assert check(proved.path, proved.manifest, own).state is State.OTHER_KEY


def test_a_hole_in_the_list_of_segments(proved: Clip, tmp_path: Path) -> None:
    device = open_key(tmp_path / "evidence")
    assert proved.manifest is not None
    told = json.loads(proved.manifest.read_bytes())
    del told["segments"][1]
    told["signature"] = device.sign(canonical(told))
    proved.manifest.write_text(json.dumps(told), encoding="utf-8")
    found = verdict(proved.path, proved.manifest)
    assert (found.state, kinds(found)) == (State.CHAIN, [("chain_hole", None)])
    assert "segment 2" in found.findings[0].text.en


@pytest.mark.real
def test_openssl_and_jq_agree(proved: Clip, tmp_path: Path) -> None:
    """The signature can be checked without this program."""
    if shutil.which("openssl") is None:
        pytest.skip("no openssl")
    assert proved.manifest is not None
    told = json.loads(proved.manifest.read_bytes())
    (tmp_path / "signed").write_bytes(canonical(told))
    (tmp_path / "signature").write_bytes(base64.b64decode(told["signature"]))
    command = ["openssl", "pkeyutl", "-verify", "-pubin", "-inkey", "evidence/device.pub.pem", "-rawin"]
    subprocess.run([*command, "-in", "signed", "-sigfile", "signature"], cwd=tmp_path, check=True, capture_output=True)
    if shutil.which("jq"):
        by_jq = subprocess.run(["jq", "-jcS", "del(.signature)", str(proved.manifest)], check=True, capture_output=True)
        assert by_jq.stdout == canonical(told)


def signed_anew(clip: Clip, change: Callable[[dict[str, Any]], object]) -> Verdict:
    """By the device itself."""
    assert clip.manifest is not None
    told = json.loads(clip.manifest.read_bytes())
    change(told)
    told["signature"] = open_key(clip.path.parent / "evidence").sign(canonical(told))
    clip.manifest.write_text(json.dumps(told), encoding="utf-8")
    return verdict(clip.path, clip.manifest)


def made_foreign(segment: dict[str, Any]) -> None:
    segment.update(state="foreign", epoch="00000009-ffffffff", seq=77, key="0" * 64)
    mark = Mark(segment["epoch"], segment["seq"], segment["before"], "", "")
    segment["link"] = mark.seal("gate", segment["sha256"]).link


def test_a_foreign_segment_does_not_hide_a_hole(proved: Clip) -> None:
    found = signed_anew(proved, lambda told: made_foreign(told["segments"][1]))
    assert (found.state, found.findings[0].kind) == (State.CHAIN, "chain_hole")


def test_what_no_seal_proves_is_not_called_complete(proved: Clip) -> None:
    def strip(told: dict[str, Any]) -> None:
        for segment in told["segments"]:
            for name in ("epoch", "seq", "before", "link"):
                del segment[name]
            segment["state"] = "unsealed"

    found = signed_anew(proved, strip)
    assert found.state is State.UNPROVED and {one.kind for one in found.findings} == {"segment_unsealed"}


@pytest.mark.parametrize("more", ['"cam":"cổng sau",', '"x":"\\ud800",', '"x":NaN,', '"x":{"a":1,"a":2},'])
@pytest.mark.fault("evidence", "a manifest that readers of JSON understand differently")
def test_a_manifest_that_could_be_read_in_two_ways(more: str, proved: Clip) -> None:
    assert proved.manifest is not None
    body = proved.manifest.read_text(encoding="utf-8")
    proved.manifest.write_text("{" + more + body[1:], encoding="utf-8")
    with pytest.raises(Unreadable):
        verdict(proved.path, proved.manifest)


@pytest.mark.fault("evidence", "a playlist that names other files is handed in as the clip")
def test_a_playlist_is_no_clip(proved: Clip, tmp_path: Path) -> None:
    (tmp_path / "real.mp4").write_bytes(proved.path.read_bytes())
    proved.path.write_text("ffconcat version 1.0\nfile real.mp4\n")
    assert kinds(verdict(proved.path, proved.manifest)) == [("unreadable", None)]


def test_a_foreign_chain_before_ours_is_no_hole(proved: Clip) -> None:
    def begun_anew(told: dict[str, Any]) -> None:
        made_foreign(told["segments"][1])
        del told["segments"][3]
        last = told["segments"][2]
        last.update(before=CHAIN_BEGINS)
        last["link"] = Mark(last["epoch"], last["seq"], CHAIN_BEGINS, "", "").seal("gate", last["sha256"]).link

    assert signed_anew(proved, begun_anew).state is State.UNPROVED


def test_as_many_gaps_as_a_manifest_holds_are_looked_at_in_good_time(proved: Clip) -> None:
    far = {"from_utc": "2000-01-01T00:00:00.000Z", "to_utc": "2000-01-01T00:00:01.000Z", "cause": "restart"}

    def many(told: dict[str, Any]) -> None:
        told["segments"] = [told["segments"][0]] * 10_000
        told["gaps"] = [far] * 10_000

    found = signed_anew(proved, many)  # each with each would take a quarter of an hour
    assert found.state is State.CHAIN
    assert sum(one.kind == "chain_hole" for one in found.findings) == 9_999
