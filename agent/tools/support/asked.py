"""What other programs of the system tell: the journal, the kernel, systemd. Bounded, and said when it cannot be had."""

import json
import os
import subprocess
from dataclasses import dataclass
from datetime import datetime, timezone

from agent.errors import AgentError
from agent.health.service import UNIT
from agent.i18n import Text

TIMEOUT_S = 20.0
LINES, KERNEL_LINES = 3000, 300
WARNING = 4  # of syslog
KERNEL = (
    r"under-?voltage|throttl|voltage|out of memory|oom-kill|killed process|mmc\d|I/O error|EXT4-fs|"
    r"usb .*(disconnect|reset|error)|watchdog|thermal|segfault|Read-only"
)


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the journal."""

    at_utc: str
    priority: int
    text: str

    def __str__(self) -> str:
        return f"{self.at_utc} <{self.priority}> {self.text}"


def journal(unit: str = UNIT, command: str = "journalctl") -> tuple[Line, ...]:
    """The agent's newest lines. Raises AgentError."""
    asked = ("--unit", unit, "--lines", str(LINES), "--output", "json", "--output-fields", "MESSAGE,PRIORITY")
    lines = tuple(filter(None, map(_line, _said(command, *asked, "--no-pager").splitlines())))
    if not lines:
        raise AgentError(Text(en="no lines that may be read here", vi="không có dòng nào đọc được ở đây"))
    return lines


def kernel(command: str = "journalctl") -> tuple[Line, ...]:
    """What the kernel says about power, heat, memory, card and USB since this boot. Raises AgentError."""
    asked = ("--dmesg", "--grep", KERNEL, "--case-sensitive=no", "--lines", str(KERNEL_LINES), "--output", "json")
    said = _said(command, *asked, "--output-fields", "MESSAGE,PRIORITY", "--no-pager")
    return tuple(filter(None, map(_line, said.splitlines())))


def service(unit: str = UNIT, command: str = "systemctl") -> str:
    """How systemd sees the unit. Raises AgentError."""
    return _said(command, "status", unit, "--no-pager", "--full", "--lines=0").decode("utf-8", "replace")


def _line(raw: bytes) -> Line | None:
    try:
        told = json.loads(raw)
        at = datetime.fromtimestamp(int(told["__REALTIME_TIMESTAMP"]) / 1e6, timezone.utc)
        text = told.get("MESSAGE") or ""
        if isinstance(text, list):  # bytes that are no UTF-8
            text = bytes(text).decode("utf-8", "replace")
        return Line(f"{at:%Y-%m-%dT%H:%M:%S}Z", int(told.get("PRIORITY", 6)), str(text))
    except (ValueError, KeyError, TypeError, OverflowError, OSError):
        return None


def _said(command: str, *options: str) -> bytes:
    try:
        ended = subprocess.run(
            [command, *options],
            capture_output=True,
            timeout=TIMEOUT_S,
            check=False,
            env={**os.environ, "LC_ALL": "C.UTF-8"},
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise AgentError(Text(en=f"{command} cannot be asked here", vi=f"ở đây không hỏi được {command}")) from error
    complaint = ended.stderr.decode("utf-8", "replace").strip().splitlines()[:1]
    if not ended.stdout and complaint:
        raise AgentError(Text(en=f"{command}: {complaint[0]}", vi=f"{command}: {complaint[0]}"))
    return ended.stdout
