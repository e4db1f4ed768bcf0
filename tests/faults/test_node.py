"""A whole node whose disk fills up, runs out of inodes or fails, and which is stopped in every way."""

import os
import shutil
import signal
import sqlite3
import subprocess
from collections.abc import Iterator
from pathlib import Path

import av
import pytest

from deploy import assets
from deploy.ward import Ward
from tests.app.living import Ear, Living, write_config
from tests.faults.conftest import name_of
from tests.spool.kills import need_strace

SMALL = {"segment": "1s", "pre_roll": "1s", "post_roll": "1s", "max_clip": "5s", "keep_free": "1MB", "budget": "10MB"}

pytestmark = [
    pytest.mark.skipif(os.environ.get("FAULTS") != "1", reason="each breaks a node for a while; set FAULTS=1"),
    pytest.mark.timeout(300),
]


@pytest.fixture(scope="module", autouse=True)
def material() -> None:
    if assets.find_street_video() is None or assets.find_ssd_model() is None:
        pytest.skip("the street video and the model are not here (make assets)")


@pytest.fixture
def data(tmp_path: Path) -> Iterator[Path]:
    """The node's data directory, a disk of its own: 300 MB and 300 files."""
    directory = tmp_path / "data"
    directory.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=300m,nr_inodes=300", "tmpfs", str(directory)]
    if os.geteuid() != 0 or subprocess.run(mount, check=False, capture_output=True).returncode:
        pytest.skip("a disk of its own needs root")
    yield directory
    subprocess.run(["umount", "-l", str(directory)], check=True)


def fill(blocker: Path) -> None:
    """Take every byte of the disk."""
    with pytest.raises(OSError, match="No space"), blocker.open("wb", buffering=0) as file:
        while True:
            file.write(bytes(65536))


def crowd(directory: Path) -> None:
    """Take every inode of the disk."""
    directory.mkdir()
    for number in range(os.statvfs(directory).f_favail):
        (directory / str(number)).touch()


def check_what_is_kept(data: Path) -> None:
    """Footage plays, databases are whole."""
    for path in (data / "footage").rglob("*.mp4"):
        with av.open(str(path)) as container:
            assert sum(1 for _ in container.decode(video=0)) > 0, path
    for path in (*data.rglob("*.db"), *data.rglob("*.sqlite")):
        assert sqlite3.connect(path).execute("PRAGMA integrity_check").fetchone() == ("ok",), path


def open_faults(ear: Ear) -> set[str]:
    return set(ear.bodies("/health")[-1]["faults"])


@pytest.mark.parametrize(
    "what",
    [
        pytest.param("bytes", marks=pytest.mark.fault("A5", "whole node: somebody else fills the disk")),
        pytest.param("inodes", marks=pytest.mark.fault("A6", "whole node: somebody else takes all inodes")),
    ],
)
def test_a_disk_that_fills_up_while_running(
    ward: Ward, ear: Ear, tmp_path: Path, data: Path, request: pytest.FixtureRequest, what: str
) -> None:
    config = write_config(tmp_path, ward, name_of(request), footage=SMALL)
    node = Living(config, tmp_path / "log")
    try:
        ear.wait(lambda: ear.bodies("/event/") and ear.bodies("/health"))
        (fill if what == "bytes" else crowd)(data / "somebody-else")
        ear.wait(lambda: ear.bodies("/fault/disk_full"))
        so_far = len(ear.bodies("/health"))
        ear.wait(lambda: len(ear.bodies("/health")) > so_far + 2)
        assert (data / "somebody-else").exists()
        (shutil.rmtree if what == "inodes" else os.unlink)(data / "somebody-else")
        ear.wait(lambda: "disk_full" not in open_faults(ear))
        so_far = len(ear.bodies("/event/"))
        ear.wait(lambda: len(ear.bodies("/event/")) > so_far)
    finally:
        assert node.stop() == 0, node.words()
    assert "Traceback" not in node.words()
    check_what_is_kept(data)


