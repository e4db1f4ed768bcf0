"""`camera-agent wipe --all`: nothing about the household is left, whenever it is killed; a paper says what was done."""

import contextlib
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from agent.app.erase import ALL, IDENTITY
from agent.contract.commands import ResponseMessage
from agent.errors import StorageError
from agent.evidence.public import parse_public
from agent.retire import PLACES, WIFI, Hit, Needles, Records, scrub, search
from agent.retire.places import found
from agent.retire.scan import PIECE
from deploy.ward import Ward
from tests.app.living import ROOT, Ear
from tests.retire.conftest import CODE, FOREIGN, NODE, PASSWORD, PSK, Laid, lay

QUICK = ("--yes", NODE, "--without-telling")
EVERY = 5 if os.environ.get("FAULTS") == "1" else 61  # of the steps at which it is killed


def paper(laid: Laid) -> str:
    return (laid.root / f"boot/firmware/camera-agent-erased-{NODE}.txt").read_text(encoding="utf-8")


def test_everything_goes_and_what_is_not_ours_stays(laid: Laid) -> None:
    done = laid.wipe("--all", *QUICK)
    assert (done.returncode, done.stderr) == (0, "")
    assert laid.left() == []
    for name, text in FOREIGN.items():
        assert (laid.root / name).read_text(encoding="utf-8") == text
    assert sorted(path.name for path in laid.data.iterdir()) == ["holiday.txt", "lock"]
    assert not (laid.root / "var/lib/camera-agent-wipe").exists()
    assert "none was found" in done.stdout and "Traceback" not in done.stdout
    for secret in (PSK, PASSWORD, CODE):
        assert secret not in done.stdout + paper(laid)
    again = laid.wipe("--resume")
    assert (again.returncode, again.stdout) == (0, "nothing was begun\n")


def test_the_certificate_is_signed_by_the_key_that_went(laid: Laid) -> None:
    public = parse_public((laid.root / "device.pub").read_text(encoding="ascii"))
    laid.wipe("--all", *QUICK)
    told = paper(laid).splitlines()
    (data,) = [line.removeprefix("Dữ liệu: ") for line in told if line.startswith("Dữ liệu: ")]
    (signed,) = [line for line in told if line.startswith("Ký bằng khoá thiết bị ")]
    fingerprint, signature = signed.removeprefix("Ký bằng khoá thiết bị ").split(": ")
    assert fingerprint == public.fingerprint and public.verifies(data.encode(), signature)
    assert not public.verifies(data.replace("node-7", "node-8").encode(), signature)
    fields = json.loads(data)
    assert fields["node"] == NODE and fields["found_again"] == [] and fields["interruptions"] == 0
    assert set(fields["files"]) == {"data", WIFI.name, *(place.name for place in PLACES)}
    assert min(fields["files"].values()) > 0 and fields["searched_secrets"] >= 3


def test_a_key_that_no_setting_names_is_looked_for_too(laid: Laid) -> None:
    line = "cAnArYkeyMIGHAgEAMBMGByqGSM49AgEGCCqGSM49"
    spare = laid.data / "tls" / "node.key.next"
    spare.write_text(f"-----BEGIN PRIVATE KEY-----\n{line}\n-----END PRIVATE KEY-----\n", encoding="ascii")
    (laid.root / "home/pi/copy.txt").write_text(line, encoding="ascii")
    done = laid.wipe("--all", *QUICK)
    assert done.returncode == 1 and "STILL FOUND: a private key" in done.stdout


CHILD = """
import os, sys
import agent.retire.scrub as scrub, agent.app.erase as erase
left = int(sys.argv[1])
def counted(work):
    def run(*args, **kwargs):
        global left
        left -= 1
        if left < 0:
            os._exit(9)
        return work(*args, **kwargs)
    return run
erase._unlink, erase._rmdir = counted(erase._unlink), counted(erase._rmdir)
os.fsync, os.replace, os.pwrite = counted(os.fsync), counted(os.replace), counted(os.pwrite)
from pathlib import Path
Path.unlink, os.unlink, os.rmdir = counted(Path.unlink), counted(os.unlink), counted(os.rmdir)
from agent.cli import main
sys.exit(main(sys.argv[2:]))
"""


