"""Figures for Prometheus: each report as text, into a file or for who asks at a port of this machine."""

import os
from collections.abc import Callable
from pathlib import Path

from agent.clock import Clock
from agent.config.metrics import MetricsSection
from agent.contract.health import HealthMessage
from agent.errors import StorageError
from agent.health.faults import Fault
from agent.health.metrics import exposition
from agent.health.status import NodeIdentity
from agent.i18n import Text
from agent.system_words import reason
from agent.worker import Reporter

SOURCE = "metrics-file"
EVERY_S = 15.0  # Prometheus seldom asks more often, and the file may lie on a card


class Figures:
    """Belongs to the health thread; `page` may be called by any."""

    def __init__(self, section: MetricsSection, who: NodeIdentity, reporter: Reporter, clock: Clock) -> None:
        self._file = section.textfile
        self._who = who
        self._reporter = reporter
        self._clock = clock
        self._due_s = clock.mono_s()
        self._text = b""

    def take(self, report: HealthMessage, faults: Callable[[], tuple[Fault, ...]]) -> None:
        """The newest report. A file that cannot be written is a fault, and tried again."""
        self._text = exposition(report, faults(), self._who)
        now_s = self._clock.mono_s()
        if self._file is None or now_s < self._due_s:
            return
        self._due_s = now_s + EVERY_S
        try:
            replace_file(self._file, self._text)
        except StorageError as error:
            self._reporter.raised(SOURCE, error)
        else:
            self._reporter.cleared(SOURCE)

    def page(self) -> bytes:
        """The newest, empty before the first report."""
        return self._text


def replace_file(path: Path, data: bytes) -> None:
    """Whoever reads sees the old or the new, never half. Not synced: after a power cut old figures are worth nothing.

    Raises StorageError (metrics_failed).
    """
    temporary = path.with_name(f".{path.name}.tmp")
    try:
        path.parent.mkdir(mode=0o755, exist_ok=True)
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC, 0o644)
        with os.fdopen(descriptor, "wb") as file:
            os.fchmod(descriptor, 0o644)  # the unit's umask would keep node_exporter out
            file.write(data)
        temporary.replace(path)
    except OSError as error:
        why = reason(error)
        raise StorageError(
            Text(en=f"{path} cannot be written: {why.en}", vi=f"Không ghi được {path}: {why.vi}"),
            Text(en="Correct `metrics.textfile`", vi="Hãy sửa `metrics.textfile`"),
            code="metrics_failed",
        ) from error
