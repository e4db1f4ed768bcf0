"""Authority, certificate and key are exchanged together, whenever the process is killed."""

import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from agent.config.model import TlsSection
from agent.errors import StorageError
from agent.identity.store import CA, CERT, KEY, IdentityStore, Papers
from agent.uplink.tls import client_context
from deploy.ward import Certificates, WardError, issue

ROOT = Path(__file__).parents[2]
NAMES = (CA, CERT, KEY)


def pair(directory: Path, name: str) -> Certificates:
    try:
        return issue(directory / f"ca-{name}", name)
    except WardError as error:
        pytest.skip(str(error))


def papers(made: Certificates) -> Papers:
    return Papers(made.ca.read_bytes(), made.cert.read_bytes(), made.key.read_bytes())


def lay(directory: Path, given: Papers) -> None:
    directory.mkdir(exist_ok=True)
    for name, data in zip(NAMES, (given.ca, given.cert, given.key), strict=True):
        (directory / name).write_bytes(data)
        (directory / name).chmod(0o600)


def there(folder: Path) -> Papers | None:
    """What the names lead to; None when none of them leads anywhere."""
    if not any((folder / name).exists() for name in NAMES):
        return None
    return Papers(*((folder / name).read_bytes() for name in NAMES))


def put(folder: Path, step: str) -> subprocess.CompletedProcess[str]:
    line = (sys.executable, "-m", "tests.identity.store_child", str(folder), step)
    return subprocess.run(line, cwd=ROOT, capture_output=True, text=True, check=False, timeout=60)


@pytest.mark.parametrize("before", ["nothing", "plain", "put"])
@pytest.mark.fault("B25", "kill -9 at each step of exchanging key and certificate")
def test_a_kill_at_any_step_leaves_the_old_or_the_new(tmp_path: Path, before: str) -> None:
    old, new = papers(pair(tmp_path, "old")), papers(pair(tmp_path, "new"))
    lay(tmp_path / "next", new)

    def fresh(name: str) -> Path:
        folder = tmp_path / name
        shutil.rmtree(folder, ignore_errors=True)
        if before == "plain":
            lay(folder, old)
        elif before == "put":
            IdentityStore(folder / CA, folder / CERT, folder / KEY).put(old)
        return folder

    whole = put(fresh("whole"), "never")
    assert whole.returncode == 0, whole.stderr
    assert there(tmp_path / "whole") == new
    steps = list(dict.fromkeys(whole.stdout.split("\n")[:-1]))
    assert {"written", "switched"} <= set(steps)
    seen = set()
    for number, step in enumerate(steps):
        folder = fresh(f"killed-{number}")
        assert put(folder, step).returncode == -signal.SIGKILL
        left = there(folder)
        assert left in (None if before == "nothing" else old, new), step
        seen.add(left == new)
        if left is not None:
            client_context(TlsSection(ca=folder / CA, cert=folder / CERT, key=folder / KEY), "broker_tls")
        assert put(folder, "never").returncode == 0  # and the next try mends what is left over
        assert there(folder) == new
        assert not list(folder.glob(".new-*"))
    assert seen == {True, False}


def test_files_that_somebody_put_beside_are_left_alone(tmp_path: Path) -> None:
    ours, theirs = papers(pair(tmp_path, "ours")), pair(tmp_path, "theirs")
    folder = tmp_path / "tls"
    IdentityStore(theirs.ca, folder / CERT, folder / KEY).put(ours)
    assert not theirs.ca.is_symlink()
    assert (folder / KEY).read_bytes() == ours.key


def test_old_generations_go(tmp_path: Path) -> None:
    ours = papers(pair(tmp_path, "ours"))
    store = IdentityStore(tmp_path / "tls" / CA, tmp_path / "tls" / CERT, tmp_path / "tls" / KEY)
    for _ in range(5):
        store.put(ours)
    assert len([path for path in store.folder.iterdir() if path.name.isdigit()]) == 2


def test_a_renewal_while_a_context_is_made_mixes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The link moves after certificate and before key were looked up: once more, and both are of one time."""
    old, new = papers(pair(tmp_path, "old")), papers(pair(tmp_path, "new"))
    folder = tmp_path / "tls"
    store = IdentityStore(folder / CA, folder / CERT, folder / KEY)
    store.put(old)
    resolve = Path.resolve
    moved: list[bool] = []

    def slow(path: Path, strict: bool = False) -> Path:
        if path == folder / KEY and not moved:
            moved.append(True)
            store.put(new)
        return resolve(path, strict)

    monkeypatch.setattr(Path, "resolve", slow)
    client_context(TlsSection(ca=folder / CA, cert=folder / CERT, key=folder / KEY), "broker_tls")
    assert moved


def test_no_place_for_it_is_told(tmp_path: Path) -> None:
    ours = papers(pair(tmp_path, "ours"))
    with pytest.raises(StorageError) as caught:
        IdentityStore(tmp_path / "no/tls" / CA, tmp_path / "no/tls" / CERT, tmp_path / "no/tls" / KEY).put(ours)
    assert "no/tls" in caught.value.text.en


def test_the_papers_before_come_back(tmp_path: Path) -> None:
    old, new, newer = (papers(pair(tmp_path, name)) for name in ("old", "new", "newer"))
    folder = tmp_path / "tls"
    store = IdentityStore(folder / CA, folder / CERT, folder / KEY)
    store.put(old)
    assert not store.on_trial  # there was nothing before
    store.put(new)
    assert store.on_trial
    store.fall_back()
    assert there(folder) == old and not store.on_trial
    store.put(newer)
    assert there(folder) == newer and store.on_trial
    store.fall_back()
    assert there(folder) == old
    store.put(newer)
    store.accept()
    assert there(folder) == newer and not store.on_trial
