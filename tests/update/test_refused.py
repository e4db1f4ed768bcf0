"""What is no good bundle for this device is refused in words, and nothing on the disk changes."""

import io
import os
import tarfile
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from agent.errors import AgentError
from agent.update.manifest import MANIFEST, SIGNATURE, Manifest, read_manifest
from agent.update.refused import UpdateRefused
from agent.update.take import Making
from tests.update.bundles import CONTENTS, MAKING, OLD, Device, bundle_of, fake_make, manifest_of, model_of
from tests.update.signing import Signer

Spoil = Callable[[Path], None]


def members(path: Path) -> list[tuple[tarfile.TarInfo, bytes]]:
    with tarfile.open(path) as tar:
        found = []
        for member in tar.getmembers():
            content = tar.extractfile(member)
            found.append((member, content.read() if content else b""))
        return found


def rewrite(
    path: Path, change: Callable[[list[tuple[tarfile.TarInfo, bytes]]], None], kind: int = tarfile.USTAR_FORMAT
) -> None:
    found = members(path)
    change(found)
    with tarfile.open(path, "w", format=kind) as tar:
        for member, data in found:
            member.size = len(data)
            tar.addfile(member, io.BytesIO(data))


def _info(name: str, kind: bytes = tarfile.REGTYPE, link: str = "") -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, link
    return info


