"""PostgreSQL as a child process, for the reference consumer's tests and bench: a database of its own in a directory.

It listens on a Unix socket in that directory and nowhere else, and lets in whoever may open the directory. PostgreSQL
refuses to run as root, so root runs it as `nobody`.
"""

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from agent.errors import AgentError
from agent.i18n import Text
from deploy.ward.child import Child, WardError

NOBODY = "nobody"
START_S = 30.0
SETTINGS = (
    "listen_addresses=",
    "unix_socket_permissions=0777",
    "logging_collector=off",
    "max_connections=20",
    "shared_buffers=64MB",
)


@dataclass(frozen=True, slots=True)
class PostgreSql:
    """Its programs, and where their libraries are."""

    programs: Path
    libraries: tuple[Path, ...] = ()

    @property
    def env(self) -> dict[str, str]:
        """For the child's environment."""
        return {"LD_LIBRARY_PATH": ":".join(map(str, self.libraries))} if self.libraries else {}


class RunningDatabase:
    """A cluster below a directory of its own in /tmp, removed by `stop`. Use as a context manager."""

    def __init__(self, found: PostgreSql) -> None:
        self.directory = Path(tempfile.mkdtemp(prefix="ward-db-"))
        self._found = found
        self._child: Child | None = None

    @classmethod
    def start_new(cls, cache: Path) -> "RunningDatabase":
        """Make a cluster and start it. Raises WardError; then nothing is left."""
        made = cls(find_postgresql(cache))
        try:
            made._make()
            made.start()
        except (WardError, OSError, subprocess.SubprocessError) as error:
            made.stop()
            if isinstance(error, WardError):
                raise
            raise _not_started(str(error)) from error
        return made

    @property
    def conninfo(self) -> str:
        """For libpq."""
        return f"host={self.directory} dbname=postgres user=ward"

    def start(self) -> None:
        """(Re)start it over the same data. Raises WardError."""
        arguments = ("-D", str(self.directory / "data"), "-k", str(self.directory))
        settings = tuple(part for one in SETTINGS for part in ("-c", one))
        command = (*self._as_nobody(), str(self._found.programs / "postgres"), *arguments, *settings)
        self._child = Child(command, self.directory / "log", self._found.env)
        if not self._child.wait_until(self._answers, START_S):
            said = self._child.last_words()
            self._child.stop()
            raise _not_started(said)

    def kill(self) -> None:
        """As a power cut would: kill -9 of all of it."""
        if self._child:
            self._child.kill()

    def stop(self) -> None:
        """End it and remove its data; may be called again."""
        if self._child:
            if self._child.process.poll() is None:
                self._child.process.send_signal(signal.SIGINT)  # "fast": SIGTERM would wait for all clients to go
            self._child.stop(10.0)
        shutil.rmtree(self.directory, ignore_errors=True)

    def __enter__(self) -> "RunningDatabase":
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _make(self) -> None:
        if os.geteuid() == 0:
            owner = pwd.getpwnam(NOBODY)
            os.chown(self.directory, owner.pw_uid, owner.pw_gid)
            self._found = _reachable(self._found, self.directory)
        options = ("--auth=trust", "--username=ward", "--encoding=UTF8", "--locale=C.UTF-8")
        command = (str(self._found.programs / "initdb"), *options, "-D", str(self.directory / "data"))
        done = subprocess.run(
            (*self._as_nobody(), *command),
            env={**os.environ, **self._found.env},
            cwd="/",
            capture_output=True,
            check=False,
            timeout=120,
        )
        if done.returncode:
            raise _not_started(done.stderr.decode(errors="replace").strip()[-400:])

    def _answers(self) -> bool:
        command = (str(self._found.programs / "pg_isready"), "-q", "-h", str(self.directory))
        return subprocess.run(command, env={**os.environ, **self._found.env}, check=False).returncode == 0

    def _as_nobody(self) -> tuple[str, ...]:
        if os.geteuid() != 0:
            return ()
        owner = pwd.getpwnam(NOBODY)
        # Another user clears the parent-death signal, so it is asked for again.
        ids = (f"--reuid={owner.pw_uid}", f"--regid={owner.pw_gid}", "--clear-groups", "--pdeathsig=INT")
        return ("setpriv", *ids)


def find_postgresql(cache: Path) -> PostgreSql:
    """The newest on this machine, else Debian's unpacked into `cache` without root. Raises WardError."""
    if found := _newest(Path("/usr/lib/postgresql")):
        return PostgreSql(found)
    target = cache / "postgresql"
    if not _newest(target / "usr/lib/postgresql"):
        from deploy.assets import unpack_debian  # noqa: PLC0415  # heavy, and some machines have it

        try:
            unpack_debian(["postgresql"], target)
        except (AgentError, OSError) as error:
            raise _missing(f"({error})") from error
    if found := _newest(target / "usr/lib/postgresql"):
        return PostgreSql(found, tuple(sorted({file.parent for file in target.rglob("*.so.*")})))
    raise _missing("")


def _newest(versions: Path) -> Path | None:
    found = [path.parent for path in versions.glob("*/bin/initdb") if path.parent.parent.name.isdigit()]
    return max(found, key=lambda path: int(path.parent.name), default=None)


def _reachable(found: PostgreSql, directory: Path) -> PostgreSql:
    """The same programs where `nobody` may go: root's cache is closed to others."""
    if not found.libraries:
        return found
    root = next(path for path in found.programs.parents if path.name == "postgresql" and (path / "usr").is_dir())
    copy = directory / "programs"
    shutil.copytree(root, copy, symlinks=True)
    return PostgreSql(
        copy / found.programs.relative_to(root), tuple(copy / path.relative_to(root) for path in found.libraries)
    )


def _not_started(why: str) -> WardError:
    return WardError(Text(en=f"PostgreSQL did not start: {why}", vi=f"PostgreSQL không khởi động được: {why}"))


def _missing(why: str) -> WardError:
    return WardError(
        Text(en=f"PostgreSQL is not on this machine {why}".strip(), vi=f"máy này chưa có PostgreSQL {why}".strip()),
        Text(en="apt install postgresql", vi="apt install postgresql"),
    )
