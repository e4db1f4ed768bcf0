"""systemd, as far as an update needs it: is the service alive, who is it, start it anew."""

import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from agent.errors import AgentError
from agent.i18n import Text
from agent.system_words import reason

UNIT = "camera-agent.service"
JUDGE = "camera-agent-update.path"
ANSWER_S = 60.0


@dataclass(frozen=True, slots=True)
class Life:
    """The service now. `folder`: of the version whose program the main process is; `ends` since it was asked for."""

    active: bool = False
    pid: int = 0
    folder: str | None = None
    ends: int = 0


class Services(Protocol):
    """What the update asks of the system."""

    def life(self) -> Life:
        """How the service is."""

    def restart(self) -> None:
        """Start it anew with what the files say now; does not wait for it."""

    def reload(self) -> None:
        """Units were changed."""

    def judged(self) -> bool:
        """Does somebody else look after a trial (camera-agent-update.path)?"""


class Systemd:
    """Through systemctl. Raises AgentError when it does not answer or refuses."""

    def life(self) -> Life:
        """How the service is."""
        said = self._ask("show", UNIT, "--property=ActiveState,MainPID,NRestarts")
        values = dict(line.split("=", 1) for line in said.splitlines() if "=" in line)
        pid = _number(values.get("MainPID"))
        active = values.get("ActiveState") in ("active", "activating", "reloading")
        return Life(active, pid, folder_of(pid), _number(values.get("NRestarts")))

    def restart(self) -> None:
        """Start it anew; does not wait: what never gets ready is for the gate to find out."""
        self._ask("restart", "--no-block", UNIT)

    def reload(self) -> None:
        """Units were changed."""
        self._ask("daemon-reload")

    def judged(self) -> bool:
        """Is the judge's path unit at work?"""
        command = ("systemctl", "is-active", "--quiet", JUDGE)
        try:
            return subprocess.run(command, timeout=ANSWER_S, check=False).returncode == 0
        except (OSError, subprocess.TimeoutExpired):
            return False

    def _ask(self, *arguments: str) -> str:
        command = ("systemctl", *arguments)
        try:
            done = subprocess.run(command, capture_output=True, text=True, timeout=ANSWER_S, check=False)
        except (OSError, subprocess.TimeoutExpired) as error:
            raise _silent(arguments[0], reason(error)) from error
        if done.returncode != 0:
            told = done.stderr.strip().splitlines()[-1:] or [f"{done.returncode}"]
            raise _silent(arguments[0], Text(en=told[0], vi=told[0]))
        return done.stdout


def folder_of(pid: int) -> str | None:
    """The version whose program process `pid` is: its interpreter was started as versions/NAME/bin/python."""
    if pid <= 0:
        return None
    try:
        first = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0", 1)[0]
    except OSError:
        return None
    path = Path(first.decode(errors="replace"))
    return path.parents[1].name if len(path.parents) > 2 and path.parents[2].name == "versions" else None


def _number(text: str | None) -> int:
    return int(text) if text is not None and text.isdigit() else 0


def _silent(what: str, why: Text) -> AgentError:
    return AgentError(
        Text(en=f"`systemctl {what}` failed: {why.en}", vi=f"`systemctl {what}` không chạy được: {why.vi}"),
        Text(en="See `systemctl status camera-agent`", vi="Xem `systemctl status camera-agent`"),
    )
