"""Where everything of one ward lies, and the configuration files of its servers, filled in from `templates/`.

`make ward`, the tests, the Debian install and the compose file all come through `Site.lay`, so that none of them has
a broker, a list of rights or a media server that the others do not have.
"""

import json
import re
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

from agent.durable import write_durably
from agent.i18n import Text
from deploy.ward.child import WardError

TEMPLATES = Path(__file__).parent / "templates"
FILES = ("mosquitto.conf", "nodes.acl", "staff.acl", "nginx.conf", "mediamtx.yml")
WORD = re.compile(r"@([A-Z_]+)@")
NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")
SETTINGS = "ward.json"
READABLE = 0o644


@dataclass(frozen=True, slots=True)
class Ports:
    """Of one ward; those of `rtmp` and `ask` are for this machine only."""

    nodes: int = 8883  # MQTT for nodes
    staff: int = 8884  # MQTT for the ward's own
    uploads: int = 8443  # tus
    live: int = 1936  # RTMP over TLS
    enrol: int = 9443  # EST
    rtmp: int = 1935
    ask: int = 1937


@dataclass(frozen=True, slots=True)
class WardSettings:
    """What a ward's installer says. Raises WardError when the ward's name is none."""

    ward: str
    hosts: tuple[str, ...] = ("localhost", "127.0.0.1")  # names and addresses by which nodes reach this machine
    prefix: str = "camera"
    address: str = "127.0.0.1"  # where the servers listen
    ports: Ports = field(default_factory=Ports)
    user: str = "camera-ward"
    max_nodes: int = 1000
    modules: str = "/usr/lib/nginx/modules"
    log: str = "stderr"
    autosave_s: int = 60

    def __post_init__(self) -> None:
        for name, value in (("ward", self.ward), ("prefix", self.prefix)):
            if not NAME.fullmatch(value):
                raise WardError(
                    Text(
                        en=f"{name} {value!r} is no name: small letters, digits and dashes",
                        vi=f"{name} {value!r} không hợp lệ: chỉ dùng chữ thường, chữ số và dấu gạch ngang",
                    )
                )


@dataclass(frozen=True, slots=True)
class Site:
    """The directories of one ward as its servers see them; files are written below `root` (images, staging)."""

    etc: Path
    state: Path
    run: Path
    root: Path = Path("/")

    @classmethod
    def below(cls, base: Path) -> "Site":
        """All in one directory: for `make ward`, tests and the compose file."""
        return cls(base / "etc", base, base / "run")

    @property
    def nodes(self) -> Path:
        """The authority of the nodes: of `deploy.ward.ca`."""
        return self.state / "ca"

    @property
    def staff(self) -> Path:
        """The authority of the ward's own programs and people, and their certificates."""
        return self.state / "staff"

    @property
    def tls(self) -> Path:
        """The servers' certificate."""
        return self.etc / "tls"

    @property
    def broker(self) -> Path:
        """What the broker keeps."""
        return self.state / "broker"

    @property
    def uploads(self) -> Path:
        """What arrived."""
        return self.state / "uploads"

    def here(self, path: Path) -> Path:
        """`path` as this process reaches it."""
        return self.root / path.relative_to("/")

    def lay(self, settings: WardSettings) -> None:
        """Write every server's configuration; the same again when called again. Raises OSError."""
        for directory in (self.etc, self.tls, self.state, self.nodes, self.staff, self.broker, self.uploads, self.run):
            self.here(directory).mkdir(parents=True, exist_ok=True)
        words = self._words(settings)
        for name in FILES:
            self._write(name, fill((TEMPLATES / name).read_text(encoding="utf-8"), words))
        self._write("uploads.json", as_json(self._uploads(settings)))
        self._write("gate.json", as_json(self._gate(settings)))
        self._write(SETTINGS, as_json(asdict(settings)))

    def settings(self) -> WardSettings:
        """What was laid here. Raises WardError when nothing was."""
        file = self.here(self.etc / SETTINGS)
        try:
            told = json.loads(file.read_text(encoding="utf-8"))
            known = {one.name for one in fields(WardSettings)}
            plain = {name: value for name, value in told.items() if name in known}
            return WardSettings(**(plain | {"hosts": tuple(told["hosts"]), "ports": Ports(**told["ports"])}))
        except (OSError, ValueError, TypeError, KeyError) as error:
            raise WardError(
                Text(en=f"{file} is not a ward's: {error}", vi=f"{file} không phải của một phường: {error}"),
                Text(
                    en="run deploy/ward/install.sh first, or name the ward's directory: --site DIR",
                    vi="hãy chạy deploy/ward/install.sh trước, hoặc chỉ ra thư mục của phường: --site THƯ_MỤC",
                ),
            ) from error

    def _words(self, settings: WardSettings) -> dict[str, str]:
        places = {name: str(getattr(self, name)) for name in ("etc", "run", "broker", "tls", "nodes", "staff")}
        ports = {f"{name}_port": str(port) for name, port in asdict(settings.ports).items()}
        plain = {name: str(getattr(settings, name)) for name in ("ward", "prefix", "address", "user", "modules", "log")}
        limits = {"max_nodes": str(settings.max_nodes), "autosave": str(settings.autosave_s)}
        return {name.upper(): value for name, value in (places | ports | plain | limits).items()}

    def _uploads(self, settings: WardSettings) -> dict[str, Any]:
        return {
            "directory": str(self.uploads),
            "host": settings.address,
            "port": settings.ports.uploads,
            "maxSize": 1_000_000_000,
            "keepFree": 2_000_000_000,
            "abandonedAfterDays": 7,
            "tls": self._doors(),
        }

    def _gate(self, settings: WardSettings) -> dict[str, Any]:
        return {
            "host": settings.address,
            "port": settings.ports.live,
            "media": settings.ports.rtmp,
            "ask": settings.ports.ask,
            "tls": self._doors(),
        }

    def _doors(self) -> dict[str, Any]:
        return {
            "cert": f"{self.tls}/server.pem",
            "key": f"{self.tls}/server.key",
            "ca": f"{self.nodes}/ca.pem",
            "crl": f"{self.nodes}/crl.pem",
            "staff": f"{self.staff}/ca.pem",
            "staffCrl": f"{self.staff}/crl.pem",
            "requireClient": True,
        }

    def _write(self, name: str, text: str) -> None:
        file = self.here(self.etc / name)
        if not file.exists() or file.read_text(encoding="utf-8") != text:
            write_durably(file, text.encode(), READABLE)
        file.chmod(READABLE)  # whatever the umask: the servers are another user; no secret stands in them


def fill(template: str, words: dict[str, str]) -> str:
    """`@WORD@` becomes its value. Raises KeyError for a word without one, ValueError for a value that breaks a line."""
    if any("\n" in value or "@" in value for value in words.values()):
        raise ValueError("a value with a line break or @ in it")
    return WORD.sub(lambda found: words[found[1]], template)


def as_json(value: dict[str, Any]) -> str:
    """As it stands in our files."""
    return json.dumps(value, indent=1) + "\n"
