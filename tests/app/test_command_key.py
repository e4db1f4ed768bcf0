"""The ward's command key at the start of a whole node."""

from pathlib import Path

import pytest

from deploy.ward import Ward
from tests.app.living import Living, write_config


@pytest.mark.parametrize("content", [None, b"", b"-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n"])
def test_a_node_does_not_start_without_the_key_it_is_to_believe(
    ward: Ward, tmp_path: Path, content: bytes | None
) -> None:
    key = tmp_path / "command-key.pem"
    if content is not None:
        key.write_bytes(content)
    node = Living(write_config(tmp_path, ward, "no-key", commands={"key": str(key)}), tmp_path / "log")
    assert node.process.wait(60) == 78
    assert "commands.key" in node.words() and str(key) in node.words()
    assert "Traceback" not in node.words()
