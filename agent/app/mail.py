"""The spool as the line to the broker sees it: while the disk fails, the line stays up and nothing is sent twice.

What cannot be read waits; what the broker has but the spool could not note is noted later, before more is handed out.
So health and faults, which need no disk, still reach the ward.
"""

from collections.abc import Collection, Iterable

from agent.clock import Clock
from agent.errors import StorageError
from agent.spool import Spool
from agent.values import OutgoingMessage
from agent.worker import Reporter

SOURCE = "mqtt-spool"
REST_S = 5.0  # between two tries of a disk that fails


class Mail:
    """For the one thread of the mqtt worker; outlives its jobs. Raises no StorageError: it reports them."""

    def __init__(self, spool: Spool, reporter: Reporter, clock: Clock) -> None:
        self._spool = spool
        self._reporter = reporter
        self._clock = clock
        self._owed: set[int] = set()  # rows that the broker has; no more than one window of them
        self._again_s: float | None = None  # the disk failed: when to try it again

    def connected(self) -> None:
        """A connection stands: what comes from here on overtakes what waits. A disk that fails now only costs that."""
        try:
            self._spool.connected()
        except StorageError as error:
            self._failed(error)

    def pending(self, limit: int, skip: Collection[int]) -> tuple[OutgoingMessage, ...]:
        """Messages to send next; none while the disk fails."""
        if not self._may_try():
            return ()
        try:
            self._settle()
            found = self._spool.pending(limit, skip)
        except StorageError as error:
            self._failed(error)
            return ()
        self._worked()
        return found

    def ack(self, rows: Iterable[int]) -> None:
        """The broker has these."""
        self._owed.update(rows)
        if not self._may_try():
            return
        try:
            self._settle()
        except StorageError as error:
            self._failed(error)

    def retained(self) -> tuple[str, ...]:
        """Topics to look after; none when the disk does not tell."""
        try:
            return self._spool.retained()
        except StorageError as error:
            self._failed(error)
            return ()

    def cleared(self, topics: Iterable[str]) -> None:
        """These need no looking after any more; where the disk does not take it, they are cleared once more one day."""
        try:
            self._spool.forget_retained(topics)
        except StorageError as error:
            self._failed(error)

    def _settle(self) -> None:
        if self._owed:
            self._spool.ack(self._owed)
            self._owed.clear()

    def _may_try(self) -> bool:
        return self._again_s is None or self._clock.mono_s() >= self._again_s

    def _failed(self, error: StorageError) -> None:
        self._again_s = self._clock.mono_s() + REST_S
        self._reporter.raised(SOURCE, error)

    def _worked(self) -> None:
        if self._again_s is not None:
            self._again_s = None
            self._reporter.cleared(SOURCE)
