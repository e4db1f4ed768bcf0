"""What cannot become a card that works is refused, and no half of a card is left behind."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from deploy.flash.__main__ import main
from deploy.flash.base import settle
from tests.deploy.flash.conftest import WORDS, made_with
from tests.deploy.flash.stock import Stock, make_bundle, make_image


@pytest.mark.parametrize(
    ("stock_image", "said"),
    [
        (Stock(lib="arm-linux-gnueabihf"), "64-bit"),
        (Stock(machine_id="0123456789abcdef0123456789abcdef\n"), "started before"),
        (Stock(packages=("network-manager",)), "cloud-init"),
    ],
)
def test_an_image_that_would_not_work_is_refused(
    stock: Path, node: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], stock_image: Stock, said: str
) -> None:
    make_image(tmp_path / "other.img", stock_image)
    out = tmp_path / "out" / "card.img"
    bundle = stock / "camera-agent-0.1.0-aarch64-cp313.bundle"
    line = ["--image", str(tmp_path / "other.img"), "--bundle", str(bundle), "--node", str(node), "--out", str(out)]
    assert main(line) == 1
    assert said in capsys.readouterr().err
    assert list(out.parent.iterdir()) == []


def test_a_bundle_for_another_python_and_one_without_room_are_refused(
    stock: Path, node: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out" / "card.img"
    assert main(made_with(stock, "--node", node, "--out", out, python="311")) == 1
    assert "cp313.bundle" in capsys.readouterr().err
    large = make_bundle(tmp_path / "large", size=41_000_000)
    line = ["--image", str(stock / "trixie.img"), "--bundle", str(large), "--node", str(node), "--out", str(out)]
    assert main(line) == 1
    assert "MB free" in capsys.readouterr().err
    assert list(out.parent.iterdir()) == []


@pytest.mark.parametrize("moment", ["base.img", "base.img at the end"])
def test_killed_it_leaves_no_card(stock: Path, node: Path, tmp_path: Path, moment: str) -> None:
    """Killed as soon as it writes, and when only the renaming is left; the next run clears up and ends well."""
    out = tmp_path / "out" / "card.img"
    line = made_with(stock, "--node", node, "--out", out)
    hook = (
        "import os, signal, sys\n"
        "import deploy.flash.order as order, deploy.flash.base as base\n"
        "def die(*_): os.kill(os.getpid(), signal.SIGKILL)\n"
        + ("base._sparse = die\n" if moment == "base.img" else "order.settle = die\n")
        + "from deploy.flash.__main__ import main\nsys.exit(main(sys.argv[1:]))\n"
    )
    done = subprocess.run((sys.executable, "-c", hook, *line), check=False, capture_output=True)
    assert done.returncode == -signal.SIGKILL, done.stderr
    assert not out.exists()
    assert list(out.parent.glob(".make-card-*"))
    assert main(line) == 0
    assert sorted(path.name for path in out.parent.iterdir()) == ["card.img", "card.img.sha256"]


def test_a_full_disk_leaves_no_card(stock: Path, node: Path, tmp_path: Path) -> None:
    """The largest file that may be written ends in the middle of the image: as a full disk, without being root."""
    out = tmp_path / "out" / "card.img"
    limit = f"import resource, sys\nresource.setrlimit(resource.RLIMIT_FSIZE, ({45 << 20}, {45 << 20}))\n"
    hook = limit + "from deploy.flash.__main__ import main\nsys.exit(main(sys.argv[1:]))\n"
    line = made_with(stock, "--node", node, "--out", out)
    done = subprocess.run((sys.executable, "-c", hook, *line), check=False, capture_output=True, text=True)
    assert done.returncode == 1
    assert "no room" in done.stderr
    assert list(out.parent.iterdir()) == []


def test_what_is_not_found_again_is_no_card(
    stock: Path, node: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A disk that loses a bit of the node's files."""

    def lose(image: Path) -> None:
        data = image.read_bytes()
        at = data.find(WORDS[1].encode() + b"\n")
        if at >= 0:
            with image.open("r+b") as file:
                file.seek(at)
                file.write(b"M")
        settle(image)

    monkeypatch.setattr("deploy.flash.card.settle", lose)
    out = tmp_path / "out" / "card.img"
    assert main(made_with(stock, "--node", node, "--out", out)) == 1
    assert "mqtt.password" in capsys.readouterr().err
    assert list(out.parent.iterdir()) == []
