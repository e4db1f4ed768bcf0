"""The tus server as a child process: two pinned npm packages in the cache, started through `server.mjs`."""

import json
import os
import shutil
from dataclasses import dataclass
from pathlib import Path

from agent.i18n import Text
from deploy.npm import install_packages
from deploy.ward.certificates import Certificates
from deploy.ward.child import Child, WardError

HERE = Path(__file__).parent
FILES = ("server.mjs", "gate.mjs", "doors.mjs", "package.json", "package-lock.json")
START_S = 20.0


@dataclass(frozen=True, slots=True)
class UploadOptions:
    """How to run the upload server."""

    port: int = 0
    tls: Certificates | None = None
    require_client_cert: bool = False
    logins: tuple[tuple[str, str], ...] = ()
    max_bytes: int = 1_000_000_000


def install_server(cache: Path) -> Path:
    """The directory of the ready server, installed once per version into `cache`. Raises WardError."""
    return install_packages("ward-upload", HERE, FILES, cache)


def start_server(program: Path, uploads: Path, options: UploadOptions) -> tuple[Child, int]:
    """The running server and its port on 127.0.0.1. Raises WardError."""
    uploads.mkdir(parents=True, exist_ok=True)
    name = Text(en="the upload server", vi="máy chủ nhận clip")
    log = uploads.parent / "upload-server.log"
    return start_script(program / "server.mjs", name, json.dumps(_settings(uploads, options)), log)


def start_script(script: Path, name: Text, settings: str, log: Path) -> tuple[Child, int]:
    """One of our Node programs, with one line of JSON; running, and its port. Raises WardError."""
    log.unlink(missing_ok=True)
    node = shutil.which("node") or "node"
    # Node would print a warning per start on machines that set these for other programs.
    env = {"NODE_OPTIONS": "", "NODE_ENV": "production", "PATH": os.environ.get("PATH", os.defpath)}
    child = Child((node, str(script)), log, env, talks=True)
    child.say(settings)
    answer = child.hear(START_S)
    if answer.startswith("port "):
        return child, int(answer.removeprefix("port "))
    child.stop()
    port = json.loads(settings).get("port")
    raise WardError(
        Text(
            en=f"{name.en} did not start on port {port}: {child.last_words()}",
            vi=f"{name.vi} không khởi động được ở cổng {port}: {child.last_words()}",
        ),
        Text(en="choose another port, or 0 for a free one", vi="hãy chọn cổng khác, hoặc 0 để lấy cổng trống"),
    )


def _settings(uploads: Path, options: UploadOptions) -> dict[str, object]:
    tls = options.tls
    return {
        "directory": str(uploads),
        "port": options.port,
        "maxSize": options.max_bytes,
        "logins": [list(login) for login in options.logins],
        "tls": tls
        and {
            "cert": str(tls.cert),
            "key": str(tls.key),
            "ca": str(tls.ca),
            "requireClient": options.require_client_cert,
        },
    }
