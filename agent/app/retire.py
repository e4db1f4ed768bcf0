"""`camera-agent wipe --all`: the node's data first, as a wipe that the ward asks for; then what lies around it.

    data     marker, erase, tell the ward, let go of the keys (agent/app/wiping.py), under the data directory's lock
    places   configuration, card, copies and logs of the system
    wifi     and after it the search, the certificate, and the end of the service

The step that comes next is durable before it begins; killed anywhere, `camera-agent-wipe.service` goes on with it.
"""

import contextlib
import logging
import os
import re
import signal
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from ulid import ULID

from agent import __version__
from agent.access import files as access_files
from agent.access import parse
from agent.app.erase import ALL, IDENTITY, erase, own
from agent.app.erased import tell_ward
from agent.app.lock import DataDirLock
from agent.app.selftest import secret_files
from agent.app.wiping import Marker, erase_asked, finish, forget_marker, read_marker, write_marker
from agent.clock import Clock
from agent.config.model import Config
from agent.contract.base import utc
from agent.errors import AgentError
from agent.evidence.key import DeviceKey, read_key
from agent.health.notify import Notifier
from agent.i18n import Text
from agent.retire import PLACES, WIFI, Certificate, Needles, Record, Records, Signature, found, payload, scrub, search
from agent.stop import StopSignal

log = logging.getLogger(__name__)
PSK = re.compile(r"^\s*(?:psk|password)\s*[:=]\s*\"?([^\"\n]+)\"?\s*$", re.MULTILINE)
KEYS = ("*/*.key*", "*/*.pem")  # below the data directory
PASSWORD = Text(en="a password or code", vi="mật khẩu hoặc mã")
KEY = Text(en="a private key", vi="khoá riêng")
WIFI_KEY = Text(en="a wifi password", vi="mật khẩu wifi")

Progress = Callable[[Text], None]


@dataclass(frozen=True, slots=True)
class Device:
    """The system around the node. `owner`: what is done within is done as the data's owner; `run`: a system command."""

    root: Path
    owner: Callable[[Path], contextlib.AbstractContextManager[None]]
    run: Callable[[Sequence[str]], object]

    @property
    def live(self) -> bool:
        """Not a folder that is laid out like a device."""
        return self.root == Path("/")


@dataclass(frozen=True, slots=True)
class Outcome:
    """The paper, and whether the key still was there to sign it."""

    certificate: Certificate
    signature: Signature | None


def begin(config_file: Path, config: Config, device: Device, clock: Clock) -> Record:
    """From here on it goes to its end, whatever happens. Raises StorageError."""
    now = clock.now()
    record = Record(
        node=config.node.id,
        ward=config.node.ward,
        config=str(config_file),
        data_dir=str(config.node.data_dir),
        request_id=str(ULID.from_timestamp(max(now.wall_ns / 1e9, 0.0))),
        started_utc=utc(now.wall_ns),
        clock_trusted=now.trusted,
    )
    Records(device.root).write(record)
    return record


