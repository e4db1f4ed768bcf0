"""What is printed is read again: the words by ghostscript, the QR codes by OpenCV."""

import os
import subprocess
from pathlib import Path

import cv2
import numpy as np
import pytest

from deploy.fetch import AssetError, Progress
from deploy.flash.__main__ import main
from deploy.flash.folder import Facts
from deploy.flash.labels import Label, print_labels
from deploy.flash.notice import Notice, print_notice, reach
from deploy.flash.order import label_of, planned
from deploy.flash.paper import fonts
from deploy.flash.reading import read_node
from deploy.flash.secret import new_secrets
from tests.deploy.flash.conftest import NODE, has

pytest.importorskip("fpdf")
QUIET = Progress(quiet=True)
MADE_OF = NODE[NODE.index("server:") : NODE.index("household:")]
OWN_CONFIG = """config:
  mqtt: {url: "mqtts://ward.example:8883"}
  cameras: [{id: cong, source: picamera2}]
  retention: {max_days: 30}
  setup: {port: 9443, code_file: /etc/camera-agent/setup.code}
  household: {port: 9444, code_file: /etc/camera-agent/household.code}
"""
GHOSTSCRIPT = pytest.mark.skipif(not has("gs"), reason="ghostscript is not installed")


@pytest.fixture(autouse=True, scope="module")
def _fonts() -> None:
    try:
        fonts(QUIET)
    except AssetError as error:
        pytest.skip(str(error))


def rendered(pdf: Path, device: str, *more: str) -> Path:
    out = pdf.with_suffix(f".{device}")
    options = ("-q", "-dNOPAUSE", "-dBATCH", "-dSAFER", f"-sDEVICE={device}", *more, f"-sOutputFile={out}", str(pdf))
    subprocess.run(("gs", *options), check=True, capture_output=True, timeout=60)
    return out


def words_of(pdf: Path) -> str:
    return " ".join(rendered(pdf, "txtwrite").read_text("utf-8").split())


def codes_of(pdf: Path) -> set[str]:
    picture = cv2.imread(str(rendered(pdf, "png16m", "-r150", "-dLastPage=1")))
    found, told, *_ = cv2.QRCodeDetector().detectAndDecodeMulti(np.asarray(picture))
    assert found
    return {each for each in told if each}


def label(number: int, hotspot: bool = True) -> Label:
    return Label(
        node=f"node-{number:04d}", ward="phuong-ben-thanh", place="Ngã tư chợ Bến Thành", host=f"node-{number:04d}",
        hotspot=f"camera-node-{number:04d}" if hotspot else "", password="acdefghjkmnpqr" if hotspot else "",
        setup_code="123456789012", household_code="", contact=("Công an phường", "028 3829 1234"),
    )  # fmt: skip


@GHOSTSCRIPT
def test_a_label_says_who_and_how_to_get_in(tmp_path: Path) -> None:
    out = tmp_path / "labels.pdf"
    print_labels([label(12)], out, QUIET)
    words = words_of(out)
    for each in ("node-0012", "camera-node-0012", "acdefghjkmnpqr", "1234 5678 9012", "Ngã tư chợ Bến Thành",
                 "https://10.42.0.1:8443/", "Công an phường · 028 3829 1234", "Mật khẩu wifi"):  # fmt: skip
        assert each in words, words
    assert codes_of(out) == {"WIFI:T:WPA;S:camera-node-0012;P:acdefghjkmnpqr;;", "https://10.42.0.1:8443/"}
    assert out.stat().st_mode & 0o777 == 0o600


@GHOSTSCRIPT
def test_without_an_own_wifi_the_label_names_the_node_in_the_home_network(tmp_path: Path) -> None:
    out = tmp_path / "labels.pdf"
    print_labels([label(1, hotspot=False)], out, QUIET)
    words = words_of(out)
    assert "https://node-0001.local:8443/" in words and "10.42.0.1" not in words


@GHOSTSCRIPT
def test_ports_of_the_configuration_are_on_the_label(node: Path, tmp_path: Path) -> None:
    node.write_text(
        node.read_text().replace("household: true\n", "household: true\n" + OWN_CONFIG).replace(MADE_OF, "")
    )
    plan = planned(read_node(node))
    out = tmp_path / "labels.pdf"
    facts = Facts("cloud-init", "trixie", "3.13", "", "", "")
    print_labels([label_of(plan, new_secrets(), facts)], out, QUIET)
    words = words_of(out)
    assert "https://10.42.0.1:9443/" in words and "node-0012.local:9443" in words and "node-0012.local:9444" in words
    assert "https://10.42.0.1:9443/" in codes_of(out)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may give files away")
def test_made_under_sudo_it_belongs_to_who_called_sudo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SUDO_UID", "1234")
    monkeypatch.setenv("SUDO_GID", "2345")
    out = tmp_path / "labels.pdf"
    print_labels([label(1)], out, QUIET)
    assert (out.stat().st_uid, out.stat().st_gid) == (1234, 2345)


def test_three_hundred_labels_are_38_sheets(tmp_path: Path) -> None:
    out = tmp_path / "labels.pdf"
    print_labels([label(number) for number in range(300)], out, QUIET)
    data = out.read_bytes()
    assert b"/Count 38" in data
    assert len(data) < 3_000_000


@GHOSTSCRIPT
def test_the_sign_says_what_the_law_asks(tmp_path: Path) -> None:
    out = tmp_path / "sign.pdf"
    notice = Notice("Giữ gìn an ninh trật tự", "UBND phường Bến Thành", "Công an phường, 028 3829 1234", 30, "Cổng chợ")
    print_notice(notice, out, QUIET)
    words = words_of(out)
    for each in ("KHU VỰC CÓ CAMERA GHI HÌNH", "Giữ gìn an ninh trật tự", "UBND phường Bến Thành", "028 3829 1234",
                 "Tối đa 30 ngày", "Điều 32", "91/2025/QH15", "Camera recording in this area"):  # fmt: skip
        assert each in words, words
    assert codes_of(out) == {"tel:+842838291234"}


def test_the_sign_is_made_of_node_yaml_and_refused_without_its_words(
    node: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out" / "sign.pdf"
    assert main(["--quiet", "--node", str(node), "--notice", str(out)]) == 0
    assert out.read_bytes().startswith(b"%PDF")
    node.write_text("\n".join(line for line in node.read_text().splitlines() if not line.startswith("notice")))
    out.unlink()
    assert main(["--quiet", "--node", str(node), "--notice", str(out)]) == 1
    assert "purpose" in capsys.readouterr().err
    assert not out.exists()


@pytest.mark.parametrize(
    ("contact", "told"),
    [
        ("Công an phường, 028 3829 1234, 24/24", "tel:+842838291234"),
        ("+84 90 123 45 67", "tel:+84901234567"),
        ("https://phuong.example/camera hoặc 028 3829 1234", "https://phuong.example/camera"),
        ("Số 1 đường Lê Lợi", "Số 1 đường Lê Lợi"),
    ],
)
def test_what_a_phone_does_with_the_signs_code(contact: str, told: str) -> None:
    assert reach(contact) == told
