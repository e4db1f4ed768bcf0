"""Signatures made by the real minisign are taken, and nothing else is."""

import shutil
import subprocess
from pathlib import Path

import pytest

from agent.update.minisign import parse_keys, read_keys, verify
from agent.update.refused import UpdateRefused
from tests.update.signing import Signer

CONTENT = b'{"version": "1.2.3"}\n' * 40
needs_minisign = pytest.mark.skipif(shutil.which("minisign") is None, reason="minisign is not installed")


def make_keys(folder: Path) -> tuple[Path, Path]:
    public, secret = folder / "minisign.pub", folder / "minisign.key"
    subprocess.run(["minisign", "-G", "-W", "-p", public, "-s", secret], check=True, capture_output=True)
    return public, secret


def sign(content: Path, secret: Path, *options: str) -> bytes:
    command: list[str | Path] = [
        "minisign",
        "-S",
        "-s",
        secret,
        "-m",
        content,
        "-t",
        "camera-agent 1.2.3, đã kiểm thử",
        *options,
    ]
    subprocess.run(command, check=True, capture_output=True, input=b"\n")
    return content.with_name(content.name + ".minisig").read_bytes()


@needs_minisign
@pytest.mark.parametrize("options", [(), ("-H",)], ids=["default", "prehashed"])
def test_signatures_of_the_real_tool_are_taken(tmp_path: Path, options: tuple[str, ...]) -> None:
    public, secret = make_keys(tmp_path)
    (tmp_path / "manifest.json").write_bytes(CONTENT)

    signature = sign(tmp_path / "manifest.json", secret, *options)

    assert verify(CONTENT, signature, read_keys(public)) == "camera-agent 1.2.3, đã kiểm thử"
    with pytest.raises(UpdateRefused, match="changed after"):
        verify(CONTENT + b" ", signature, read_keys(public))


@needs_minisign
def test_the_older_kind_is_refused(tmp_path: Path) -> None:
    public, secret = make_keys(tmp_path)
    (tmp_path / "manifest.json").write_bytes(CONTENT)
    signature = sign(tmp_path / "manifest.json", secret, "-l")
    with pytest.raises(UpdateRefused, match="cannot be read"):
        verify(CONTENT, signature, read_keys(public))


@needs_minisign
def test_our_own_signatures_of_the_tests_are_good_for_the_real_tool(tmp_path: Path) -> None:
    signer = Signer()
    (tmp_path / "a").write_bytes(CONTENT)
    (tmp_path / "a.minisig").write_bytes(signer.sign(CONTENT))
    (tmp_path / "key.pub").write_bytes(signer.public)
    subprocess.run(
        ["minisign", "-V", "-p", tmp_path / "key.pub", "-m", tmp_path / "a"], check=True, capture_output=True
    )


def test_each_byte_of_a_signature_counts_but_of_the_comment_that_nobody_trusts() -> None:
    signer = Signer()
    signature = signer.sign(CONTENT)
    assert verify(CONTENT, signature, parse_keys(signer.public)) == "a test"
    lines = signature.split(b"\n")
    verify(CONTENT, b"\n".join([lines[0] + b", changed", *lines[1:]]), parse_keys(signer.public))
    start = len(lines[0]) + 1
    for index in range(start, len(signature) - 1):
        wrong = bytearray(signature)
        wrong[index] ^= 1
        with pytest.raises(UpdateRefused):
            verify(CONTENT, bytes(wrong), parse_keys(signer.public))


def test_another_key_is_named() -> None:
    signer, other = Signer(), Signer()
    with pytest.raises(UpdateRefused, match=other.name) as told:
        verify(CONTENT, other.sign(CONTENT), parse_keys(signer.public))
    assert told.value.kind == "signature"


def test_two_keys_may_be_trusted_while_one_takes_over_from_the_other() -> None:
    old, new = Signer(), Signer()
    both = parse_keys(old.public + new.public)
    assert [key.name for key in both] == [old.name, new.name]
    verify(CONTENT, old.sign(CONTENT), both)
    verify(CONTENT, new.sign(CONTENT), both)


def test_a_signature_under_the_id_of_a_trusted_key_is_not_enough() -> None:
    signer = Signer()
    with pytest.raises(UpdateRefused, match="changed after"):
        verify(CONTENT, Signer(key_id=signer.id).sign(CONTENT), parse_keys(signer.public))


@pytest.mark.parametrize("data", [b"", b"untrusted comment: x\n", b"\xff", b"RW\n", b"A" * 5000])
def test_damaged_key_files_are_refused(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "key").write_bytes(data)
    with pytest.raises(UpdateRefused) as told:
        read_keys(tmp_path / "key")
    assert told.value.kind == "key"


def test_a_missing_key_file_says_where_it_belongs(tmp_path: Path) -> None:
    with pytest.raises(UpdateRefused, match="cannot be read") as told:
        read_keys(tmp_path / "none")
    assert told.value.hint is not None and "install" in told.value.hint.vi
