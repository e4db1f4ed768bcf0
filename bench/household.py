"""The family downloads while a clip goes up, both through one line of 2 Mbit/s: who gets how much of it?

The agent's own upload against the ward's own tus server, in namespaces of this machine (bench/netns.py); the other is a
download by cubic, as most of the internet sends. Measured at the receivers, payload only. `competitor_share`: what the
download gets beside us of what it gets alone, over the same number of seconds from its first byte on.
`recovery_share`: the best five seconds of our upload within 30 s after the download has ended, of what we get alone.
The router's queue is deep (300 ms) in one row and short (40 ms) in the other; the figures are those of the worse row.
"""

import contextlib
import socket
import tempfile
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import timezone
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from agent.clock import FLOOR_WALL_NS, Clock
from agent.config.model import TlsSection, UplinkSection, UploadSection
from agent.errors import LinkError
from agent.uplink import DayLedger, Governor, Household, LinkStats, UploadDoors, UploadJob, UploadLink
from agent.values import OutgoingClip
from bench.netns import WARD, Line, Space, World, world
from bench.relay import Relay
from deploy.ward import Ward, WardOptions

RATE_KBPS = 2000
WITHIN_S = 30.0
WINDOW_S = 5.0
ENOUGH = 0.9


@dataclass(frozen=True, slots=True)
class Trial:
    """One row: which line, which other, and whether we look at the line at all."""

    name: str
    latency: str
    yields: bool = True
    control: str = "cubic"
    first: bool = False  # the download is there before us, on a line that we do not know


@dataclass(frozen=True, slots=True)
class Length:
    """How long each part takes, in seconds."""

    ramp: float
    alone: float
    beside: float


@dataclass(frozen=True, slots=True)
class Shares:
    """What came of a trial; kilobits per second."""

    other_alone: float
    other_beside: float
    ours_alone: float
    ours_beside: float
    ours_after: float
    recovered_s: float | None

    @property
    def competitor(self) -> float:
        """Of what the other gets alone."""
        return self.other_beside / self.other_alone

    @property
    def recovery(self) -> float:
        """Of what we get alone."""
        return self.ours_after / self.ours_alone


QUICK = (
    Trial("deep queue", "300ms"),
    Trial("short queue", "40ms"),
    Trial("deep queue, plain TCP", "300ms", yields=False),
    Trial("short queue, plain TCP", "40ms", yields=False),
)
MORE = (
    Trial("deep queue, other first", "300ms", first=True),
    Trial("short queue, other first", "40ms", first=True),
    Trial("deep queue, other by BBR", "300ms", control="bbr"),
    Trial("short queue, other by BBR", "40ms", control="bbr"),
)


def run(quick: bool) -> dict[str, Any]:
    """Two rows with and two without stepping back; in full four more, and longer. Raises Absent."""
    with world(Line()):
        pass  # says here, and once, what is missing
    length = Length(10.0, 5.0, 12.0) if quick else Length(20.0, 10.0, 20.0)
    trials = QUICK if quick else QUICK + MORE
    with ProcessPoolExecutor(len(QUICK), mp_context=get_context("spawn")) as pool:
        rows = dict(zip(trials, pool.map(measure, trials, [length] * len(trials)), strict=True))
    heads = ("", "alone", "beside us", "share", "we alone", "beside", "after", "share", "90 % after")
    print(("{:<26}" + "{:>11}" * 8).format(*heads))
    for trial, row in rows.items():
        after = "-" if row.recovered_s is None else f"{row.recovered_s:.1f} s"
        figures = (row.other_alone, row.other_beside, row.competitor, row.ours_alone, row.ours_beside)
        line = "{:<26}{:>11.0f}{:>11.0f}{:>11.2f}{:>11.0f}{:>11.0f}{:>11.0f}{:>11.2f}{:>11}"
        print(line.format(trial.name, *figures, row.ours_after, row.recovery, after))
    print("kilobits per second; the line carries", RATE_KBPS, "of packets, less of payload")
    main = [row for trial, row in rows.items() if trial in QUICK and trial.yields]
    plain = [row for trial, row in rows.items() if not trial.yields]
    return {
        "competitor_share": round(min(row.competitor for row in main), 3),
        "recovery_share": round(min(row.recovery for row in main), 3),
        "recovered_s": max((row.recovered_s or WITHIN_S for row in main), default=None),
        "line_share": round(min(row.ours_alone for row in main) / max(row.other_alone for row in main), 3),
        "plain_competitor_share": round(min(row.competitor for row in plain), 3),
        "by_row": {trial.name: [round(row.competitor, 3), round(row.recovery, 3)] for trial, row in rows.items()},
    }


def measure(trial: Trial, length: Length) -> Shares:
    """One trial. The download alone is measured on a line of its own, of the same kind, at the same time."""
    line = Line(f"{RATE_KBPS}kbit", trial.latency)
    with contextlib.ExitStack() as stack:
        here, there = stack.enter_context(world(line)), stack.enter_context(world(line))
        relay, job = stack.enter_context(uploading(here, trial.yields))
        alone = Download(there, trial.control, length.beside)
        if trial.first:
            other, begin_s = beside(here, trial.control, length, job)
            ours_alone = 0.0
        else:
            job.start()
            time.sleep(length.ramp)
            begin_s = time.monotonic()
            time.sleep(length.alone)
            ours_alone = kbps(relay, begin_s, time.monotonic())
            other, begin_s = beside(here, trial.control, length, None)
        end_s = begin_s + length.beside
        ours_beside = kbps(relay, begin_s, end_s)
        recovered_s, best = recovery(relay, end_s, ours_alone)
        if trial.first:  # alone is what it comes to in the end
            time.sleep(length.ramp)
            begin_s = time.monotonic()
            time.sleep(length.alone)
            ours_alone = kbps(relay, begin_s, time.monotonic())
            recovered_s = when_recovered(relay, end_s, ours_alone)
        return Shares(alone.kbps(), other.kbps(), ours_alone, ours_beside, best, recovered_s)