@pytest.mark.fault("A4", "whole node: full at the start, with its own data there")
def test_a_disk_that_is_full_at_the_start(
    ward: Ward, ear: Ear, tmp_path: Path, data: Path, request: pytest.FixtureRequest
) -> None:
    config = write_config(tmp_path, ward, name_of(request), footage=SMALL)
    node = Living(config, tmp_path / "log")
    ear.wait(lambda: ear.bodies("/event/"))
    node.kill()
    fill(data / "somebody-else")
    so_far = len(ear.bodies("/health"))
    again = Living(config, tmp_path / "log")
    try:
        ear.wait(lambda: ear.bodies("/fault/disk_full") and len(ear.bodies("/health")) > so_far)
        (data / "somebody-else").unlink()
        ear.wait(lambda: "disk_full" not in open_faults(ear))
    finally:
        assert again.stop() == 0, again.words()
    assert "Traceback" not in again.words()
    check_what_is_kept(data)


@pytest.mark.parametrize(
    "error",
    [
        pytest.param("EIO", marks=pytest.mark.fault("A7", "whole node: EIO on every write, fsync, rename")),
        pytest.param(
            "EROFS", marks=pytest.mark.fault("A8", "whole node: every write says read-only, then works again")
        ),
    ],
)
def test_a_disk_that_fails_while_running_is_told_and_recovers(
    ward: Ward, ear: Ear, tmp_path: Path, request: pytest.FixtureRequest, error: str
) -> None:
    need_strace()
    node = Living(write_config(tmp_path, ward, name_of(request), footage=SMALL), tmp_path / "log")
    calls = "fdatasync,fsync,pwrite64,rename,unlink,mkdir"
    spoiling = ["strace", "-f", "-qq", "-e", f"trace={calls}", "-e", f"inject={calls}:error={error}", "-o", "/dev/null"]
    try:
        ear.wait(lambda: ear.bodies("/event/") and ear.bodies("/health"))
        with subprocess.Popen([*spoiling, "-p", str(node.process.pid)]) as spoiler:
            try:
                ear.wait(lambda: ear.bodies("/fault/storage_error"))
                births, so_far = len(ear.bodies("/birth")), len(ear.bodies("/health"))
                ear.wait(lambda: len(ear.bodies("/health")) > so_far + 4)
                assert len(ear.bodies("/birth")) == births, "the line stayed up"
            finally:
                spoiler.kill()
        so_far = len(ear.bodies("/event/"))
        ear.wait(lambda: "storage_error" not in open_faults(ear) and len(ear.bodies("/event/")) > so_far)
    finally:
        assert node.stop() == 0, node.words()
    assert "Traceback" not in node.words()
    check_what_is_kept(tmp_path / "data")
    revisions = [(body["id"], body["rev"]) for body in ear.bodies("/event/")]
    assert len(revisions) == len(set(revisions)), "nothing is sent twice"


@pytest.mark.fault("A4", "whole node: the very first start on a full disk")
def test_the_first_start_on_a_full_disk_says_so(
    ward: Ward, tmp_path: Path, data: Path, request: pytest.FixtureRequest
) -> None:
    fill(data / "somebody-else")
    node = Living(write_config(tmp_path, ward, name_of(request)), tmp_path / "log")
    assert node.process.wait(60) == 1
    assert "full" in node.words() and str(data) in node.words()
    assert "Traceback" not in node.words()


@pytest.mark.parametrize(
    "signals",
    [(signal.SIGTERM,), (signal.SIGINT,), (signal.SIGHUP,), (signal.SIGTERM, signal.SIGTERM), (signal.SIGPIPE,)],
    ids=lambda signals: "-".join(one.name for one in signals),
)
@pytest.mark.fault("G42", "whole node: SIGTERM, SIGINT, SIGHUP, twice SIGTERM, SIGPIPE")
def test_stopped_in_every_way(
    ward: Ward, ear: Ear, tmp_path: Path, request: pytest.FixtureRequest, signals: tuple[signal.Signals, ...]
) -> None:
    node = Living(write_config(tmp_path, ward, name_of(request)), tmp_path / "log")
    ear.wait(lambda: ear.bodies("/event/"))
    for one in signals:
        node.process.send_signal(one)
    assert (node.stop() if signals == (signal.SIGPIPE,) else node.process.wait(60)) == 0
    ear.wait(lambda: ear.bodies("/availability")[-1]["state"] == "stopped")
    assert "Traceback" not in node.words()
    check_what_is_kept(tmp_path / "data")
