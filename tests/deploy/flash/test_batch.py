"""Many cards of one table, cards on devices, install bundles: what is told, what is kept, what is refused."""

import csv
import hashlib
import json
import os
import re
import tarfile
from pathlib import Path

import pytest

from agent.i18n import Text
from deploy.fetch import Progress
from deploy.flash.__main__ import main
from deploy.flash.batch import INDEX, one_after_the_other, secrets_on
from deploy.flash.compose import compose
from deploy.flash.device import HEAD, device_in, refuse, told, write
from deploy.flash.folder import Facts, node_files
from deploy.flash.order import Planned, Ready, make_one, planned
from deploy.flash.reading import read_node, read_table
from deploy.flash.refused import CardError
from deploy.flash.secret import Secrets, new_secrets
from tests.deploy.flash.conftest import made_with

COMMON = """server: {mqtt: [mqtts://ward.example:8883]}
retention_days: 30
household: true
contact: 028 3829 1234
"""


def table(folder: Path, count: int) -> list[str]:
    """`--node` and `--csv` of so many nodes."""
    (folder / "common.yaml").write_text(COMMON)
    rows = [f"node-{number},phuong-1,=Chợ {number},Nhà {number},wifi-canary-{number}" for number in range(1, count + 1)]
    header = "node.id,node.ward,node.label,wifi.ssid,wifi.password"
    (folder / "nodes.csv").write_text("\n".join((header, *rows)) + "\n")
    return ["--csv", str(folder / "nodes.csv"), "--node", str(folder / "common.yaml")]


def test_three_nodes_and_an_interrupted_run_goes_on(
    stock: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "cards"
    line = made_with(stock, *table(tmp_path, 3), "--out-dir", out)
    count = 0

    def two(plan: Planned, ready: Ready, secrets: Secrets, image: Path) -> str:
        nonlocal count
        count += 1
        if count == 3:
            raise KeyboardInterrupt
        return make_one(plan, ready, secrets, image)

    monkeypatch.setattr("deploy.flash.batch.make_one", two)
    assert main(line) == 130
    assert sorted(path.name for path in out.glob("*.img")) == ["node-1.img", "node-2.img"]
    first = {name: (out / name).read_bytes() for name in ("node-1.img", "node-2.img")}
    monkeypatch.setattr("deploy.flash.batch.make_one", make_one)
    assert main(line) == 0
    assert {name: (out / name).read_bytes() for name in first} == first
    with (out / INDEX).open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["node"] for row in rows] == ["node-1", "node-2", "node-3"]
    assert [row["row"] for row in rows] == ["nodes.csv:2", "nodes.csv:3", "nodes.csv:4"]
    assert rows[0]["label"] == "'=Chợ 1"  # a spreadsheet would compute it
    for row in rows:
        assert hashlib.sha256((out / row["image"]).read_bytes()).hexdigest() == row["sha256"]
    drawn = [secrets_on(out / row["image"]) for row in rows]
    words = [word for each in drawn if each for word in (each.setup, each.household, each.hotspot)]
    assert len(set(words)) == 9
    shown = capfd.readouterr()
    seen = shown.out + shown.err + (out / INDEX).read_text("utf-8-sig")
    assert not [word for word in (*words, "wifi-canary") if word in seen]
    # what a node is made of has changed: its card is made anew, the others stay
    (tmp_path / "nodes.csv").write_text((tmp_path / "nodes.csv").read_text().replace("wifi-canary-2", "wifi-canary-9"))
    assert main(line) == 0
    assert (out / "node-1.img").read_bytes() == first["node-1.img"]
    assert (out / "node-2.img").read_bytes() != first["node-2.img"]


def test_three_hundred_nodes_share_no_secret(tmp_path: Path) -> None:
    arguments = table(tmp_path, 300)
    facts = Facts("cloud-init", "trixie", "3.13", "b.bundle", "0" * 64, "2026-11-22T00:00:00Z")
    words: set[str] = set()
    for source in read_table(Path(arguments[1]), Path(arguments[3])):
        secrets = new_secrets()
        files = {each.path: each.data for each in node_files(source, compose(source), secrets, facts)}
        for name in ("setup", "household"):
            words.add(files[f"camera-agent/node/secrets/{name}.code"].decode().strip())
        for name in ("wifi", "hotspot"):
            keyfile = files[f"camera-agent/node/{name}/camera-agent-{name}.nmconnection"].decode()
            words.add(re.findall("^psk=(.*)$", keyfile, re.MULTILINE)[0])
    assert len(words) == 4 * 300


