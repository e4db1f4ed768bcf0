"""place.py and first-boot.sh, for real, below a folder: killed, damaged, run twice, with secrets that must go."""

import contextlib
import hashlib
import os
import platform
import shutil
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.deploy.small_bundle import small_bundle

ROOT = Path(__file__).parents[2]
PLACE = ROOT / "deploy/first_boot/place.py"
FIRST_BOOT = ROOT / "deploy/first_boot/first-boot.sh"
SYSTEM = f"/usr/sbin:/usr/bin:/sbin:/bin:{os.environ['PATH']}"  # as first-boot.sh looks for programs
SECRET = b"khong-ai-duoc-doc-4711"

pytestmark = pytest.mark.skipif(platform.machine() != "x86_64", reason="the small bundle is for this processor only")


@pytest.fixture(scope="module")
def bundles(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("bundles")
    return {version: small_bundle(folder, version) for version in ("0.1.0", "0.2.0")}


def place(bundle: Path, root: Path, **more: str) -> subprocess.CompletedProcess[str]:
    environ = {"PATH": os.environ["PATH"], "LANG": "C", **more}
    command = (sys.executable, "-I", str(PLACE), str(bundle), "--root", str(root))
    return subprocess.run(command, capture_output=True, text=True, check=False, env=environ, timeout=300)


def copied(laid: Path, root: Path) -> Path:
    """The program that is laid in one root, in another: as if it had been laid there."""
    shutil.copytree(laid / "opt", root / "opt", symlinks=True)
    return root


def test_versions_are_laid_side_by_side_and_what_is_older_than_the_one_before_goes(
    bundles: dict[str, Path], laid: Path, tmp_path: Path
) -> None:
    home = copied(laid, tmp_path) / "opt/camera-agent"
    assert (home / "current").readlink() == (home / "judge").readlink()
    script = home / "current/bin/camera-agent"
    assert script.read_text().startswith("#!/opt/camera-agent/versions/0.1.0-")
    folder = (home / "current").resolve()
    assert (folder / "manifest.json").is_file()
    assert not (folder / "wheels").exists()
    assert any(folder.glob("lib/python3*/site-packages/agent/__pycache__/*.pyc"))
    made = folder.stat().st_mtime_ns
    again = place(bundles["0.1.0"], tmp_path)
    assert again.returncode == 0, again.stderr
    assert folder.stat().st_mtime_ns == made, "nothing is made anew"
    model = tmp_path / "usr/share/camera-agent/ssdlite.onnx"
    assert model.readlink() == Path("/opt/camera-agent/current/model/ssdlite.onnx")
    shutil.copytree(folder, home / "versions/0.0.9-12345678", symlinks=True)
    assert place(bundles["0.2.0"], tmp_path).returncode == 0
    assert [each.name.split("-")[0] for each in sorted((home / "versions").iterdir())] == ["0.1.0", "0.2.0"]


def test_a_model_that_was_put_there_by_hand_stays(bundles: dict[str, Path], laid: Path, tmp_path: Path) -> None:
    copied(laid, tmp_path)
    model = tmp_path / "usr/share/camera-agent/ssdlite.onnx"
    model.parent.mkdir(parents=True)
    model.write_text("my own")
    assert place(bundles["0.1.0"], tmp_path).returncode == 0
    assert not model.is_symlink()
    assert model.read_text() == "my own"


def test_a_damaged_bundle_changes_nothing_that_runs(bundles: dict[str, Path], laid: Path, tmp_path: Path) -> None:
    copied(laid, tmp_path)
    before = (tmp_path / "opt/camera-agent/current").readlink()
    data = bytearray(bundles["0.2.0"].read_bytes())
    at = data.index(b"model 0.2.0")
    data[at] ^= 1
    damaged = tmp_path / "damaged.bundle"
    damaged.write_bytes(data)
    answer = place(damaged, tmp_path)
    assert answer.returncode == 1
    assert "model/ssdlite.onnx in the bundle is damaged" in answer.stderr
    vietnamese = place(damaged, tmp_path, CAMERA_AGENT_LANG="vi")
    assert "bị hỏng" in vietnamese.stderr
    assert (tmp_path / "opt/camera-agent/current").readlink() == before


def test_a_bundle_for_another_machine_is_refused(tmp_path: Path) -> None:
    other = small_bundle(tmp_path, "0.1.0", "aarch64")
    answer = place(other, tmp_path)
    assert answer.returncode == 1
    assert "the bundle is for aarch64" in answer.stderr
    assert not (tmp_path / "opt").exists()


@pytest.mark.fault("card", "kill while a version is laid for the first time")
def test_killed_anywhere_it_begins_anew_and_ends_whole(bundles: dict[str, Path], laid: Path, tmp_path: Path) -> None:
    """Killed three times, each time further on: its wheels, the environment, the program in it."""
    home = copied(laid, tmp_path) / "opt/camera-agent"
    old = (home / "current").readlink()
    command = (sys.executable, "-I", str(PLACE), str(bundles["0.2.0"]), "--root", str(tmp_path))
    for mark in ("pip", "bin/python", "lib/python3*/site-packages/agent"):
        with subprocess.Popen(command, stdout=subprocess.DEVNULL, start_new_session=True) as process:
            while process.poll() is None and not grown(home, mark):
                pass
            os.killpg(process.pid, signal.SIGKILL)
        assert (home / "current").readlink() == old
        assert (home / "current/manifest.json").is_file(), "the old version must stay whole"
    assert place(bundles["0.2.0"], tmp_path).returncode == 0
    assert (home / "current/manifest.json").is_file()
    assert (home / "current").readlink().name.startswith("0.2.0-")


def grown(home: Path, mark: str) -> bool:
    with contextlib.suppress(FileNotFoundError):  # an older half is being removed
        return any(home.glob(f"versions/0.2.0-*/{mark}*"))
    return False


def card(folder: Path, bundle: Path) -> Path:
    """As make-card leaves the boot partition (docs/design/flash.md)."""
    node = folder / "node"
    (node / "secrets").mkdir(parents=True)
    shutil.copy(FIRST_BOOT, folder)
    shutil.copy(bundle, folder)
    digest = hashlib.sha256(bundle.read_bytes()).hexdigest()
    (folder / "card.env").write_text(f"CARD=1\nNODE=node-0012\nBUNDLE={bundle.name}\nBUNDLE_SHA256={digest}\n")
    (node / "config.yaml").write_text("node: {id: node-0012}\n")
    (node / "secrets/camera.password").write_bytes(SECRET)
    (node / "enrol.env").write_text("URL=https://ward.example:9443\n")
    (node / "enrol.token").write_bytes(b"token-" + SECRET)
    orders = ["dir\t0750\troot:camera-agent\t/etc/camera-agent"]
    for name, target in (("config.yaml", "config.yaml"), ("secrets/camera.password", "camera.password")):
        digest = hashlib.sha256((node / name).read_bytes()).hexdigest()
        orders.append(f"file\t0640\troot:camera-agent\t/etc/camera-agent/{target}\t{name}\t{digest}")
    (node / "place.list").write_text("\n".join(orders) + "\n")
    return folder


def first_boot(folder: Path, root: Path) -> subprocess.CompletedProcess[str]:
    environ = {"PATH": os.environ["PATH"], "LANG": "C", "CAMERA_AGENT_ROOT": str(root)}
    command = ("sh", str(folder / "first-boot.sh"))
    return subprocess.run(command, capture_output=True, text=True, check=False, env=environ, timeout=300)


@dataclass(frozen=True)
class Booted:
    """A card's boot partition and the root, after a first boot, and what it said."""

    boot: Path
    root: Path
    said: str


def version_of(python: str) -> tuple[int, ...]:
    said = subprocess.run([python, "-c", "import sys; print(*sys.version_info[:2])"], capture_output=True, check=True)
    return tuple(map(int, said.stdout.split()))


@pytest.fixture(scope="module")
def booted(bundles: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> Booted:
    """A first boot that goes well."""
    if shutil.which("flock") is None:
        pytest.skip("flock is not installed")
    if version_of(shutil.which("python3", path=SYSTEM) or "python3") != sys.version_info[:2]:
        pytest.skip("the bundle is for the Python that runs the tests, and the system has another one")
    folder = tmp_path_factory.mktemp("booted")
    done = first_boot(card(folder / "boot", bundles["0.1.0"]), folder / "root")
    assert done.returncode == 0, done.stdout + done.stderr
    return Booted(folder / "boot", folder / "root", done.stdout + done.stderr)


@pytest.fixture(scope="module")
def laid(booted: Booted, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A root in which the program of 0.1.0 is laid already: what follows takes no time."""
    return copied(booted.root, tmp_path_factory.mktemp("laid"))


def test_a_first_boot_places_all_and_leaves_no_secret(booted: Booted) -> None:
    boot, root = booted.boot, booted.root
    etc = root / "etc/camera-agent"
    assert (etc / "config.yaml").read_text() == "node: {id: node-0012}\n"
    assert (etc / "camera.password").read_bytes() == SECRET
    assert (etc / "camera.password").stat().st_mode & 0o777 == 0o640
    assert (etc / "enrol/enrol.env").read_text() == "URL=https://ward.example:9443\n"
    assert (root / "opt/camera-agent/current/manifest.json").is_file()
    assert not (boot / "node").exists()
    said = (boot / "first-boot.log").read_text(encoding="utf-8-sig")
    assert "READY" in said
    assert "SẴN SÀNG" in said
    for path in (each for each in boot.rglob("*") if each.is_file()):
        assert SECRET not in path.read_bytes(), path.name
    assert SECRET.decode() not in booted.said
    again = first_boot(boot, root)
    assert again.returncode == 0, again.stdout + again.stderr
    assert "already installed" in again.stdout


@pytest.mark.fault("card", "the first boot is cut off while it removes what was secret")
@pytest.mark.skipif(shutil.which("flock") is None, reason="flock is not installed")
def test_cut_off_while_it_removes_it_only_goes_on_removing(bundles: dict[str, Path], tmp_path: Path) -> None:
    boot, root = card(tmp_path / "boot", bundles["0.1.0"]), tmp_path / "root"
    (boot / "node/place.list").unlink()  # the first thing that goes, when all is placed
    (boot / "node/config.yaml").unlink()
    done = first_boot(boot, root)
    assert done.returncode == 0, done.stdout + done.stderr
    assert not (boot / "node").exists()
    assert not (root / "etc/camera-agent").exists()


@pytest.mark.skipif(shutil.which("flock") is None, reason="flock is not installed")
@pytest.mark.parametrize(
    ("broken", "words"),
    [
        ("bundle", "is damaged"),
        ("secret", "node/secrets/camera.password is damaged"),
        ("target", "place.list names /etc/shadow"),
        ("climbs", "place.list names ../card.env"),
        ("verb", "a line of another kind"),
    ],
)
def test_what_is_damaged_is_named_and_node_stays(
    bundles: dict[str, Path], laid: Path, tmp_path: Path, broken: str, words: str
) -> None:
    boot, root = card(tmp_path / "boot", bundles["0.1.0"]), tmp_path / "root" if broken == "bundle" else laid
    orders = boot / "node/place.list"
    if broken == "bundle":
        with (boot / bundles["0.1.0"].name).open("r+b") as file:
            file.seek(3000)
            file.write(b"?")
    elif broken == "secret":
        (boot / "node/secrets/camera.password").write_bytes(b"other")
    else:
        line = {
            "target": f"file\t0640\troot:root\t/etc/shadow\tconfig.yaml\t{'0' * 64}",
            "climbs": f"file\t0640\troot:root\t/etc/camera-agent/x\t../card.env\t{'0' * 64}",
            "verb": "run\t/bin/true",
        }[broken]
        orders.write_text(f"{line}\n")
    done = first_boot(boot, root)
    assert done.returncode == 1
    assert words in done.stdout
    assert words in (boot / "first-boot.log").read_text(encoding="utf-8-sig")
    assert orders.exists()


@pytest.mark.skipif(shutil.which("flock") is None, reason="flock is not installed")
def test_a_link_of_the_services_user_leads_root_nowhere(bundles: dict[str, Path], laid: Path, tmp_path: Path) -> None:
    """The first boot was cut off after the service had begun, and its user has put links where root goes next."""
    boot, outside, data = card(tmp_path / "boot", bundles["0.1.0"]), tmp_path / "etc", laid / "var/lib/camera-agent"
    outside.mkdir(mode=0o711)
    data.mkdir(parents=True, exist_ok=True)
    (data / "tls").symlink_to(outside)
    enrol = laid / "etc/camera-agent/enrol"
    enrol.mkdir(parents=True, exist_ok=True)
    (tmp_path / "shadow").write_text("root")
    for name in ("enrol.token.tmp", "enrol.env", "other"):
        (enrol / name).unlink(missing_ok=True)
        (enrol / name).symlink_to(tmp_path / "shadow")
    (boot / "node/node.key").write_bytes(SECRET)
    digest = hashlib.sha256(SECRET).hexdigest()
    with (boot / "node/place.list").open("a") as orders:
        orders.write("dir\t0700\tcamera-agent:camera-agent\t/var/lib/camera-agent/tls\n")
        orders.write(f"file\t0600\tcamera-agent:camera-agent\t/var/lib/camera-agent/tls/node.key\tnode.key\t{digest}\n")
    done = first_boot(boot, laid)
    assert done.returncode == 0, done.stdout + done.stderr
    assert list(outside.iterdir()) == [] and outside.stat().st_mode & 0o777 == 0o711
    assert (tmp_path / "shadow").read_text() == "root"
    assert (data / "tls/node.key").read_bytes() == SECRET and not (data / "tls").is_symlink()
    assert sorted(path.name for path in enrol.iterdir()) == ["enrol.env", "enrol.token"]
    assert {path.stat().st_mode & 0o777 for path in enrol.iterdir()} == {
        0o640
    } and enrol.stat().st_mode & 0o777 == 0o750


def test_what_roots_own_commands_are_told_is_roots() -> None:
    """systemd hands EnvironmentFile= also to commands that run as root: who can write it is root (LD_PRELOAD)."""
    script = FIRST_BOOT.read_text(encoding="utf-8")
    assert 'own "root:$NAME" "$ENROL"' in script and 'own "$NAME:$NAME"' not in script
    assert "chown -h" in script and script.count("chown ") == 1


@pytest.mark.skipif(shutil.which("shellcheck") is None, reason="shellcheck is not installed")
def test_shellcheck() -> None:
    scripts = [FIRST_BOOT, *((ROOT / "deploy/deb" / name) for name in ("postinst", "prerm", "postrm"))]
    answer = subprocess.run(["shellcheck", *map(str, scripts)], capture_output=True, text=True, check=False)
    assert answer.stdout == ""
