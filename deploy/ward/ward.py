"""Broker and upload server together, started in one directory and stopped as one."""

import hashlib
import json
import os
from dataclasses import dataclass, replace
from pathlib import Path
from types import TracebackType

from deploy.ward.broker import BrokerOptions, find_mosquitto, start_broker
from deploy.ward.certificates import Certificates
from deploy.ward.child import Child, WardError
from deploy.ward.uploads import UploadOptions, install_server, start_server


@dataclass(frozen=True, slots=True)
class WardOptions:
    """How the ward is to be. Port 0 takes a free one; `tls`: the server's certificate and the authority of clients."""

    mqtt_port: int = 0
    upload_port: int = 0
    tls: Certificates | None = None
    require_client_cert: bool = False
    logins: tuple[tuple[str, str], ...] = ()  # (user, password), for both servers; empty: anybody
    persistence: bool = True
    max_upload_bytes: int = 1_000_000_000
    broker_lines: tuple[str, ...] = ()  # more lines of mosquitto.conf
    upload: bool = True  # False: a broker only
    cache: Path | None = None


@dataclass(frozen=True, slots=True)
class Uploaded:
    """One complete upload at the ward, with the metadata that its node gave."""

    path: Path
    clip: str
    node: str
    cam: str
    from_utc: str
    to_utc: str
    bytes: int
    sha256: str

    def intact(self) -> bool:
        """Does the file have the sha256 that its node promised?"""
        return hashlib.sha256(self.path.read_bytes()).hexdigest() == self.sha256


class Ward:
    """A running ward. Use as a context manager, or call `stop`."""

    def __init__(self, directory: Path, options: WardOptions) -> None:
        self.directory = directory.resolve()
        self.uploads = self.directory / "uploads"
        self._options = options
        self._mosquitto = find_mosquitto(options.cache or default_cache())
        self._program = install_server(options.cache or default_cache()) if options.upload else None
        self._broker: Child | None = None
        self._server: Child | None = None
        self.mqtt_port = options.mqtt_port
        self.upload_port = options.upload_port

    @classmethod
    def start(cls, directory: Path, options: WardOptions | None = None) -> "Ward":
        """Start both servers and wait until they answer. Raises WardError; then nothing is left running."""
        directory.mkdir(parents=True, exist_ok=True)
        ward = cls(directory, options or WardOptions())
        try:
            ward.start_broker()
            ward.start_server()
        except WardError:
            ward.stop()
            raise
        return ward

    @property
    def mqtt_url(self) -> str:
        """mqtt:// or mqtts://."""
        return f"{'mqtts' if self._options.tls else 'mqtt'}://127.0.0.1:{self.mqtt_port}"

    @property
    def upload_url(self) -> str:
        """http:// or https://, with the path that creates uploads."""
        return f"{'https' if self._options.tls else 'http'}://127.0.0.1:{self.upload_port}/files"

    def start_broker(self) -> None:
        """(Re)start the broker, on the same port as before."""
        given = self._options
        options = BrokerOptions(
            self.mqtt_port, given.tls, given.require_client_cert, given.logins, given.persistence, given.broker_lines
        )
        self._broker, self.mqtt_port = start_broker(self._mosquitto, self.directory / "broker", options)

    def start_server(self) -> None:
        """(Re)start the upload server, on the same port as before."""
        if self._program is None:
            return
        given = self._options
        options = UploadOptions(
            self.upload_port, given.tls, given.require_client_cert, given.logins, given.max_upload_bytes
        )
        self._server, self.upload_port = start_server(self._program, self.uploads, options)

    def kill_broker(self) -> None:
        """As a power cut would."""
        if self._broker:
            self._broker.kill()

    def kill_server(self) -> None:
        """As a power cut would."""
        if self._server:
            self._server.kill()

    def uploaded(self) -> tuple[Uploaded, ...]:
        """Complete uploads, oldest first."""
        files = sorted(self.uploads.glob("*.json"), key=lambda file: (file.stat().st_mtime_ns, file.name))
        return tuple(found for file in files if (found := _uploaded(file)) is not None)

    def stop(self) -> None:
        """End both; may be called again."""
        for child in (self._server, self._broker):
            if child:
                child.stop()

    def __enter__(self) -> "Ward":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


def default_cache() -> Path:
    """The project's cache directory of this user."""
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "camera-agent"


def _uploaded(sidecar: Path) -> Uploaded | None:
    path = sidecar.with_suffix("")
    try:
        info = json.loads(sidecar.read_text(encoding="utf-8"))
        size = path.stat().st_size
    except (OSError, ValueError):
        return None  # being written, or refused and removed, this very moment
    if size != info.get("size"):
        return None
    told = info.get("metadata") or {}
    known = Uploaded(path, "", "", "", "", "", size, "")
    return replace(
        known,
        clip=told.get("id", ""),
        node=told.get("node", ""),
        cam=told.get("cam", ""),
        from_utc=told.get("from", ""),
        to_utc=told.get("to", ""),
        sha256=told.get("sha256", ""),
    )
