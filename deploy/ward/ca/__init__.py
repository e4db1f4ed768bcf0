"""A small certificate authority for one ward: EST (RFC 7030) for nodes that enrol and renew, tokens, and a list of what
is revoked for the broker.

`start_authority` runs it as a child; `python -m deploy.ward.ca` is its command line. Needs requirements.txt of this
folder, which the agent's installation has.
"""

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from agent.i18n import Text
from deploy.ward.certificates import Certificates
from deploy.ward.child import Child, WardError

START_S = 20.0
ROOT = Path(__file__).parents[3]


@dataclass(frozen=True, slots=True)
class AuthorityOptions:
    """How to run it. Port 0: a free one. `names`: what nodes call this server. `life_days`: of nodes' certificates."""

    port: int = 0
    host: str = "127.0.0.1"
    names: tuple[str, ...] = ("localhost", "127.0.0.1")
    life_days: float = 90.0


@dataclass(frozen=True, slots=True)
class RunningAuthority:
    """The child, where it listens and where its files are (ca.pem, crl.pem, audit.jsonl)."""

    child: Child
    port: int
    directory: Path

    @property
    def url(self) -> str:
        """For `camera-agent enrol --ward`."""
        return f"https://127.0.0.1:{self.port}"

    @property
    def renew_url(self) -> str:
        """For `tls.renew`."""
        return f"{self.url}/.well-known/est"

    def token(self, node: str, *more: str) -> str:
        """A new one-time token for `node`. Raises WardError."""
        return command(self.directory, "token", node, *more).split()[0]

    def revoke(self, node: str) -> None:
        """All certificates of `node` are listed in crl.pem. Raises WardError."""
        command(self.directory, "revoke", node)

    def server(self, out: Path, name: str, *hosts: str) -> Certificates:
        """Certificate and key for another server of the ward (broker, uploads). Raises WardError."""
        command(self.directory, "server", name, "--out", str(out), "--names", ",".join(hosts))
        return Certificates(self.directory / "ca.pem", out / f"{name}.pem", out / f"{name}.key")


def start_authority(directory: Path, options: AuthorityOptions | None = None) -> RunningAuthority:
    """The running authority of `directory`. Raises WardError when it does not come up."""
    how = options or AuthorityOptions()
    directory.mkdir(parents=True, exist_ok=True)
    line = (
        *(sys.executable, "-m", "deploy.ward.ca", "serve", "--directory", str(directory.resolve())),
        *("--host", how.host, "--port", str(how.port), "--names", ",".join(how.names)),
        *("--life-days", str(how.life_days)),
    )
    child = Child(line, directory / "authority.log", {"PYTHONPATH": str(ROOT)}, talks=True)
    answer = child.hear(START_S)
    if answer.startswith("port "):
        return RunningAuthority(child, int(answer.removeprefix("port ")), directory.resolve())
    child.stop()
    said = child.last_words()
    raise WardError(
        Text(en=f"the authority did not start: {said}", vi=f"máy chủ cấp chứng chỉ không khởi động được: {said}")
    )


def command(directory: Path, *arguments: str) -> str:
    """What `python -m deploy.ward.ca …` prints. Raises WardError with what it complains of."""
    line = (sys.executable, "-m", "deploy.ward.ca", *arguments, "--directory", str(directory))
    done = subprocess.run(line, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    if done.returncode != 0:
        said = done.stderr.strip()[-300:]
        raise WardError(Text(en=f"the authority: {said}", vi=f"máy chủ cấp chứng chỉ: {said}"))
    return done.stdout


__all__ = ["AuthorityOptions", "RunningAuthority", "command", "start_authority"]
