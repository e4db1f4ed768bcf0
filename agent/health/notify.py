"""What systemd is told: READY, STATUS, WATCHDOG, STOPPING (sd_notify(3)), without a library.

Does nothing when the agent was not started by systemd.
"""

import os
import socket
from collections.abc import Mapping

MAX_STATUS = 200


class Notifier:
    """Speaks to $NOTIFY_SOCKET. Never blocks, never raises: a deaf systemd must not stop a camera."""

    def __init__(self, environ: Mapping[str, str] = os.environ) -> None:
        self._address = environ.get("NOTIFY_SOCKET", "")
        if self._address.startswith("@"):
            self._address = "\0" + self._address[1:]  # the abstract namespace
        self.watchdog_s = watchdog_s(environ)

    def ready(self, status: str = "") -> bool:
        """The node works; systemd may start what comes after it."""
        return self._send("READY=1", status)

    def status(self, status: str) -> bool:
        """One line for `systemctl status`."""
        return self._send("", status)

    def starting(self, status: str, seconds: float) -> bool:
        """Not ready yet, but at work: systemd waits so much longer (it counts from now on)."""
        return self._send(f"EXTEND_TIMEOUT_USEC={round(seconds * 1e6)}", status)

    def watchdog(self) -> bool:
        """Still alive; due at least every `watchdog_s`, better twice as often."""
        return self._send("WATCHDOG=1", "")

    def stopping(self, status: str = "") -> bool:
        """The end has begun; systemd waits for it instead of calling it a failure."""
        return self._send("STOPPING=1", status)

    def _send(self, state: str, status: str) -> bool:
        if not self._address:
            return False
        one_line = " ".join(status.split())[:MAX_STATUS]
        message = "\n".join(part for part in (state, f"STATUS={one_line}" if one_line else "") if part)
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as sender:
                sender.setblocking(False)
                sender.sendto(message.encode(), self._address)
        except OSError:
            return False
        return True


def watchdog_s(environ: Mapping[str, str] = os.environ) -> float | None:
    """Of systemd, in seconds; None: nobody watches this process (sd_watchdog_enabled(3))."""
    # $WATCHDOG_PID guards against a child that inherits the variables of its parent.
    pid = environ.get("WATCHDOG_PID", "")
    if pid and pid != str(os.getpid()):
        return None
    try:
        seconds = int(environ.get("WATCHDOG_USEC", "")) / 1e6
    except ValueError:
        return None
    return seconds if seconds > 0 else None
