"""mosquitto as a child process: found on this machine or unpacked from Debian packages, configured in one directory."""

import contextlib
import os
import pwd
import shutil
import socket
import subprocess
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from agent.errors import AgentError
from agent.i18n import Text
from deploy.ward.certificates import Certificates
from deploy.ward.child import Child, WardError

START_S = 10.0


@dataclass(frozen=True, slots=True)
class Mosquitto:
    """The program and where its libraries are."""

    program: Path
    libraries: tuple[Path, ...] = ()

    @property
    def env(self) -> dict[str, str]:
        """For the child's environment."""
        return {"LD_LIBRARY_PATH": ":".join(map(str, self.libraries))} if self.libraries else {}

    def passwords(self, file: Path, logins: tuple[tuple[str, str], ...]) -> None:
        """Write a password file; the plain text is hashed in place."""
        file.touch(mode=0o600)
        file.write_text("".join(f"{user}:{password}\n" for user, password in logins), encoding="utf-8")
        tool = shutil.which("mosquitto_passwd") or str(self.program.parent.parent / "bin" / "mosquitto_passwd")
        subprocess.run((tool, "-U", str(file)), check=True, capture_output=True, env={**os.environ, **self.env})


@dataclass(frozen=True, slots=True)
class BrokerOptions:
    """How to run mosquitto."""

    port: int = 0
    tls: Certificates | None = None
    require_client_cert: bool = False
    logins: tuple[tuple[str, str], ...] = ()
    persistence: bool = True
    extra: tuple[str, ...] = ()  # more lines of mosquitto.conf


def find_mosquitto(cache: Path) -> Mosquitto:
    """From PATH or /usr/sbin, else unpacked into `cache` without root. Raises WardError."""
    path = shutil.which("mosquitto", path=os.environ.get("PATH", os.defpath) + ":/usr/sbin:/usr/local/sbin")
    if path:
        return Mosquitto(Path(path))
    target = cache / "mosquitto"
    program = target / "usr/sbin/mosquitto"
    if not program.exists():
        from deploy.assets import unpack_debian  # noqa: PLC0415  # heavy, and most machines have a mosquitto

        try:
            unpack_debian(["mosquitto"], target)
        except (AgentError, OSError) as error:
            raise _missing(f"({error})") from error
    if not program.exists():
        raise _missing("")
    return Mosquitto(program, tuple(sorted({file.parent for file in target.rglob("*.so.*")})))


def start_broker(mosquitto: Mosquitto, directory: Path, options: BrokerOptions) -> tuple[Child, int]:
    """The running broker and its port on 127.0.0.1. Raises WardError when the port is taken or it does not come up."""
    directory.mkdir(parents=True, exist_ok=True)
    if options.port and not _is_free(options.port):
        raise _not_started(options.port, Text(en="the port is taken", vi="cổng đã bị chiếm"))
    for _ in range(3):
        port = options.port or free_port()
        child = _launch(mosquitto, directory, options, port)
        if child.wait_until(partial(_answers, port), START_S) and child.process.poll() is None:
            return child, port
        child.stop()
        said = child.last_words()
        if options.port or "in use" not in said:
            break
    raise _not_started(port, Text(en=said, vi=said))


def start_laid(mosquitto: Mosquitto, settings: Path, port: int, log: Path) -> Child:
    """The broker of a filled-in mosquitto.conf, when `port` of it answers. Raises WardError."""
    log.unlink(missing_ok=True)
    child = Child((str(mosquitto.program), "-c", str(settings)), log, mosquitto.env)
    if child.wait_until(partial(_answers, port), START_S) and child.process.poll() is None:
        return child
    child.stop()
    said = child.last_words()
    raise _not_started(port, Text(en=said, vi=said))


def free_port() -> int:
    """A TCP port of 127.0.0.1 that was free just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _launch(mosquitto: Mosquitto, directory: Path, options: BrokerOptions, port: int) -> Child:
    lines = [
        f"listener {port} 127.0.0.1",
        # Changing the user would clear the parent-death signal, and lose the right to write here.
        f"user {pwd.getpwuid(os.getuid()).pw_name}",
        f"allow_anonymous {'false' if options.logins else 'true'}",
        "set_tcp_nodelay true",
        *options.extra,
    ]
    if options.persistence:
        lines += ["persistence true", f"persistence_location {directory}/", "autosave_interval 1"]
    if options.logins:
        mosquitto.passwords(directory / "passwords", options.logins)
        lines.append(f"password_file {directory}/passwords")
    if options.tls:
        lines += [f"cafile {options.tls.ca}", f"certfile {options.tls.cert}", f"keyfile {options.tls.key}"]
        lines.append(f"require_certificate {'true' if options.require_client_cert else 'false'}")
    settings = directory / "mosquitto.conf"
    settings.write_text("\n".join(lines) + "\n", encoding="utf-8")
    log = directory / "mosquitto.log"
    log.unlink(missing_ok=True)
    return Child((str(mosquitto.program), "-c", str(settings)), log, mosquitto.env)


def _answers(port: int) -> bool:
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1.0):
        return True
    return False


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def _not_started(port: int, why: Text) -> WardError:
    return WardError(
        Text(
            en=f"mosquitto did not start on 127.0.0.1:{port}: {why.en}",
            vi=f"mosquitto không khởi động được tại 127.0.0.1:{port}: {why.vi}",
        ),
        Text(en="choose another port, or 0 for a free one", vi="hãy chọn cổng khác, hoặc 0 để lấy cổng trống"),
    )


def _missing(why: str) -> WardError:
    return WardError(
        Text(en=f"mosquitto is not on this machine {why}".strip(), vi=f"máy này chưa có mosquitto {why}".strip()),
        Text(en="apt install mosquitto", vi="apt install mosquitto"),
    )