def beside(here: World, control: str, length: Length, job: threading.Thread | None) -> tuple["Download", float]:
    """A download from its first byte to its last, and when it began; `job` starts two seconds into it."""
    begin_s = time.monotonic()
    other = Download(here, control, length.beside)
    if job is not None:
        time.sleep(2.0)
        job.start()
    other.join()
    return other, begin_s


def recovery(relay: Relay, end_s: float, alone: float) -> tuple[float | None, float]:
    """(seconds until five seconds of 90 % were over, best five seconds), watched for 30 s or until it is so."""
    best = 0.0
    while (now_s := time.monotonic()) < end_s + WITHIN_S:
        if now_s - end_s >= WINDOW_S:
            best = max(best, kbps(relay, now_s - WINDOW_S, now_s))
            if alone and best >= ENOUGH * alone:
                return round(now_s - end_s, 1), best
        time.sleep(0.25)
    return None, best


def when_recovered(relay: Relay, end_s: float, alone: float) -> float | None:
    """As `recovery`, afterwards."""
    for quarter in range(int((WITHIN_S - WINDOW_S) * 4)):
        begin_s = end_s + quarter / 4
        if kbps(relay, begin_s, begin_s + WINDOW_S) >= ENOUGH * alone:
            return round(begin_s + WINDOW_S - end_s, 1)
    return None


def kbps(relay: Relay, begin_s: float, end_s: float) -> float:
    """What came up through the relay."""
    return relay.between(begin_s, end_s) * 8 / 1000 / (end_s - begin_s)


class Download(threading.Thread):
    """The family fetches something from outside, for so many seconds; counted where it arrives."""

    def __init__(self, here: World, control: str, seconds: float) -> None:
        super().__init__(daemon=True)
        self._seconds = seconds
        self._bytes = 0
        with here.ward.inside():
            self._listener = socket.create_server(("0.0.0.0", 0))
        with here.house.inside():
            self._sock = socket.create_connection((WARD, self._listener.getsockname()[1]))
        threading.Thread(target=self._serve, args=(control.encode(),), daemon=True).start()
        self.start()

    def run(self) -> None:
        """In a thread."""
        end_s = time.monotonic() + self._seconds
        with self._sock:
            self._sock.settimeout(1.0)
            while (left_s := end_s - time.monotonic()) > 0:
                self._sock.settimeout(left_s)
                with contextlib.suppress(TimeoutError):
                    self._bytes += len(self._sock.recv(65_536))

    def kbps(self) -> float:
        """Waits for its end."""
        self.join()
        return self._bytes * 8 / 1000 / self._seconds

    def _serve(self, control: bytes) -> None:
        with self._listener, contextlib.suppress(OSError):
            sock, _ = self._listener.accept()
            with sock:
                sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_CONGESTION, control)
                while True:
                    sock.sendall(bytes(16_384))


@contextlib.contextmanager
def uploading(here: World, yields: bool) -> Iterator[tuple[Relay, threading.Thread]]:
    """The ward's tus server behind a relay, and a thread that sends one long clip to it, not started yet."""
    stop = threading.Event()
    with tempfile.TemporaryDirectory() as name, contextlib.ExitStack() as stack:
        directory = Path(name)
        with here.ward.inside():
            ward = stack.enter_context(Ward(directory / "ward", WardOptions()))
            ward.start_server()
            relay = stack.enter_context(Relay("0.0.0.0", ward.upload_port))
        job = upload_job(f"http://{WARD}:{relay.port}/files", one_clip(directory), UplinkSection(yields=yields), stop)
        thread = threading.Thread(target=_send, args=(here.house, job, stop), daemon=True)
        yield relay, thread
        stop.set()
        thread.join(10)


def one_clip(directory: Path) -> OutgoingClip:
    """Longer than any trial."""
    path = directory / "clip.mp4"
    with path.open("wb") as file:
        file.truncate(100_000_000)
    return OutgoingClip("01JZ0000000000000000000001", "gate", path, FLOOR_WALL_NS, FLOOR_WALL_NS, 100_000_000, "0" * 64)


def upload_job(url: str, clip: OutgoingClip, section: UplinkSection, stop: threading.Event) -> UploadJob:
    """The agent's own, with a spool of one clip."""
    clock, stats = Clock(), LinkStats()
    ledger = DayLedger(None, 0, timezone.utc, clock)
    place: list[str] = []

    def next_clip() -> OutgoingClip:
        return OutgoingClip(
            clip.id,
            clip.cam,
            clip.path,
            clip.start_ns,
            clip.end_ns,
            clip.bytes,
            clip.sha256,
            upload_url=place[-1] if place else None,
        )

    doors = UploadDoors(
        next_clip=next_clip,
        created=lambda _, url: place.append(url),
        progress=lambda *_: None,
        acked=lambda *_: stop.set(),
        rejected=lambda *_: stop.set(),
        failed=lambda _: None,
    )
    link = UploadLink("node-1", UploadSection.model_validate({"url": url}), TlsSection())
    return UploadJob(link, doors, Governor(Household(section, timezone.utc), stats, ledger, clock), stop, clock)


def _send(house: Space, job: UploadJob, stop: threading.Event) -> None:
    with house.inside():
        while not stop.is_set():
            try:
                job.run_once()
            except LinkError as error:
                print(f"upload: {error}")
                stop.wait(1.0)
        job.close()


if __name__ == "__main__":
    print(run(True))
