"""All servers of one ward as children of this process: what `make ward` and the tests of rights run.

The configuration is the installed one (`Site.lay`); only the directories, the user and the ports are this process's.
"""

import contextlib
import getpass
import secrets
import signal
import socket
from dataclasses import fields, replace
from pathlib import Path
from types import TracebackType

from agent.i18n import Text
from deploy.ward.broker import find_mosquitto, start_laid
from deploy.ward.ca import AuthorityOptions, RunningAuthority, start_authority
from deploy.ward.child import Child, WardError
from deploy.ward.media import answers, start_media
from deploy.ward.nginx import find_nginx
from deploy.ward.people import certify
from deploy.ward.site import Ports, Site, WardSettings
from deploy.ward.uploads import install_server, start_script
from deploy.ward.ward import default_cache

UPLOADS = Text(en="the upload server", vi="máy chủ nhận clip")
GATE = Text(en="the gate of the media server", vi="cổng vào máy chủ hình trực tiếp")


class RunningWard:
    """Use as a context manager, or call `stop`. `parts`: which servers, of `PARTS`."""

    PARTS = ("enrol", "broker", "uploads", "media")

    def __init__(self, base: Path, settings: WardSettings, cache: Path | None = None) -> None:
        self.site = Site.below(base.resolve())
        self._cache = cache or default_cache()
        self._settings = settings
        self._children: dict[str, Child] = {}
        self.authority: RunningAuthority | None = None
        self._crl_seen = 0

    @classmethod
    def start(
        cls, base: Path, settings: WardSettings, parts: tuple[str, ...] = PARTS, cache: Path | None = None
    ) -> "RunningWard":
        """Certificates, configuration, servers; when it returns, all answer. Raises WardError, nothing is left then."""
        ward = cls(base, settings, cache)
        try:
            ward.prepare(parts)
            for part in parts:
                getattr(ward, f"start_{part}")()
        except WardError:
            ward.stop()
            raise
        return ward

    @property
    def settings(self) -> WardSettings:
        """As it was laid."""
        return self._settings

    @property
    def ports(self) -> Ports:
        """Where it listens."""
        return self._settings.ports

    def prepare(self, parts: tuple[str, ...] = PARTS) -> None:
        """Certificates and configuration files. Raises WardError when a port is taken."""
        modules = find_nginx(self._cache).modules if "media" in parts else Path("/usr/lib/nginx/modules")
        self._settings = replace(self._settings, user=getpass.getuser(), modules=str(modules), autosave_s=1)
        wanted = self._settings.ports
        for part, ports in {
            "broker": (wanted.nodes, wanted.staff),
            "uploads": (wanted.uploads,),
            "media": (wanted.live, wanted.rtmp, wanted.ask),
            "enrol": (wanted.enrol,),
        }.items():
            for port in ports if part in parts else ():
                if answers(port):
                    raise _taken(port)
        self.site.lay(self._settings)
        certify(self.site, self._settings)
        self._crl_seen = self._crl_stamp()

    def start_enrol(self) -> None:
        """(Re)start the authority's door."""
        host = self._settings.address
        self.authority = start_authority(
            self.site.nodes, AuthorityOptions(self.ports.enrol, host, self._settings.hosts)
        )
        self._children["enrol"] = self.authority.child

    def start_broker(self) -> None:
        """(Re)start the broker."""
        self._children["broker"] = start_laid(
            find_mosquitto(self._cache),
            self.site.etc / "mosquitto.conf",
            self.ports.nodes,
            self.site.run / "mosquitto.log",
        )

    def start_uploads(self) -> None:
        """(Re)start the upload server."""
        self._children["uploads"] = self._script("server.mjs", UPLOADS, "uploads.json")

    def start_media(self) -> None:
        """(Re)start the media server and its gate."""
        nginx = find_nginx(self._cache)
        log = self.site.run / "nginx.log"
        self._children["media"] = start_media(nginx, self.site.etc / "nginx.conf", self.ports.rtmp, log)
        self._children["gate"] = self._script("gate.mjs", GATE, "gate.json")

    def refresh(self) -> None:
        """Give the broker a new list of what is revoked, if there is one; the others look themselves."""
        stamp = self._crl_stamp()
        broker = self._children.get("broker")
        if stamp != self._crl_seen and broker is not None and broker.process.poll() is None:
            broker.process.send_signal(signal.SIGHUP)
        self._crl_seen = stamp

    def ended(self) -> str:
        """The first server that ended by itself, with its last words; empty while all run."""
        for name, child in self._children.items():
            if child.process.poll() is not None:
                return f"{name}: {child.last_words()}"
        return ""

    def kill(self, part: str) -> None:
        """End one server as a power cut would."""
        self._children[part].kill()

    def stop(self) -> None:
        """End all; may be called again."""
        for child in reversed(list(self._children.values())):
            child.stop()

    def __enter__(self) -> "RunningWard":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _script(self, name: str, said: Text, settings: str) -> Child:
        line = (self.site.etc / settings).read_text(encoding="utf-8").replace("\n", "")
        log = self.site.run / f"{name}.log"
        return start_script(install_server(self._cache) / name, said, line, log)[0]

    def _crl_stamp(self) -> int:
        with contextlib.suppress(OSError):
            return (self.site.nodes / "crl.pem").stat().st_mtime_ns
        return 0


def free_ports() -> Ports:
    """Seven that were free just now, below those that the kernel gives to connections: nobody takes them meanwhile."""
    found: set[int] = set()
    while len(found) < len(fields(Ports)):
        port = secrets.randbelow(16_000) + 16_000
        with contextlib.suppress(OSError), socket.socket() as probe:
            probe.bind(("127.0.0.1", port))
            found.add(port)
    return Ports(*found)


def _taken(port: int) -> WardError:
    return WardError(
        Text(en=f"port {port} is taken", vi=f"cổng {port} đã bị chiếm"),
        Text(en="end what uses it, or choose others", vi="hãy dừng chương trình đang dùng nó, hoặc chọn cổng khác"),
    )
