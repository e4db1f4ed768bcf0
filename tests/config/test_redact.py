from pathlib import Path

import pytest

from agent.config.load import load_config
from agent.config.redact import config_hash, public_address
from tests.config.files import MINIMAL


def hash_of(text: str, directory: Path) -> str:
    path = directory / "config.yaml"
    path.write_text(text, encoding="utf-8")
    return config_hash(load_config(path))


def test_the_hash_is_of_the_settings_and_not_of_the_layout(tmp_path: Path) -> None:
    plain = hash_of(MINIMAL, tmp_path)
    assert len(plain) == 64
    assert hash_of("# a comment\n" + MINIMAL.replace("ward: phuong-1", "ward: 'phuong-1'"), tmp_path) == plain
    assert hash_of(MINIMAL + "health: {interval: 1m}\n", tmp_path) == plain  # the default, written out
    assert hash_of(MINIMAL + "health: {interval: 2m}\n", tmp_path) != plain
    assert hash_of(MINIMAL.replace("0.9, 1.0", "0.9, 0.99"), tmp_path) != plain


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("rtsp://user:hunter2@1.2.3.4:554/live", "rtsp://***@1.2.3.4:554/live"),
        ("rtsp://user:hun@ter2@1.2.3.4/live", "rtsp://***@1.2.3.4/live"),
        ("rtsp://1.2.3.4/user=admin&password=hunter2&channel=1", "rtsp://1.2.3.4/user=admin&password=***&channel=1"),
        ("rtsp://1.2.3.4/live?token=hunter2", "rtsp://1.2.3.4/live?token=***"),
        ("mqtts://ward:8883", "mqtts://ward:8883"),
        ("/dev/video0", "/dev/video0"),
    ],
)
def test_an_address_is_shown_without_its_password(address: str, shown: str) -> None:
    assert public_address(address) == shown
