"""The ward's command keys, read once at the start: what commands must be signed with."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from agent.errors import ConfigError
from agent.i18n import Text

if TYPE_CHECKING:
    from agent.evidence.public import PublicKey

MOST_BYTES = 4096
MOST_KEYS = 2  # the one in use and, while the ward changes it, the next


def read_command_keys(path: Path | None) -> Callable[[bytes, str], bool] | None:
    """Is a signature that of one of the keys in `path`? None without a path. Raises ConfigError."""
    if path is None:
        return None
    keys = _keys(path)

    def verifies(said: bytes, signature: str) -> bool:
        return any(key.verifies(said, signature) for key in keys)

    return verifies


def _keys(path: Path) -> "tuple[PublicKey, ...]":
    from agent.evidence.public import BEGIN, parse_public  # noqa: PLC0415  # libsodium, only where a key is pinned

    try:
        with path.open("rb") as file:
            pem = file.read(MOST_BYTES + 1)
    except OSError as error:
        raise ConfigError(
            Text(
                en=f"commands.key: {path} cannot be read: {error.strerror}",
                vi=f"commands.key: không đọc được {path}: {error.strerror}",
            ),
            Text(
                en="put the ward's public command key there, readable for the user that the agent runs as",
                vi="hãy đặt khóa lệnh công khai của phường vào đó, người dùng chạy phần mềm phải đọc được",
            ),
        ) from error
    try:
        if len(pem) > MOST_BYTES:
            raise ValueError("too long")
        head, *parts = pem.decode("ascii").split(BEGIN)
        if head.strip() or not 1 <= len(parts) <= MOST_KEYS:
            raise ValueError(f"one or {MOST_KEYS} keys")
        return tuple(parse_public(BEGIN + part) for part in parts)
    except ValueError as error:
        raise ConfigError(
            Text(
                en=f"commands.key: {path} holds no Ed25519 public key (PEM), or more than {MOST_KEYS}",
                vi=f"commands.key: {path} không chứa khóa công khai Ed25519 (PEM), hoặc chứa quá {MOST_KEYS} khóa",
            ),
            Text(
                en="the ward makes it with: openssl pkey -in command-key.pem -pubout",
                vi="phường tạo khóa bằng lệnh: openssl pkey -in command-key.pem -pubout",
            ),
        ) from error
