"""The bundle that goes onto a card: whole, and for the system of the image; signed or not."""

from collections.abc import Callable
from pathlib import Path

import pytest

from deploy.flash.bundle import read_bundle
from deploy.flash.refused import CardError
from tests.deploy.flash.stock import make_bundle


def cut(data: bytes) -> bytes:
    return data[: len(data) // 2]


def changed(data: bytes) -> bytes:
    at = data.index(b"exit 0\n")
    return data[:at] + b"exit 1\n" + data[at + 7 :]


def longer(data: bytes) -> bytes:
    return data + b"more"


def beheaded(data: bytes) -> bytes:
    return data[512:]


def emptied(_: bytes) -> bytes:
    return b""


@pytest.mark.parametrize("spoil", [cut, changed, longer, beheaded, emptied], ids=lambda one: one.__name__)
def test_a_bundle_that_is_not_whole_is_refused(tmp_path: Path, spoil: Callable[[bytes], bytes]) -> None:
    bundle = make_bundle(tmp_path)
    assert read_bundle(bundle, "3.13").manifest.version == "0.1.0"
    bundle.write_bytes(spoil(bundle.read_bytes()))
    with pytest.raises(CardError, match="no whole bundle"):
        read_bundle(bundle, "3.13")


def test_a_bundle_for_another_system_is_refused_and_told_which_it_should_be(tmp_path: Path) -> None:
    bundle = make_bundle(tmp_path)
    with pytest.raises(CardError, match="aarch64-cp311"):
        read_bundle(bundle, "3.11")
    with pytest.raises(CardError, match="x86_64-cp313"):
        read_bundle(bundle, "3.13", "x86_64")


def test_a_bundle_that_is_not_there_is_told_in_words(tmp_path: Path) -> None:
    with pytest.raises(CardError, match=r"x\.bundle: "):
        read_bundle(tmp_path / "x.bundle", None)
