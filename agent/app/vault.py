"""The keys of encrypted footage on a node: the ward's public one from its file, and the boot key in memory.

The boot key is made at the first start after the power came on and kept in the runtime directory for the starts after
it. Where that does not lie in memory the key is kept nowhere: a start then cannot open what the one before it wrote.
"""

import contextlib
import logging
import os
import stat
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from agent.config.model import Config
from agent.errors import ConfigError, Rejected
from agent.health.status import runtime_file
from agent.i18n import Text

if TYPE_CHECKING:
    from nacl.public import PublicKey

    from agent.footage.vault import Vault

log = logging.getLogger(__name__)
KEY_BYTES = 32


def open_vault(config: Config) -> "Vault | None":
    """For the agent; None: nothing is encrypted, nor was in this boot. Raises ConfigError (see `check_key`)."""
    if config.evidence.encrypt_to is None:
        return read_vault(config)
    from agent.footage.vault import Vault  # noqa: PLC0415 (libsodium: only where it is used)

    return Vault(check_key(config), _made(boot_file(config)))


def read_vault(config: Config) -> "Vault | None":
    """For reading only: with the key of this boot, if there is one and this user may read it."""
    path = boot_file(config)
    key = _read(path) if path is not None else None
    if key is None:
        return None
    from agent.footage.vault import Vault  # noqa: PLC0415

    return Vault(None, key)


def check_key(config: Config) -> "PublicKey":
    """The ward's public key. Raises ConfigError when its file is missing or another."""
    try:
        from agent.footage.ward_key import read_public  # noqa: PLC0415
    except (ImportError, OSError) as error:
        raise ConfigError(
            Text(
                en=f"The library that encrypts cannot be loaded: {error}", vi=f"Không nạp được thư viện mã hoá: {error}"
            ),
            Text(en="Install the agent again: its packages are not complete", vi="Hãy cài lại chương trình: thiếu gói"),
            code="config_invalid",
        ) from error
    assert config.evidence.encrypt_to is not None
    try:
        return read_public(config.evidence.encrypt_to)
    except Rejected as error:
        raise ConfigError(error.text, error.hint, code="config_invalid") from error


def boot_file(config: Config) -> Path | None:
    """Where the boot key lies; None where there is no place in memory."""
    return _in_memory(config, "boot", ".key")


def page_directory(config: Config) -> Path | None:
    """Where clips for the page lie, which are in clear; None where there is no place in memory."""
    return _in_memory(config, "page", "")


def _in_memory(config: Config, kind: str, suffix: str) -> Path | None:
    from agent.app.ring import in_memory  # noqa: PLC0415 (psutil)

    data = config.node.data_dir
    name = f"{kind}-{config.node.id}-{sha256(str(data.resolve()).encode()).hexdigest()[:8]}{suffix}"
    path = runtime_file(name, data)
    return path if path is not None and in_memory(path.parent) else None


def _made(path: Path | None) -> bytes:
    key = os.urandom(KEY_BYTES)
    if path is None:
        log.warning("no runtime directory in memory: after a restart the node cannot open what it wrote before")
        return key
    known = _read(path)
    if known is not None:
        return known
    try:
        path.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
        path.unlink(missing_ok=True)
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600), "wb") as file:
            file.write(key)
    except OSError as error:
        log.warning("the boot key cannot be kept for the next start: %s", error.strerror)
    return key


def _read(path: Path) -> bytes | None:
    with contextlib.suppress(OSError):
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        with os.fdopen(descriptor, "rb") as file:
            status = os.fstat(descriptor)
            if not stat.S_ISREG(status.st_mode) or status.st_mode & 0o077:
                return None
            key = file.read(KEY_BYTES + 1)
            return key if len(key) == KEY_BYTES else None
    return None