def truncated(path: Path) -> None:
    os.truncate(path, path.stat().st_size // 2)


def without_its_end(path: Path) -> None:
    data = path.read_bytes()
    path.write_bytes(data.rstrip(b"\0") + b"\0" * 512)


def one_byte_changed(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[data.index(CONTENTS["wheels/agent.whl"], 3000)] ^= 1
    path.write_bytes(data)


def signature_changed(path: Path) -> None:
    def change(found: list[tuple[tarfile.TarInfo, bytes]]) -> None:
        data = bytearray(found[1][1])
        data[60] = ord("A") if data[60] != ord("A") else ord("B")
        found[1] = (found[1][0], bytes(data))

    rewrite(path, change)


def manifest_changed(path: Path) -> None:
    rewrite(path, lambda found: found.__setitem__(0, (found[0][0], found[0][1].replace(b"0.2.0", b"0.2.1"))))


def reordered(path: Path) -> None:
    rewrite(path, lambda found: found.insert(2, found.pop(3)))


def signature_first(path: Path) -> None:
    rewrite(path, lambda found: found.insert(0, found.pop(1)))


def unsigned(path: Path) -> None:
    rewrite(path, lambda found: found.pop(1) and None)


def one_too_many(path: Path) -> None:
    rewrite(path, lambda found: found.append((_info("wheels/extra.whl"), b"x")))


def one_missing(path: Path) -> None:
    rewrite(path, lambda found: found.pop() and None)


def twice(path: Path) -> None:
    rewrite(path, lambda found: found.append(found[2]))


def a_way_out(path: Path) -> None:
    rewrite(path, lambda found: setattr(found[2][0], "name", "../../etc/passwd"))


def absolute(path: Path) -> None:
    rewrite(path, lambda found: setattr(found[2][0], "name", "/etc/passwd"))


def a_link(path: Path) -> None:
    rewrite(path, lambda found: found.__setitem__(2, (_info("wheels/agent.whl", tarfile.SYMTYPE, "/etc/shadow"), b"")))


def a_hard_link(path: Path) -> None:
    rewrite(path, lambda found: found.__setitem__(2, (_info("wheels/agent.whl", tarfile.LNKTYPE, MANIFEST), b"")))


def a_device(path: Path) -> None:
    rewrite(path, lambda found: found.__setitem__(2, (_info("wheels/agent.whl", tarfile.CHRTYPE), b"")))


def longer(path: Path) -> None:
    rewrite(path, lambda found: found.__setitem__(2, (found[2][0], found[2][1] + b"more")))


def other_words_before(path: Path) -> None:
    path.write_bytes(b"\0" * 512 + path.read_bytes())


def rubbish_behind(path: Path) -> None:
    path.write_bytes(path.read_bytes() + b"rubbish" + b"\0" * 505)


def endless_zeros_behind(path: Path) -> None:
    with path.open("ab") as file:
        file.truncate(file.tell() + (1 << 20))


def pax_names(path: Path) -> None:
    rewrite(path, lambda found: setattr(found[2][0], "pax_headers", {"path": "../x"}), tarfile.PAX_FORMAT)


def huge_manifest(path: Path) -> None:
    rewrite(path, lambda found: found.__setitem__(0, (found[0][0], b" " * (1 << 20))))


def negative_size(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[124:136] = b"\xff" * 12  # base 256, negative
    header = bytes(data[:148]) + b" " * 8 + bytes(data[156:512])
    data[148:156] = b"%06o\0 " % sum(header)
    path.write_bytes(data)


def empty(path: Path) -> None:
    path.write_bytes(b"")


def a_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def a_pipe(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


def another_file_by_link(path: Path) -> None:
    path.rename(path.with_suffix(".real"))
    path.symlink_to(path.with_suffix(".real"))


SPOILS: tuple[Spoil, ...] = (
    truncated, without_its_end, one_byte_changed, signature_changed, manifest_changed, reordered, signature_first,
    unsigned, one_too_many, one_missing, twice, a_way_out, absolute, a_link, a_hard_link, a_device, longer,
    other_words_before, rubbish_behind, endless_zeros_behind, pax_names, huge_manifest, negative_size, empty, a_folder,
    a_pipe, another_file_by_link,
)  # fmt: skip


@pytest.mark.parametrize("spoil", SPOILS, ids=lambda spoil: spoil.__name__)
def test_a_spoilt_bundle_changes_nothing(tmp_path: Path, spoil: Spoil) -> None:
    device = Device(tmp_path)
    bundle = device.bundle("0.2.0")
    spoil(bundle)
    before = device.snapshot()
    with pytest.raises(UpdateRefused) as told:
        device.take(bundle)
    assert device.snapshot() == before
    assert told.value.text.vi != told.value.text.en


def test_the_bundle_that_was_spoilt_is_otherwise_good(tmp_path: Path) -> None:
    device = Device(tmp_path)
    device.take(device.bundle("0.2.0"))
    assert device.runs == "0.2.0"


def test_another_wards_key(tmp_path: Path) -> None:
    device = Device(tmp_path)
    bundle = bundle_of(tmp_path, Signer(), manifest_of("0.2.0", CONTENTS), CONTENTS)
    before = device.snapshot()
    with pytest.raises(UpdateRefused, match="another key") as told:
        device.take(bundle)
    assert told.value.kind == "signature"
    assert device.snapshot() == before


@pytest.mark.parametrize(("more", "kind"), [({"arch": "x86_64"}, "machine"), ({"python": "3.12"}, "python")])
def test_another_machine(tmp_path: Path, more: dict[str, Any], kind: str) -> None:
    device = Device(tmp_path)
    before = device.snapshot()
    with pytest.raises(UpdateRefused) as told:
        device.take(device.bundle("0.2.0", **more))
    assert told.value.kind == kind
    assert told.value.hint is not None and "-aarch64-cp313.bundle" in told.value.hint.vi
    assert device.snapshot() == before


def test_no_room_is_said_with_numbers_and_changes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    device = Device(tmp_path)
    before = device.snapshot()
    monkeypatch.setattr("shutil.disk_usage", lambda _path: SimpleNamespace(free=100_000_000))
    with pytest.raises(AgentError, match=r"needs 1417 MB .*; 1317 MB are missing"):
        device.take(device.bundle("0.2.0", installed_bytes=1_000_000_000))
    assert device.snapshot() == before


def test_the_version_before_the_running_one_makes_room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    device = Device(tmp_path)
    device.take(device.bundle("0.2.0"))
    device.course().resume()
    (device.place.folder(OLD) / "large").write_bytes(b"x" * 2_000_000)
    monkeypatch.setattr("shutil.disk_usage", lambda _path: SimpleNamespace(free=67_000_000))
    device.take(device.bundle("0.3.0", installed_bytes=1_000_000))
    assert not device.place.folder(OLD).exists()


def test_the_same_version_is_no_update(tmp_path: Path) -> None:
    device = Device(tmp_path)
    bundle = device.bundle("0.2.0")
    device.take(bundle)
    device.course().resume()
    with pytest.raises(UpdateRefused, match="runs already") as told:
        device.take(bundle)
    assert told.value.kind == "same"


@pytest.mark.parametrize(
    "wrong",
    [
        {"version": "1.2"}, {"version": "1.2.3-4"}, {"version": "../1.2.3"}, {"version": "01.2.3"}, {"arch": "mips"},
        {"schema": "camera-agent-bundle/9"}, {"name": "other"}, {"surprise": 1}, {"files": []}, {"installed_bytes": 0},
        {"installed_bytes": "1"},
    ],
    ids=str,
)  # fmt: skip
def test_a_signed_manifest_is_still_read_with_care(tmp_path: Path, wrong: dict[str, object]) -> None:
    device = Device(tmp_path)
    import json  # noqa: PLC0415

    from agent.update.tar import pack  # noqa: PLC0415

    told = json.loads(manifest_of("0.2.0", CONTENTS).data()) | wrong
    data = json.dumps(told).encode()
    bundle = tmp_path / "signed.bundle"
    pack(data, device.signer.sign(data), [], bundle)
    before = device.snapshot()
    with pytest.raises(UpdateRefused):
        device.take(bundle)
    assert device.snapshot() == before


BAD_PATHS = (
    "../x", "/x", "a/../b", "a//b", ".hidden", "a/.b", "-rf", "a b", "a/b/c/d/e", "x\n", "é", "", "a/", MANIFEST,
    SIGNATURE,
)  # fmt: skip


@pytest.mark.parametrize("path", BAD_PATHS)
def test_no_path_leads_out_of_the_bundle(path: str) -> None:
    good = manifest_of("0.2.0", CONTENTS).data()
    import json  # noqa: PLC0415

    told = json.loads(good)
    read_manifest(good)
    told["files"][0]["path"] = path
    with pytest.raises(UpdateRefused):
        read_manifest(json.dumps(told).encode())


@pytest.mark.parametrize("paths", [("a", "A"), ("a", "a/b"), ("a", "a")])
def test_no_two_files_meet(paths: tuple[str, str]) -> None:
    import json  # noqa: PLC0415

    told = json.loads(manifest_of("0.2.0", CONTENTS).data())
    told["files"][0]["path"], told["files"][1]["path"] = paths
    with pytest.raises(UpdateRefused):
        read_manifest(json.dumps(told).encode())


def test_the_model_must_be_among_the_files() -> None:
    contents = CONTENTS | {"model/m.onnx": b"m"}
    manifest = manifest_of("0.2.0", contents, model=model_of(contents, "model/m.onnx"))
    assert read_manifest(manifest.data()) == manifest
    with pytest.raises(ValueError, match="none of the files"):
        manifest_of("0.2.0", CONTENTS, model=model_of(contents, "model/m.onnx"))


def test_a_bundle_that_changes_between_the_look_and_the_unpacking_is_not_installed(tmp_path: Path) -> None:
    device = Device(tmp_path)
    bundle = device.bundle("0.2.0")

    def say(text: object) -> None:
        if "Installing" in str(text):
            one_byte_changed_in_place(bundle)

    from agent.update.take import Wish, take  # noqa: PLC0415

    with pytest.raises(UpdateRefused, match="another hash"):
        take(Wish(bundle), device.place, device.course(), MAKING, say)
    assert device.runs == "0.1.0"
    assert [folder.name for folder in device.place.versions.iterdir()] == ["0.1.0-00000000"]


def one_byte_changed_in_place(path: Path) -> None:
    with path.open("r+b") as file:
        file.seek(path.read_bytes().index(CONTENTS["wheels/agent.whl"], 3000))
        file.write(b"X")


def test_a_disk_that_fills_up_while_it_is_made_leaves_the_old_version(tmp_path: Path) -> None:
    device = Device(tmp_path)

    def full(folder: Path, manifest: Manifest) -> None:
        fake_make(folder, manifest)
        raise OSError(28, "No space left on device", str(folder))

    with pytest.raises(OSError, match="No space"):
        device.take(device.bundle("0.2.0"), Making(full, MAKING.accepts, "aarch64", "3.13"))
    assert [folder.name for folder in device.place.versions.iterdir()] == ["0.1.0-00000000"]