@pytest.mark.fault("A1", "kill while the whole device is being erased")
def test_killed_anywhere_the_next_start_ends_it(tmp_path: Path) -> None:
    step = killed = 0
    while True:
        laid = lay(tmp_path / str(step))
        first = child(step, laid, "--all", *QUICK)
        if first == 0:
            break
        assert first == 9
        killed += 1
        if Records(laid.root).read() is None:  # before the first word of it was on the disk, or after the last
            assert len(laid.left()) > 20 or laid.left() == [], (step, laid.left())
        else:
            assert child(10**6, laid, "--resume", "--without-telling") == 0
            assert laid.left() == [], (step, laid.left())
            assert "bị ngắt" in paper(laid), "what was cut off could not be searched for, and says so"
        assert (laid.data / "holiday.txt").exists()
        step += EVERY
    assert killed >= 3


def child(steps: int, laid: Laid, *arguments: str) -> int:
    told = ("wipe", "--root", str(laid.root), "--config", str(laid.config), *arguments)
    env = {**os.environ, "CAMERA_AGENT_LANG": "vi"}
    command = [sys.executable, "-c", CHILD, str(steps), *told]
    return subprocess.run(command, cwd=ROOT, env=env, check=False, capture_output=True).returncode


def test_it_asks_for_the_nodes_name(laid: Laid) -> None:
    before = laid.left()
    for more in (("--yes", "node-8"), ()):
        refused = laid.wipe("--all", *more)
        assert refused.returncode == 1 and NODE in refused.stderr, refused.stderr
    assert laid.left() == before and Records(laid.root).read() is None


def test_a_configuration_of_another_device_erases_nothing(laid: Laid, tmp_path: Path) -> None:
    other = lay(tmp_path / "other")
    before = other.left()
    mixed = Laid(laid.root, other.config, laid.data)
    refused = mixed.wipe("--all", *QUICK)
    assert refused.returncode == 1 and "another device" in refused.stderr
    assert other.left() == before and len(laid.left()) > 20


def test_what_is_found_again_is_said(laid: Laid) -> None:
    elsewhere = laid.root / "home/pi/router.txt"
    elsewhere.write_text(f"wifi: {PSK}\n", encoding="utf-8")
    done = laid.wipe("--all", *QUICK)
    assert done.returncode == 1 and f"STILL FOUND: a wifi password in {elsewhere}" in done.stdout
    assert PSK not in done.stdout and elsewhere.exists()


def test_a_configuration_that_is_broken_is_no_reason_to_keep_footage(laid: Laid) -> None:
    assert laid.wipe("--all", *QUICK, language="vi").returncode == 0
    other = lay(laid.root.parent / "other")
    first = child(3, other, "--all", *QUICK)
    assert first == 9 and Records(other.root).read() is not None
    other.config.write_text("node: [", encoding="utf-8")
    assert child(10**6, other, "--resume") == 0
    assert other.left() == []


@pytest.mark.real
def test_the_ward_is_told_and_what_it_kept_is_cleared(ward: Ward, tmp_path: Path) -> None:
    ear = Ear(ward, NODE)
    try:
        laid = lay(tmp_path / "device", {"url": f"mqtt://127.0.0.1:{ward.mqtt_port}", "username": None})
        text = laid.config.read_text(encoding="utf-8")
        kept = [line for line in text.splitlines() if "username" not in line and "password_file" not in line]
        laid.config.write_text("\n".join(kept), encoding="utf-8")
        done = laid.wipe("--all", "--yes", NODE)
        assert done.returncode == 0 and "was told" in done.stdout, done.stdout + done.stderr
        ear.wait(lambda: any("/rsp/" in topic for topic, _ in ear.heard))
        (body,) = [payload for topic, payload in ear.heard if "/rsp/" in topic]
        answer = ResponseMessage.model_validate_json(body)
        assert (answer.command, answer.result) == ("wipe", "done")
        assert laid.left() == []
    finally:
        ear.close()


