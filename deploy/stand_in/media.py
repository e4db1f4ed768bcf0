"""A media server that tests can kill: nginx with its RTMP module, for whoever comes.

Runs as this user, on loopback, in one directory. TLS is taken off by nginx itself (its stream module): the RTMP module
knows none. A ward has deploy/ward/media.py behind its gate.
"""

import contextlib
import grp
import os
import pwd
import signal
import socket
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from types import TracebackType

from agent.i18n import Text
from deploy.ward.broker import free_port
from deploy.ward.certificates import Certificates
from deploy.ward.child import Child, WardError
from deploy.ward.nginx import RTMP, STREAM, Nginx, find_nginx
from deploy.ward.ward import default_cache

START_S = 10.0
MODULES = (RTMP, STREAM)
SETTINGS = """{load}
user {user} {group};
daemon off;
worker_processes 1;
pid {directory}/nginx.pid;
error_log {directory}/nginx.log info;
events {{ worker_connections 512; }}
rtmp {{
    access_log off;
    server {{
        listen 127.0.0.1:{port};
        ping 10s;
        ping_timeout 10s;
        application {application} {{
            live on;
            record off;
            drop_idle_publisher 15s;
            {lines}
        }}
    }}
}}
"""
TLS_SETTINGS = """
stream {{
    server {{
        listen 127.0.0.1:{port} ssl;
        ssl_protocols TLSv1.2 TLSv1.3;
        ssl_certificate {cert};
        ssl_certificate_key {key};
        ssl_client_certificate {ca};
        ssl_verify_client {verify};
        proxy_pass 127.0.0.1:{inner};
    }}
}}
"""


@dataclass(frozen=True, slots=True)
class MediaOptions:
    """How to run it. Port 0 takes a free one; with `tls` the RTMP port itself is for those who look, on loopback."""

    port: int = 0
    tls_port: int = 0
    tls: Certificates | None = None
    require_client_cert: bool = True  # with `tls`
    application: str = "live"
    lines: tuple[str, ...] = ()  # more lines of the application's block


class Media:
    """A running media server. Use as a context manager, or call `stop`."""

    def __init__(self, nginx: Nginx, directory: Path, options: MediaOptions) -> None:
        self._nginx = nginx
        self._directory = directory.resolve()
        self._options = options
        self._child: Child | None = None

    @classmethod
    def start(cls, directory: Path, options: MediaOptions | None = None, cache: Path | None = None) -> "Media":
        """Start it and wait until it answers. Raises WardError."""
        media = cls(find_nginx(cache or default_cache(), MODULES), directory, options or MediaOptions())
        media.restart()
        return media

    @property
    def push_url(self) -> str:
        """Where nodes push, without the stream's name: rtmps:// with TLS."""
        given = self._options
        scheme, port = ("rtmps", given.tls_port) if given.tls else ("rtmp", given.port)
        return f"{scheme}://127.0.0.1:{port}/{given.application}"

    def play_url(self, stream: str) -> str:
        """Where to look at a stream, from this machine."""
        return f"rtmp://127.0.0.1:{self._options.port}/{self._options.application}/{stream}"

    @property
    def log(self) -> str:
        """What nginx has written."""
        file = self._directory / "nginx.log"
        return file.read_text(encoding="utf-8", errors="replace") if file.exists() else ""

    def restart(self) -> None:
        """Start, or start again after `kill`, on the same ports as before. Raises WardError."""
        self._directory.mkdir(parents=True, exist_ok=True)
        given = self._options
        for _ in range(3):
            tried = replace(given, port=given.port or free_port(), tls_port=given.tls_port or free_port())
            child = self._launch(tried)
            if child.wait_until(partial(_answers, tried), START_S) and child.process.poll() is None:
                self._child, self._options = child, tried
                return
            child.stop()
        said = child.last_words() or self.log[-400:]
        raise WardError(
            Text(en=f"nginx did not start: {said}", vi=f"nginx không khởi động được: {said}"),
            Text(en="choose other ports, or 0 for free ones", vi="hãy chọn cổng khác, hoặc 0 để lấy cổng trống"),
        )

    def kill(self) -> None:
        """As a power cut would."""
        if self._child:
            self._child.kill()

    def freeze(self) -> None:
        """It stays connected and does nothing any more."""
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """It goes on."""
        self._signal(signal.SIGCONT)

    def stop(self) -> None:
        """End it; may be called again."""
        if self._child:
            self._child.stop()

    def _signal(self, number: signal.Signals) -> None:
        if self._child:
            os.killpg(self._child.process.pid, number)

    def __enter__(self) -> "Media":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _launch(self, given: MediaOptions) -> Child:
        settings = self._directory / "nginx.conf"
        settings.write_text(_settings(self._nginx, self._directory, given), encoding="utf-8")
        # -e: before it has read its settings nginx would complain about a log file that is root's.
        command = (str(self._nginx.program), "-e", "stderr", "-p", str(self._directory), "-c", str(settings))
        return Child(command, self._directory / "nginx.out")


def _settings(nginx: Nginx, directory: Path, given: MediaOptions) -> str:
    used = MODULES if given.tls else MODULES[:1]
    text = SETTINGS.format(
        load="\n".join(f"load_module {nginx.modules / name};" for name in used),
        user=pwd.getpwuid(os.getuid()).pw_name,  # else a root's nginx would hand its workers to nobody
        group=grp.getgrgid(os.getgid()).gr_name,
        directory=directory,
        port=given.port,
        application=given.application,
        lines="\n            ".join(given.lines),
    )
    if given.tls is None:
        return text
    return text + TLS_SETTINGS.format(
        port=given.tls_port,
        inner=given.port,
        cert=given.tls.cert,
        key=given.tls.key,
        ca=given.tls.ca,
        verify="on" if given.require_client_cert else "off",
    )


def _answers(given: MediaOptions) -> bool:
    ports = (given.port, given.tls_port) if given.tls else (given.port,)
    with contextlib.suppress(OSError):
        for port in ports:
            socket.create_connection(("127.0.0.1", port), timeout=1.0).close()
        return True
    return False
