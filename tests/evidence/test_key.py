import hashlib
import os
import shutil
import stat
import subprocess
from pathlib import Path

import pytest

from agent.errors import Rejected
from agent.evidence.key import next_epoch, open_key, read_key
from agent.evidence.public import PublicKey, parse_public


def test_made_once_and_kept(tmp_path: Path) -> None:
    directory = tmp_path / "evidence"
    assert read_key(directory) is None and not directory.exists()
    key = open_key(directory)
    assert stat.S_IMODE(directory.stat().st_mode) == 0o700
    assert stat.S_IMODE((directory / "device.key").stat().st_mode) == 0o600
    again = open_key(directory)
    assert again.public == key.public
    assert key.public.verifies(b"text", again.sign(b"text"))
    assert not key.public.verifies(b"other", again.sign(b"text"))
    assert not key.public.verifies(b"text", "no base64 at all")
    assert parse_public((directory / "device.pub.pem").read_text(encoding="ascii")) == key.public
    assert open_key(tmp_path / "another").public != key.public


@pytest.mark.real
def test_openssl_reads_both_halves(tmp_path: Path) -> None:
    if shutil.which("openssl") is None:
        pytest.skip("no openssl")
    key = open_key(tmp_path)

    def openssl(*arguments: str) -> bytes:
        return subprocess.run(["openssl", *arguments], check=True, capture_output=True, cwd=tmp_path).stdout

    assert openssl("pkey", "-in", "device.key", "-pubout") == key.public.pem.encode()
    der = openssl("pkey", "-pubin", "-in", "device.pub.pem", "-outform", "DER")
    assert hashlib.sha256(der).hexdigest() == key.public.fingerprint


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o644])
@pytest.mark.fault("evidence", "the key is readable by others")
def test_open_to_others(mode: int, tmp_path: Path) -> None:
    open_key(tmp_path)
    (tmp_path / "device.key").chmod(mode)
    with pytest.raises(Rejected, match=r"chmod 600 .*device\.key") as told:
        open_key(tmp_path)
    assert told.value.code == "evidence_key"


def test_an_open_directory(tmp_path: Path) -> None:
    open_key(tmp_path)
    tmp_path.chmod(0o755)
    with pytest.raises(Rejected, match="chmod 700"):
        open_key(tmp_path)


@pytest.mark.fault("evidence", "the key belongs to another user")
def test_of_another_user(tmp_path: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("giving files away needs root")
    open_key(tmp_path)
    os.chown(tmp_path / "device.key", 65534, 65534)
    with pytest.raises(Rejected, match="chown -R root"):
        open_key(tmp_path)


@pytest.mark.parametrize(
    "content", [b"", b"\0" * 119, b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"]
)
@pytest.mark.fault("evidence", "the key is damaged")
def test_damaged(content: bytes, tmp_path: Path) -> None:
    key = open_key(tmp_path)
    (tmp_path / "device.key").write_bytes(content)
    with pytest.raises(Rejected, match="not the key") as told:
        open_key(tmp_path)
    assert told.value.code == "evidence_key"
    assert (tmp_path / "device.key").read_bytes() == content  # never made anew behind the back
    assert key.public.pem == (tmp_path / "device.pub.pem").read_text(encoding="ascii")


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    open_key(tmp_path / "real")
    (tmp_path / "evidence").mkdir(mode=0o700)
    (tmp_path / "evidence/device.key").symlink_to(tmp_path / "real/device.key")
    with pytest.raises(Rejected):
        open_key(tmp_path / "evidence")


def test_epochs_sort_by_their_begin(tmp_path: Path) -> None:
    epochs = [next_epoch(tmp_path) for _ in range(12)]
    assert epochs == sorted(epochs) and len(set(epochs)) == 12
    (tmp_path / "epoch").write_bytes(b"\xff")
    assert next_epoch(tmp_path) not in epochs


@pytest.mark.parametrize(
    "text", ["", "x", PublicKey(b"\1" * 31).pem, PublicKey(b"\1" * 32).pem.replace("MCow", "MCox")]
)
def test_no_public_key(text: str) -> None:
    with pytest.raises(ValueError):
        parse_public(text)
