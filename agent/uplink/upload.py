"""Sends the spool's clips to the ward, one piece per `run_once`, resuming from the server's own offset.

Where a clip is lives in the spool (its URL before the first byte) and at the server; this job only remembers the last
offset it heard. A try is spent only when a server answered and nothing moved; a dead network costs none. Before each
piece it asks anew whose turn it is, so that footage that was asked for overtakes an older clip within one piece.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from threading import Event

from agent.clock import Clock
from agent.config.model import TlsSection, UploadSection
from agent.errors import LinkError, Rejected
from agent.uplink.clip_file import check_file, damaged, metadata, sha256_of
from agent.uplink.dial import Guard, Interrupted
from agent.uplink.doors import UploadDoors
from agent.uplink.governor import Governor
from agent.uplink.login import Login
from agent.uplink.tus import Busy, Conflict, Corrupted, Gone, Piece, TusClient
from agent.values import OutgoingClip
from agent.worker import Outcome

IDLE_S = 0.5
FIRST_PIECE = 64_000
SMALLEST_PIECE = 16_000
PIECE_S = 8.0  # a piece is as large as the line carries in about this time
# The family took the line in the middle of a piece: no server waits for ever for its end, and what has arrived counts.
LONGEST_PIECE_S = 45.0
GLANCE_S = 0.1  # how often the line is looked at while a piece waits
MESSAGES_S = 0.05  # a round trip or so
CONFLICTS = 3


class BrokenOff(Exception):
    """A piece took too long; the server has what has arrived of it."""


@dataclass(frozen=True, slots=True)
class Place:
    """The offset that the server told last, for one clip."""

    clip: str
    offset: int


@dataclass(slots=True)
class Progress:
    """Of the piece that is on its way: since when, and how many of its bytes have been handed to the socket."""

    begin_s: float
    sent: int = 0


@dataclass(frozen=True, slots=True)
class UploadLink:
    """How to reach the upload server, and as whom."""

    node: str
    section: UploadSection
    tls: TlsSection
    login: Login | None = None
    identity: Callable[[], int] = lambda: 0  # changes when there is another certificate


class UploadJob:
    """Job "upload". Raises LinkError; a clip that cannot be sent at all goes to `doors.rejected`."""

    def __init__(self, link: UploadLink, doors: UploadDoors, governor: Governor, stop: Event, clock: Clock) -> None:
        self._link = link
        self._doors = doors
        self._governor = governor
        self._stop = stop
        self._clock = clock
        self._guard = Guard(stop, clock, governor.opened)
        self._identity = link.identity()
        self._tus = TusClient(link.section, link.tls, link.login, self._guard, clock)
        self._place: Place | None = None
        self._piece = min(FIRST_PIECE, link.section.chunk)
        self._conflicts = 0
        self._spoilt = 0  # pieces that did not arrive as they left, since one did
        self._forgot = 0  # places that were gone amid an upload, since one was whole
        self._not_before_s = clock.mono_s()

    def run_once(self) -> Outcome:
        """Ask, create or send one piece."""
        wait_s = self._not_before_s - self._clock.mono_s()
        rest = self._governor.rest() if self._governor.rests() else None
        if rest is not None:
            self._doors.rests(rest)
        rests = wait_s > 0 or rest is not None or self._governor.others_first()
        clip = None if rests else self._doors.next_clip()
        if clip is None:
            self._stop.wait(min(wait_s, IDLE_S) if wait_s > 0 else IDLE_S)
            return Outcome.IDLE
        if self._identity != self._link.identity():
            self._show_anew()
        try:
            return self._step(clip)
        except Interrupted:
            return Outcome.IDLE
        except Busy as busy:
            self._not_before_s = self._clock.mono_s() + busy.seconds
            return Outcome.IDLE
        except Rejected as error:
            self._place = None
            self._doors.rejected(clip.id, error)
            return Outcome.WORKED
        except LinkError as error:
            self._place = None
            if error.code == "upload_refused":
                self._doors.failed(clip.id)
            raise

    def close(self) -> None:
        """Close the connection; the server keeps what it has."""
        self._tus.close()

    def _show_anew(self) -> None:
        """Between two pieces: another certificate, another connection; the server knows how far it is."""
        self._identity = self._link.identity()
        self._tus.close()
        self._tus = TusClient(self._link.section, self._link.tls, self._link.login, self._guard, self._clock)

    def _step(self, clip: OutgoingClip) -> Outcome:
        check_file(clip)
        url = clip.upload_url
        if url is None or not self._tus.ours(url):
            return self._create(clip)
        begun: int | None = None
        try:
            begun = offset = self._offset(clip, url)
            if offset < clip.bytes:
                offset = self._send(clip, url, offset)
        except Gone:
            return self._forgotten(clip, amid=begun is not None)
        except Conflict:
            return self._conflict(clip)
        except Corrupted:
            return self._corrupted(clip, url)
        except BrokenOff:
            return Outcome.WORKED  # the next piece asks for the offset first
        if begun > clip.bytes:  # somebody else's upload
            return self._create(clip)
        if begun < clip.bytes and not begun < offset <= clip.bytes:
            return self._conflict(clip)  # it took a piece and is no further, or further than we are
        return self._reached(clip, url, offset)

    def _reached(self, clip: OutgoingClip, url: str, offset: int) -> Outcome:
        self._conflicts = self._spoilt = 0
        self._place = Place(clip.id, offset)
        self._doors.progress(clip.id, offset)
        if offset == clip.bytes:
            self._forgot = 0
            self._doors.acked(clip.id, url)
        return Outcome.WORKED

    def _offset(self, clip: OutgoingClip, url: str) -> int:
        if self._place is not None and self._place.clip == clip.id:
            return self._place.offset
        return self._tus.offset(url)

    def _send(self, clip: OutgoingClip, url: str, offset: int) -> int:
        length = min(self._piece, clip.bytes - offset)
        self._place = None  # until the server has answered, only the server knows
        sha256 = sha256_of(clip, offset, length, self._guard.pause) if self._tus.checks() else None
        piece = Piece(offset, length, sha256)
        progress = Progress(self._clock.mono_s())
        try:
            reached = self._tus.send(url, piece, self._body(clip, piece, progress))
        except BrokenOff:
            self._fit(progress)
            raise
        took_s = self._fit(progress)
        self._governor.stats.uploaded(reached - offset, took_s)
        return reached

    def _fit(self, progress: Progress) -> float:
        took_s = max(self._clock.mono_s() - progress.begin_s, 0.001)
        self._piece = round(min(max(progress.sent / took_s * PIECE_S, SMALLEST_PIECE), self._link.section.chunk))
        return took_s

    def _body(self, clip: OutgoingClip, piece: Piece, progress: Progress) -> Iterator[bytes]:
        self._governor.resume()
        try:
            with clip.path.open("rb") as file:
                file.seek(piece.offset)
                while progress.sent < piece.length:
                    data = file.read(min(self._governor.piece_bytes, piece.length - progress.sent))
                    if not data:
                        raise damaged(clip)
                    self._wait(len(data), progress)
                    yield data
                    progress.sent += len(data)
        except OSError as error:
            raise damaged(clip) from error

    def _wait(self, count: int, progress: Progress) -> None:
        """Until `count` bytes may leave. Raises BrokenOff and Interrupted."""
        paused = False
        while self._governor.others_first():
            self._pause(MESSAGES_S, progress)
            paused = True
        if paused:
            self._governor.resume()
        left_s = self._governor.take(count)
        while left_s > 0:
            self._pause(min(left_s, GLANCE_S), progress)
            left_s -= GLANCE_S
            self._governor.look()

    def _pause(self, seconds: float, progress: Progress) -> None:
        if self._clock.mono_s() - progress.begin_s > LONGEST_PIECE_S:
            raise BrokenOff
        self._guard.pause(seconds)

    def _create(self, clip: OutgoingClip) -> Outcome:
        self._place = None
        self._doors.created(clip.id, self._tus.create(clip.bytes, metadata(clip, self._link.node)))
        self._place = Place(clip.id, 0)
        return Outcome.WORKED

    def _forgotten(self, clip: OutgoingClip, *, amid: bool) -> Outcome:
        """A new place. A server that forgets again and again, `amid` our sending, is left alone for a while."""
        self._create(clip)
        self._forgot += int(amid)
        if self._forgot < CONFLICTS:
            return Outcome.WORKED
        raise self._contradicts()

    def _conflict(self, clip: OutgoingClip) -> Outcome:
        self._conflicts += 1
        if self._conflicts < CONFLICTS:
            return Outcome.WORKED  # the next piece asks for the offset first
        self._conflicts = 0
        self._create(clip)
        raise self._contradicts()

    def _contradicts(self) -> LinkError:
        return self._tus.peer.trouble(
            "refused", "{peer} contradicts itself about what it has", "{peer} báo sai phần đã nhận"
        )

    def _corrupted(self, clip: OutgoingClip, url: str) -> Outcome:
        if sha256_of(clip, 0, clip.bytes, self._guard.pause).hex() != clip.sha256:
            raise damaged(clip)
        self._spoilt += 1
        if self._spoilt >= CONFLICTS:  # no chance of the line: from now on each is a try, and rests
            raise self._tus.peer.trouble(
                "refused", "{peer} finds every piece spoilt", "{peer} báo phần nào cũng bị hỏng trên đường"
            )
        self._doors.failed(clip.id)
        # A piece that the line spoilt is sent once more; of all bytes, nothing is left at the server.
        try:
            self._place = Place(clip.id, self._tus.offset(url))
        except Gone:
            return self._create(clip)
        return Outcome.WORKED
