"""Writes the log. Two processes may append: the agent for the ward, and `camera-agent footage` for whoever is here."""

import errno
import fcntl
import os
import threading
from collections import deque
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from agent.access import files
from agent.access.record import FIRST, GRANT, Record, parse, record_of
from agent.clock import Clock
from agent.durable import disk_error, sync_dir, write_durably
from agent.errors import StorageError
from agent.i18n import Text
from agent.values import Access, AccessTally

LOCK = "lock"
TRIES, TRY_S = 60, 0.05  # a line is written within milliseconds, on a worn card within a second
SHOWN = 500  # records in the household's copy
SHOWN_GRANTS = 300  # of them the newest that were granted, however many refusals came after them


class AccessLog:
    """In `directory` (0700). `shown`: where anybody on this device may read the newest records; None: nowhere.

    Thread-safe, and safe beside another process. Raises StorageError throughout.
    """

    def __init__(self, directory: Path, clock: Clock, shown: Path | None = None) -> None:
        self._directory = directory
        self._clock = clock
        self._shown = shown
        self._lock = threading.Lock()
        try:
            directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise disk_error(error, directory) from error

    def write(self, access: Access) -> Record:
        """Append one record; it is on the disk on return."""
        try:
            with self._alone():
                files.cut_torn(files.newest(self._directory))
                record = self._next(access)
                self._append(record)
        except OSError as error:
            raise disk_error(error, self._directory) from error
        self.show()
        return record

    def records(self) -> Iterator[Record]:
        """What can be read, the oldest first; what cannot is told by `check`."""
        try:
            for line in files.lines(self._directory):
                record = parse(line)
                if record is not None:
                    yield record
        except OSError as error:
            raise disk_error(error, self._directory) from error

    def tally(self) -> AccessTally:
        """How far it is: told to the ward, so that a log that was cut or made anew shows."""
        try:
            line = files.last_line(self._directory)
        except OSError as error:
            raise disk_error(error, self._directory) from error
        record = parse(line) if line else None
        return AccessTally(record.number, record.hash) if record else AccessTally(0, FIRST)

    def show(self) -> None:
        """Bring the household's copy up to date. One that cannot be written is no reason to refuse footage."""
        if self._shown is None:
            return
        try:
            with self._alone():  # else an older copy might take the place of a newer one
                newest = map(parse, _shown(files.lines(self._directory)))
                self._shown.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
                write_durably(self._shown, b"".join(record.line() for record in newest if record), 0o644)
                self._shown.chmod(0o644)
        except (OSError, StorageError):
            return

    def _next(self, access: Access) -> Record:
        line = files.last_line(self._directory)
        if line is None:
            return record_of(access, self._clock.now(), 1, FIRST)
        last = parse(line)
        if last is None:
            # Somebody was at the file. Going on would hide it; nobody gets footage until it is looked at.
            raise StorageError(
                Text(
                    en=f"the access log in {self._directory} was damaged or changed",
                    vi=f"nhật ký truy cập trong {self._directory} bị hỏng hoặc bị sửa",
                ),
                Text(
                    en="Look at it with `camera-agent access-log --check`; move the folder away to begin a new one",
                    vi="Xem bằng `camera-agent access-log --check`; dời thư mục đó đi nơi khác để bắt đầu nhật ký mới",
                ),
                code="storage_error",
            )
        return record_of(access, self._clock.now(), last.number + 1, last.hash)

    def _append(self, record: Record) -> None:
        files.make_room(self._directory)
        path = files.newest(self._directory)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            line = record.line()
            if os.write(descriptor, line) < len(line):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path))  # the rest is cut off next time
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        sync_dir(self._directory)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        with self._lock, (self._directory / LOCK).open("a") as lock:
            (self._directory / LOCK).chmod(0o600)
            self._take(lock.fileno())
            yield

    def _take(self, descriptor: int) -> None:
        """Raises StorageError: whoever stopped another process in the middle of a line must not stop this one."""
        for _ in range(TRIES):
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                return
            except BlockingIOError:
                threading.Event().wait(TRY_S)
        raise StorageError(
            Text(
                en=f"another process does not let go of the access log in {self._directory}",
                vi=f"một chương trình khác đang giữ nhật ký truy cập trong {self._directory}",
            ),
            Text(
                en=f"End it: `sudo fuser {self._directory / LOCK}` names it",
                vi=f"Hãy kết thúc nó: `sudo fuser {self._directory / LOCK}` cho biết là chương trình nào",
            ),
            code="storage_error",
        )


def _shown(lines: Iterable[bytes]) -> list[bytes]:
    """The newest grants in their share, and the newest of all others; in order."""
    grants: deque[tuple[int, bytes]] = deque(maxlen=SHOWN_GRANTS)
    newest: deque[tuple[int, bytes]] = deque(maxlen=SHOWN)
    for place in enumerate(lines):
        newest.append(place)
        if GRANT in place[1]:
            grants.append(place)
    shown = dict(grants)
    for number, line in reversed(newest):
        if len(shown) == SHOWN:
            break
        shown[number] = line
    return [shown[number] for number in sorted(shown)]