class Retirement:
    """One erasure from `record` to its end. `needles` None: it goes on after it was cut off."""

    def __init__(self, record: Record, device: Device, clock: Clock, said: Progress) -> None:
        self._record = record
        self._device = device
        self._clock = clock
        self._say = said
        self._records = Records(device.root)
        self._needles: Needles | None = None
        self._key: DeviceKey | None = None
        self._head = ""

    def remember(self, config: Config) -> None:
        """What is to be looked for afterwards, and the key to sign with; in memory only."""
        self._needles = Needles.of(_secrets(config, self._device.root))
        with self._as_owner():
            with contextlib.suppress(AgentError):
                self._key = read_key(config.node.data_dir / "evidence")
            self._head = _access_head(config.node.data_dir / "access")

    def run(self, config: Config | None, tell: bool) -> Outcome:
        """To the end, from wherever it is. `config` None: it cannot be read (any more). Raises AgentError."""
        if self._needles is None:
            self._keep(interruptions=self._record.interruptions + 1)
        self._stop_service()
        if self._record.step == "data":
            self._data(config, tell)
            self._keep(step="places")
        if self._record.step == "places":
            self._system("journalctl", "--rotate")
            for place in PLACES:
                self._scrub(place.name, found(self._device.root, place))
            self._keep(step="wifi")
        self._scrub(WIFI.name, found(self._device.root, WIFI))
        return self._paper()

    def end(self) -> None:
        """After the certificate is in somebody's hands: the wifi goes down, and nothing is left to go on with."""
        data = Path(self._record.data_dir)
        if data.is_dir():
            with self._as_owner():
                forget_marker(data)
        self._system("systemctl", "disable", "--quiet", "camera-agent-wipe.service")
        self._records.forget()
        self._system("systemctl", "try-restart", "systemd-journald.service")
        self._system("fstrim", "--all", "--quiet-unsupported")
        os.sync()
        self._system("nmcli", "connection", "reload")

    def _data(self, config: Config | None, tell: bool) -> None:
        data = Path(self._record.data_dir)
        if not data.is_dir():
            self._count("data", 0)
            return
        count = sum(1 for top in own(data, (*ALL, *IDENTITY)) for _ in _files(top))
        self._say(Text(en=f"Erasing {count} files in {data}", vi=f"Đang xoá {count} tệp trong {data}"))
        told: bool | None = None
        with self._as_owner(), DataDirLock(data):
            if config is None:  # footage goes also when nobody can read where else there is something
                erase(data, (*ALL, *IDENTITY))
            else:
                told = self._as_the_ward_would(config, tell)
        self._count("data", count)
        self._keep(ward_told=told)

    def _as_the_ward_would(self, config: Config, tell: bool) -> bool | None:
        told: list[bool] = []
        marker = read_marker(config.node.data_dir)
        if marker is None or marker.scope != "all":
            write_marker(config.node.data_dir, Marker("all", self._record.request_id))
        marker = erase_asked(config, self._clock)
        if marker is None:
            return None
        if not tell:
            finish(config, marker, lambda _: None)
            return None
        stop = StopSignal([signal.SIGTERM, signal.SIGINT])
        self._say(
            Text(
                en="Telling the ward's broker (at most 5 minutes; Ctrl-C goes on without)",
                vi="Đang báo máy chủ phường (nhiều nhất 5 phút; Ctrl-C để bỏ qua)",
            )
        )
        finish(config, marker, lambda words: told.append(tell_ward(config, words, Notifier(), stop, self._clock)))
        return bool(told and told[0])

    def _scrub(self, name: str, paths: Iterator[Path]) -> None:
        count = sum(scrub(path) for path in paths)
        self._count(name, count)
        self._say(Text(en=f"Erased: {name}: {count} files", vi=f"Đã xoá: {name}: {count} tệp"))

    def _paper(self) -> Outcome:
        hits = None
        if self._needles is not None:
            self._say(Text(en="Looking for what must be gone", vi="Đang dò lại những gì phải mất"))
            hits = tuple(search(self._device.root, self._needles, (Path(self._record.data_dir),)))
        now = self._clock.now()
        certificate = Certificate(
            record=self._record,
            ended_utc=utc(now.wall_ns),
            clock_trusted=now.trusted,
            version=__version__,
            access_head=self._head,
            searched=None if self._needles is None else len(self._needles),
            hits=hits or (),
        )
        signature = None
        if self._key is not None:
            signature = Signature(self._key.public.fingerprint, self._key.sign(payload(certificate)))
        return Outcome(certificate, signature)

    def _stop_service(self) -> None:
        self._system("systemctl", "enable", "--quiet", "camera-agent-wipe.service")
        for unit in ("camera-agent.service", "camera-agent-enrol.service", "camera-agent-first-boot.service"):
            self._system("systemctl", "disable", "--quiet", "--now", unit)

    def _system(self, *command: str) -> None:
        if self._device.live:
            self._device.run(command)

    @contextlib.contextmanager
    def _as_owner(self) -> Iterator[None]:
        data = Path(self._record.data_dir)
        if not data.is_dir():
            yield
            return
        with self._device.owner(data):
            yield

    def _count(self, name: str, count: int) -> None:
        # Cut off and done again: the files of both times.
        counts = {**self._record.counts, name: self._record.counts.get(name, 0) + count}
        self._keep(counts=counts)

    def _keep(self, **changes: object) -> None:
        self._record = replace(self._record, **changes)  # type: ignore[arg-type]
        self._records.write(self._record)


def _files(top: Path) -> Iterator[Path]:
    if top.is_dir() and not top.is_symlink():
        for child in top.iterdir():
            yield from _files(child)
    else:
        yield top


def _secrets(config: Config, root: Path) -> Iterator[tuple[str, Text]]:
    for path in secret_files(config):
        yield from _lines(path)
    for name in KEYS:  # of a renewal, of a page: also where no setting names them
        for path in sorted(config.node.data_dir.glob(name)):
            yield from _lines(path)
    for path in sorted((root / "etc/camera-agent").glob("*")):
        if path.is_file() and path.suffix not in {".yaml", ".pub", ".pem", ".crt"}:
            yield from _lines(path)
    for path in found(root, WIFI):
        if path.is_file():
            with contextlib.suppress(OSError, UnicodeDecodeError):
                yield from ((told, WIFI_KEY) for told in PSK.findall(path.read_text(encoding="utf-8")))


def _lines(path: Path) -> Iterator[tuple[str, Text]]:
    try:
        text = path.read_text(encoding="utf-8")[:8192]
    except (OSError, UnicodeDecodeError):
        return
    if "-----BEGIN" in text:
        if "PRIVATE KEY" in text:
            yield from ((line, KEY) for line in text.splitlines() if line and not line.startswith("-----"))
        return
    yield from ((line, PASSWORD) for line in text.splitlines()[:4])


def _access_head(directory: Path) -> str:
    head = ""
    with contextlib.suppress(OSError, AgentError):
        for line in access_files.lines(directory):
            record = parse(line)
            if record is not None:
                head = record.hash
    return head
