from pathlib import Path

from agent.config.digest import config_hash
from agent.config.load import load_config
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
