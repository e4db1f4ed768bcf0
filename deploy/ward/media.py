"""nginx with its RTMP module as a child process: found on this machine or unpacked from Debian packages."""

import contextlib
import shutil
import socket
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from agent.errors import AgentError
from agent.i18n import Text
from deploy.ward.child import Child, WardError

START_S = 10.0
PACKAGES = ("nginx", "libnginx-mod-rtmp")
MODULE = "ngx_rtmp_module.so"
SYSTEM_MODULES = Path("/usr/lib/nginx/modules")


@dataclass(frozen=True, slots=True)
class Nginx:
    """The program and where its modules are."""

    program: Path
    modules: Path


def find_nginx(cache: Path) -> Nginx:
    """The machine's when it has the RTMP module, else unpacked into `cache` without root. Raises WardError."""
    path = shutil.which("nginx", path="/usr/sbin:/usr/local/sbin:/usr/bin")
    if path and (SYSTEM_MODULES / MODULE).exists():
        return Nginx(Path(path), SYSTEM_MODULES)
    target = cache / "nginx"
    found = Nginx(target / "usr/sbin/nginx", target / "usr/lib/nginx/modules")
    if not (found.modules / MODULE).exists():
        from deploy.assets import unpack_debian  # noqa: PLC0415  # heavy, and most starts do not need it

        try:
            unpack_debian(PACKAGES, target)
        except (AgentError, OSError) as error:
            raise _missing(f"({error})") from error
    if not found.program.exists() or not (found.modules / MODULE).exists():
        raise _missing("")
    return found


def start_media(nginx: Nginx, settings: Path, port: int, log: Path) -> Child:
    """The media server on 127.0.0.1:`port`, with the filled-in nginx.conf. Raises WardError."""
    log.unlink(missing_ok=True)
    # -p: it would look for its directories where Debian has them.
    child = Child((str(nginx.program), "-p", str(log.parent), "-e", "stderr", "-c", str(settings)), log)
    if child.wait_until(partial(answers, port), START_S) and child.process.poll() is None:
        return child
    child.stop()
    said = child.last_words()
    raise WardError(
        Text(
            en=f"the media server did not start on 127.0.0.1:{port}: {said}",
            vi=f"máy chủ hình trực tiếp không khởi động được tại 127.0.0.1:{port}: {said}",
        )
    )


def answers(port: int) -> bool:
    """Does something listen there?"""
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1.0):
        return True
    return False


def _missing(why: str) -> WardError:
    return WardError(
        Text(
            en=f"nginx with its RTMP module is not on this machine {why}".strip(),
            vi=f"máy này chưa có nginx với mô-đun RTMP {why}".strip(),
        ),
        Text(en="apt install nginx libnginx-mod-rtmp", vi="apt install nginx libnginx-mod-rtmp"),
    )