def test_mistakes_of_all_rows_come_before_anything_is_written(
    stock: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = table(tmp_path, 3)
    path = tmp_path / "nodes.csv"
    path.write_text(path.read_text().replace("wifi-canary-2", "x").replace("node-3,", "Node_3,"))
    out = tmp_path / "cards"
    assert main(made_with(stock, *arguments, "--out-dir", out)) == 78
    said = capsys.readouterr().err
    assert "nodes.csv:3:5: wifi.password" in said and "nodes.csv:4:1: node.id" in said
    assert not out.exists()


def test_a_disk_without_room_for_all_is_told_before_the_first(
    stock: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("deploy.flash.batch.SPARE", 1 << 60)
    out = tmp_path / "cards"
    assert main(made_with(stock, *table(tmp_path, 2), "--out-dir", out)) == 1
    assert "--device" in capsys.readouterr().err
    assert list(out.iterdir()) == []


LSBLK = {
    "name": "sda", "path": "/dev/sda", "type": "disk", "size": 31_914_983_424, "model": "Card Reader ", "tran": "usb",
    "ro": False, "rm": True, "hotplug": True, "mountpoints": [None], "fstype": None, "label": None,
    "children": [
        {"name": "sda1", "type": "part", "size": 536_870_912, "mountpoints": [None], "label": "bootfs"},
    ],
}  # fmt: skip


def listed(**change: object) -> str:
    return json.dumps({"blockdevices": [{**LSBLK, **change}]})


def test_a_card_is_shown_before_it_is_written() -> None:
    device = device_in(listed())
    refuse(device, 3_000_000_000)
    said = told(device).en
    assert all(word in said for word in ("/dev/sda", "Card Reader", "31.9 GB", "sda1", "bootfs"))
    assert "BUILT IN" in told(device_in(listed(rm=False, hotplug=False, tran="nvme"))).en


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"type": "part"}, "part of a device"),
        ({"ro": True}, "read-only"),
        ({"size": 1_000_000_000}, "needs 3000 MB"),
        ({"size": 4_000_000_000_000}, "larger than any"),
        ({"mountpoints": ["/data"]}, "in use"),
        ({"children": [{"name": "sda1", "type": "part", "size": 1, "mountpoints": ["/boot"]}]}, "/boot"),
        ({"children": [{"name": "sda2", "type": "part", "size": 1, "mountpoints": ["[SWAP]"]}]}, "SWAP"),
        (
            {"children": [{"name": "a", "type": "part", "size": 1, "mountpoints": [],
                           "children": [{"name": "vg-root", "type": "lvm", "size": 1, "mountpoints": [None]}]}]},
            "lvm",
        ),
    ],
)  # fmt: skip
def test_what_must_not_be_overwritten_is_refused(change: dict[str, object], words: str) -> None:
    with pytest.raises(CardError) as caught:
        refuse(device_in(listed(**change)), 3_000_000_000)
    assert words in str(caught.value.text.en)


def image(tmp_path: Path, size: int = 5 * HEAD + 777) -> Path:
    path = tmp_path / "card.img"
    path.write_bytes(os.urandom(size))
    return path


def test_a_card_is_written_and_read_back(tmp_path: Path) -> None:
    source, target = image(tmp_path), tmp_path / "sdx"
    target.write_bytes(b"\xff" * (12 * HEAD))
    assert write(source, target, Progress(quiet=True)) == hashlib.sha256(source.read_bytes()).hexdigest()
    assert target.read_bytes()[: source.stat().st_size] == source.read_bytes()


def test_a_card_cut_off_in_the_middle_starts_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source, target = image(tmp_path), tmp_path / "sdx"
    target.write_bytes(source.read_bytes())  # an older card, which would start

    class Cut(Exception):
        pass

    def cut(*_: object) -> None:
        raise Cut

    monkeypatch.setattr("deploy.flash.device._read_back", cut)
    with pytest.raises(Cut):
        write(source, target, Progress(quiet=True))
    assert target.read_bytes()[:HEAD] == bytes(HEAD)


