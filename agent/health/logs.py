"""The log: short lines for the journal, bounded per message and in all, without passwords.

A line that repeats is let through a few times a minute; how many were held back is said with the next one.
"""

import logging
import os
import re
import sys
from collections import OrderedDict
from collections.abc import Mapping
from typing import TextIO

from agent.clock import Clock

WINDOW_S = 60.0
PER_MESSAGE = 6
IN_ALL = 120
MAX_KEYS = 256
CREDENTIALS = re.compile(r"(\w+://)[^\s/@]+@")
# sd-daemon(3): journald takes the priority from the head of the line.
PRIORITIES = {logging.CRITICAL: "<2>", logging.ERROR: "<3>", logging.WARNING: "<4>", logging.INFO: "<6>"}


class RateBound(logging.Filter):
    """Lets through `PER_MESSAGE` lines a minute of each message and `IN_ALL` of all; counts the rest."""

    def __init__(self, clock: Clock) -> None:
        super().__init__()
        self._clock = clock
        self._window_s = clock.mono_s()
        self._passed = 0
        self._seen: OrderedDict[str, int] = OrderedDict()
        self._held: dict[str, int] = {}
        self.suppressed = 0  # since the start

    def filter(self, record: logging.LogRecord) -> bool:
        """Called by logging under the handler's lock."""
        now_s = self._clock.mono_s()
        if now_s - self._window_s >= WINDOW_S:
            self._window_s, self._passed = now_s, 0
            self._seen.clear()
        key = _key(record)
        count = self._seen.get(key, 0) + 1
        self._seen[key] = count
        if len(self._seen) > MAX_KEYS:
            self._seen.popitem(last=False)
        if count > PER_MESSAGE or (self._passed >= IN_ALL and record.levelno < logging.ERROR):
            self.suppressed += 1
            if key in self._held or len(self._held) < MAX_KEYS:
                self._held[key] = self._held.get(key, 0) + 1
            return False
        self._passed += 1
        held = self._held.pop(key, 0)
        if held:
            record.msg = f"{record.msg} (+{held} like this were not shown)"
        return True


def _key(record: logging.LogRecord) -> str:
    # By convention the first argument names the worker or camera: one that repeats itself must not silence the others.
    first = record.args[0] if isinstance(record.args, tuple) and record.args else ""
    return f"{record.name}|{record.msg}|{first}"


class JournalFormat(logging.Formatter):
    """One line per record; credentials in addresses become ***. Under systemd with a priority, else with the time."""

    def __init__(self, journal: bool) -> None:
        super().__init__("%(name)s: %(message)s" if journal else "%(asctime)s %(levelname)s %(name)s: %(message)s")
        self._journal = journal

    def format(self, record: logging.LogRecord) -> str:
        """The finished line or, with a traceback, lines."""
        text = CREDENTIALS.sub(r"\1***@", super().format(record))
        if not self._journal:
            return text
        head = next((sign for level, sign in PRIORITIES.items() if record.levelno >= level), "<7>")
        return "\n".join(head + line for line in text.splitlines())


def set_up_logs(
    clock: Clock,
    level: int = logging.INFO,
    environ: Mapping[str, str] = os.environ,
    stream: TextIO | None = None,
) -> RateBound:
    """Take over the root logger; returns the bound, whose `suppressed` is the count of lines not shown."""
    bound = RateBound(clock)
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.addFilter(bound)
    handler.setFormatter(JournalFormat(journal="JOURNAL_STREAM" in environ))
    logging.basicConfig(level=level, handlers=[handler], force=True)
    for noisy in ("httpx", "httpcore", "aiohttp.access"):
        logging.getLogger(noisy).setLevel(logging.WARNING)  # they log each request, addresses and all
    return bound