def test_a_secret_across_two_pieces_of_a_file_is_found(tmp_path: Path) -> None:
    from agent.i18n import Text  # noqa: PLC0415

    what = Text(en="a password", vi="mật khẩu")
    path = tmp_path / "var/log/big.log"
    path.parent.mkdir(parents=True)
    path.write_bytes(b"." * (PIECE - 4) + b"hunter2hunter2" + b"." * 100)
    assert list(search(tmp_path, Needles.of([("hunter2hunter2", what)]))) == [Hit(path, what)]
    assert len(Needles.of([("short", what)])) == 0, "what is found anywhere by chance is not looked for"


def test_a_link_is_removed_and_never_followed(tmp_path: Path) -> None:
    outside = tmp_path / "usb"
    outside.mkdir()
    (outside / "film.mp4").write_bytes(b"of somebody")
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "link").symlink_to(outside)
    (folder / "hard").hardlink_to(outside / "film.mp4")
    assert scrub(folder) == 2
    assert (outside / "film.mp4").read_bytes() == b"of somebody" and not folder.exists()


@pytest.mark.parametrize("link", ["etc/camera-agent", "var/log/journal/0123", "var/log/journal", "etc/netplan"])
def test_no_place_leads_out_through_a_link(laid: Laid, tmp_path: Path, link: str) -> None:
    outside = tmp_path / "usb" / "journal"
    outside.mkdir(parents=True)
    (outside / "film.mp4").write_bytes(b"of somebody")
    (outside / "folder").mkdir()
    (outside / "folder/system.journal").write_bytes(b"of somebody")
    place = laid.root / link
    place.rename(tmp_path / "moved")
    place.symlink_to(outside)
    paths = [path for each in (*PLACES, WIFI) for path in found(laid.root, each)]
    assert paths
    for path in paths:
        scrub(path)
    assert {path.read_bytes() for path in outside.rglob("*") if path.is_file()} == {b"of somebody"}
    assert len(list(outside.rglob("*"))) == 3


@pytest.mark.parametrize("when", ["before", "within"])
def test_a_folder_that_becomes_a_link_meanwhile_leads_nowhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, when: str
) -> None:
    outside, folder = tmp_path / "etc", tmp_path / "run/agents"
    outside.mkdir()
    (outside / "shadow").write_bytes(b"root")
    folder.mkdir(parents=True)
    (folder / "shadow").write_bytes(b"mine")
    real = {"before": os.open, "within": os.listdir}[when]

    def exchange(first: object, *rest: object, **options: object) -> object:
        told = None if when == "before" else real(first, *rest, **options)  # type: ignore[operator]
        if folder.is_dir() and not folder.is_symlink() and (when == "within" or first in ("agents", folder)):
            folder.rename(tmp_path / "moved")
            folder.symlink_to(outside)
        return real(first, *rest, **options) if when == "before" else told  # type: ignore[operator]

    monkeypatch.setattr(os, "open" if when == "before" else "listdir", exchange)
    with contextlib.suppress(StorageError):
        scrub(folder)
    assert (outside / "shadow").read_bytes() == b"root"


def test_every_name_that_the_agent_gives_in_its_data_directory_is_known() -> None:
    """Each `data_dir / "NAME"` of the code."""
    import re  # noqa: PLC0415

    written = re.compile(r"(?:data_dir|\bdata|_data|directory) / \"([a-z][a-z0-9._-]*)\"")
    names = {
        name
        for path in (ROOT / "agent/app").rglob("*.py")
        for name in written.findall(path.read_text(encoding="utf-8"))
    }
    assert names, "the code has changed its ways"
    unknown = names - {*ALL, *IDENTITY, "lock", "wipe.json"}
    assert unknown == set()