def test_a_forged_card_and_one_that_forgets_are_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source, target = image(tmp_path), tmp_path / "sdx"
    target.write_bytes(bytes(64 * HEAD))
    write_there, read_there = os.pwrite, os.pread
    with monkeypatch.context() as patch:  # 8 MB that say they were 64: high addresses fold onto low ones
        patch.setattr("os.pwrite", lambda card, data, at: write_there(card, data, at % (8 * HEAD)))
        patch.setattr("os.pread", lambda card, count, at: read_there(card, count, at % (8 * HEAD)))
        with pytest.raises(CardError, match="less room"):
            write(source, target, Progress(quiet=True))

    def forgets(card: int, data: bytes, at: int) -> int:
        return write_there(card, bytes(len(data)) if at == 3 * HEAD else data, at)

    monkeypatch.setattr("deploy.flash.device.PIECE", HEAD)
    monkeypatch.setattr("os.pwrite", forgets)
    with pytest.raises(CardError, match="near 3 MB"):
        write(source, target, Progress(quiet=True))
    assert target.read_bytes()[:HEAD] == bytes(HEAD)


def test_a_file_is_no_device(stock: Path, node: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    target = tmp_path / "sdx"
    target.write_bytes(b"precious")
    line = made_with(stock, "--node", node, "--device", target, "--yes-erase", "sdx", "--out-dir", tmp_path / "w")
    assert main(line) == 1
    assert "no memory card" in capsys.readouterr().err
    assert target.read_bytes() == b"precious"


def test_one_after_the_other_asks_again_and_can_be_stopped(tmp_path: Path) -> None:
    arguments = table(tmp_path, 4)
    plans = [planned(source) for source in read_table(Path(arguments[1]), Path(arguments[3]))]
    answers = iter(["", "", "", "s", "q"])  # the 1st fails, is tried again; the 2nd is left out; stop at the 3rd
    tried: list[str] = []

    def make(plan: Planned) -> str:
        tried.append(plan.id)
        if len(tried) == 1:
            raise CardError(Text(en="worn out", vi="đã hỏng"))
        return "sum"

    done = one_after_the_other(plans, make, lambda _: next(answers))
    assert tried == ["node-1", "node-1"]
    assert [(plan.id, told_sum) for plan, told_sum in done] == [("node-1", "sum")]


def test_an_install_bundle_is_the_folder_of_a_card(stock: Path, node: Path, tmp_path: Path) -> None:
    out = tmp_path / "jetson.tar"
    bundle = stock / "camera-agent-0.1.0-aarch64-cp311.bundle"
    assert main(["--quiet", "--jetson", str(out), "--bundle", str(bundle), "--node", str(node)]) == 0
    assert out.stat().st_mode & 0o777 == 0o600
    with tarfile.open(out) as tar:
        names = tar.getnames()
        tar.extractall(tmp_path / "there", filter="data")
    folder = tmp_path / "there" / "camera-agent"
    assert {f"camera-agent/{name}" for name in ("first-boot.sh", "card.env", "node/place.list", bundle.name)} <= set(
        names
    )
    assert not {"user-data", "cmdline.txt"} & set(names)
    facts = dict(line.split("=", 1) for line in (folder / "card.env").read_text().splitlines())
    assert (facts["FAMILY"], facts["PYTHON"], facts["BUNDLE"]) == ("jetson", "3.11", bundle.name)
    assert (folder / bundle.name).read_bytes() == bundle.read_bytes()
    assert read_node(node).wanted.node.id == facts["NODE"]


@pytest.mark.parametrize(
    "line",
    [
        [],
        ["--node", "n.yaml"],
        ["--node", "n.yaml", "--bundle", "b", "--image", "i"],
        ["--node", "n.yaml", "--bundle", "b", "--image", "i", "--out", "o", "--device", "/dev/x"],
        ["--csv", "n.csv", "--bundle", "b", "--image", "i", "--out", "o"],
        ["--csv", "n.csv", "--bundle", "b", "--image", "i", "--device", "/dev/x", "--yes-erase", "x"],
        ["--node", "n.yaml", "--bundle", "b", "--image", "i", "--out", "o", "--sha256", "abc"],
        ["--csv", "n.csv", "--bundle", "b", "--jetson", "o"],
    ],
)
def test_a_command_line_that_makes_no_sense_is_told_in_vietnamese(
    line: list[str], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CAMERA_AGENT_LANG", "vi")
    with pytest.raises(SystemExit) as caught:
        main(line)
    assert caught.value.code == 2
    assert "lỗi:" in capsys.readouterr().err
