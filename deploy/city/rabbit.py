"""RabbitMQ and Erlang: found on this machine, or unpacked from Debian's packages into the cache, without root."""

import os
import shutil
from dataclasses import dataclass
from pathlib import Path

from agent.errors import AgentError
from agent.i18n import Text
from deploy.fetch import Progress
from deploy.ward.child import WardError

SCRIPT = "rabbitmq-server"
SHIM = """#!/bin/sh
export ROOTDIR='{root}' BINDIR='{bin}' EMU=beam PROGNAME=erl
exec "$BINDIR/erlexec" "$@"
"""
PACKAGES = ("rabbitmq-server",)


@dataclass(frozen=True, slots=True)
class RabbitMQ:
    """Where its scripts are, and where Erlang's programs."""

    scripts: Path
    erlang: Path
    libraries: tuple[Path, ...] = ()

    def env(self, shims: Path) -> dict[str, str]:
        """For its processes: nothing of /etc is read, nothing of this machine's RabbitMQ is touched.

        `shims`: a directory for an `erl` that finds its own files, as Debian's knows only /usr/lib/erlang.
        """
        shims.mkdir(parents=True, exist_ok=True)
        root = self.erlang.parent
        emulator = max(root.glob("erts-*/bin"), default=self.erlang)
        shim = shims / "erl"
        shim.write_text(SHIM.format(root=root, bin=emulator), encoding="utf-8")
        shim.chmod(0o755)
        path = f"{shims}:{self.erlang}:{os.environ.get('PATH', os.defpath)}"
        env = {"PATH": path, "RABBITMQ_CONF_ENV_FILE": os.devnull}
        if self.libraries:
            env["LD_LIBRARY_PATH"] = ":".join(map(str, self.libraries))
        return env


def find_rabbitmq(cache: Path) -> RabbitMQ:
    """The one of this machine, else the one in `cache`, unpacked when it is not there yet. Raises WardError."""
    for root, libraries in ((Path("/"), False), (cache / "rabbitmq", True)):
        found = _below(root, libraries)
        if found is not None:
            return found
    try:
        unpack_rabbitmq(cache)
    except (AgentError, OSError) as error:
        raise _missing(f"({error})") from error
    found = _below(cache / "rabbitmq", libraries=True)
    if found is None:
        raise _missing("")
    return found


def unpack_rabbitmq(cache: Path, progress: Progress | None = None) -> None:
    """Debian's RabbitMQ and its Erlang into `cache`: 30 MB to fetch, 60 MB on disk. Raises AssetError."""
    from deploy.debian import unpack_debian  # noqa: PLC0415  # most machines need it once

    unpack_debian(PACKAGES, cache / "rabbitmq", progress)


def _below(root: Path, libraries: bool) -> RabbitMQ | None:
    scripts = sorted((root / "usr/lib/rabbitmq/lib").glob(f"rabbitmq_server-*/sbin/{SCRIPT}"))
    erlang = root / "usr/lib/erlang/bin"
    if not scripts or not (erlang / "erl").exists():
        return None
    files = {file.parent for file in (root / "usr/lib").glob("*-linux-gnu/*.so*")} if libraries else set()
    return RabbitMQ(scripts[-1].parent, erlang, tuple(sorted(files)))


def _missing(why: str) -> WardError:
    wanted = "" if shutil.which("apt-get") else " (apt-get)"
    return WardError(
        Text(
            en=f"RabbitMQ cannot be had here {why}{wanted}".strip(),
            vi=f"máy này chưa có RabbitMQ {why}{wanted}".strip(),
        ),
        Text(en="apt install rabbitmq-server", vi="apt install rabbitmq-server"),
    )
