import os
import pickle
from pathlib import Path

import pytest

from agent.config.secrets import Secret, read_secret
from agent.errors import ConfigError


def secret_file(directory: Path, content: bytes, mode: int = 0o600) -> Path:
    path = directory / "password"
    path.write_bytes(content)
    path.chmod(mode)
    return path


@pytest.mark.parametrize(
    ("content", "value"),
    [(b"hunter2", "hunter2"), (b"hunter2\n", "hunter2"), (b"hunter2\r\n", "hunter2"), (b" a b \n", " a b "),
     ("mật khẩu\n".encode(), "mật khẩu"), (b"x" * 4096, "x" * 4096)],
)  # fmt: skip
def test_one_line_break_is_taken_off(content: bytes, value: str, tmp_path: Path) -> None:
    assert read_secret(secret_file(tmp_path, content)).reveal() == value


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o602, 0o610, 0o644, 0o777])
@pytest.mark.fault("B25", "a secret that others may read")
def test_a_file_that_others_may_touch_is_refused(mode: int, tmp_path: Path) -> None:
    path = secret_file(tmp_path, b"hunter2", mode)
    with pytest.raises(ConfigError) as caught:
        read_secret(path)
    assert caught.value.hint is not None
    assert f"chmod 600 {path}" in caught.value.hint.en
    assert f"chmod 600 {path}" in caught.value.hint.vi
    assert caught.value.code == "secret_unreadable"


@pytest.mark.parametrize("mode", [0o600, 0o400, 0o700])
def test_the_owner_s_rights_do_not_matter(mode: int, tmp_path: Path) -> None:
    assert read_secret(secret_file(tmp_path, b"hunter2", mode)) == Secret("hunter2")


@pytest.mark.parametrize(
    ("content", "en"),
    [(b"", "empty"), (b"\n", "empty"), (b"hunter2\nmore\n", "more than one line"), (b"hunter2\0", "more than one line"),
     (b"hunter2" * 600, "larger than 4 kB"), (b"hunter2\xff", "not UTF-8")],
)  # fmt: skip
def test_what_is_no_password(content: bytes, en: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=en) as caught:
        read_secret(secret_file(tmp_path, content))
    whole = f"{caught.value!r} {caught.value.text} {caught.value.__cause__!r}"
    assert "hunter2" not in whole


def test_missing_directory_and_pipe_are_refused_at_once(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe, 0o600)
    for path, en in ((tmp_path / "none", "no such"), (tmp_path, "regular file"), (pipe, "regular file")):
        with pytest.raises(ConfigError, match=en):
            read_secret(path)


def test_a_file_of_another_user_says_whose_it_must_be(tmp_path: Path) -> None:
    path = secret_file(tmp_path, b"hunter2", 0)
    user = os.geteuid()
    if user == 0:
        os.seteuid(65534)  # root may read everything
    try:
        with pytest.raises(ConfigError, match="chown"):
            read_secret(path)
    finally:
        os.seteuid(user)


def test_it_prints_as_stars_everywhere() -> None:
    secret = Secret("hunter2")
    assert "hunter2" not in f"{secret} {secret!r} {[secret]} {({'a': secret},)}"
    with pytest.raises(TypeError):
        pickle.dumps(secret)
    assert not hasattr(secret, "__dict__")
