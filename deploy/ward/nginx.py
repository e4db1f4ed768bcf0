"""nginx with its RTMP module: found on this machine or unpacked from Debian packages, without root."""

import shutil
from dataclasses import dataclass
from pathlib import Path

from agent.errors import AgentError
from agent.i18n import Text
from deploy.ward.child import WardError

PACKAGES = ("nginx", "libnginx-mod-rtmp", "libnginx-mod-stream")
RTMP, STREAM = "ngx_rtmp_module.so", "ngx_stream_module.so"
PLACES = "/usr/sbin:/usr/local/sbin:/usr/bin"
SYSTEM_MODULES = Path("/usr/lib/nginx/modules")


@dataclass(frozen=True, slots=True)
class Nginx:
    """The program and where its modules are."""

    program: Path
    modules: Path

    def whole(self, modules: tuple[str, ...]) -> bool:
        """Is it there, with these?"""
        return self.program.exists() and all((self.modules / name).exists() for name in modules)


def find_nginx(cache: Path, modules: tuple[str, ...] = (RTMP,)) -> Nginx:
    """The machine's when it has these modules, else unpacked into `cache`. Starts nothing. Raises WardError."""
    path = shutil.which("nginx", path=PLACES)
    system = Nginx(Path(path or "/nowhere"), SYSTEM_MODULES)
    if system.whole(modules):
        return system
    target = cache / "nginx"
    found = Nginx(target / "usr/sbin/nginx", target / "usr/lib/nginx/modules")
    if not found.whole(modules):
        from deploy.assets import unpack_debian  # noqa: PLC0415  # heavy, and not needed once it is there

        try:
            unpack_debian(PACKAGES, target)
        except (AgentError, OSError) as error:
            raise _missing(f"({error})") from error
    if not found.whole(modules):
        raise _missing("")
    return found


def _missing(why: str) -> WardError:
    return WardError(
        Text(
            en=f"nginx with its RTMP module is not on this machine {why}".strip(),
            vi=f"máy này chưa có nginx kèm mô-đun RTMP {why}".strip(),
        ),
        Text(en="apt install nginx libnginx-mod-rtmp", vi="apt install nginx libnginx-mod-rtmp"),
    )
