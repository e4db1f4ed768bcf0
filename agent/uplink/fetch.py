"""Fetches a bundle that the ward's channel names, piece by piece, within the household's budget; goes on where it was.

The channel is a small JSON file: {"version": "1.2.3", "url": "…/x.bundle", "bytes": 170000000}. Nothing of it has to be
believed: whoever installs the bundle checks its signature. A server that is not there is no fault of the node: it is
asked again later.
"""

import json
import logging
import os
import random
import re
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Event
from urllib.parse import urljoin, urlsplit

from agent.clock import Clock
from agent.config.model import TlsSection
from agent.errors import LinkError
from agent.i18n import Text
from agent.uplink.dial import Guard, Interrupted
from agent.uplink.governor import Governor
from agent.uplink.http import FAILURES, HttpClient, Response
from agent.uplink.peer import Peer, explain
from agent.uplink.tls import client_context
from agent.worker import Outcome

log = logging.getLogger(__name__)
FIRST_S = 600.0  # after a start there is more important traffic
EVERY_S = 6 * 3600.0
RETRY_S = 900.0
JITTER = 0.2
IDLE_S = 5.0
PIECE = 262_144
PIECE_S = 120.0
SHARE_KBPS = 2000.0  # what it may begin with, until the line has told what it carries
MOST_CHANNEL = 4096
MOST_BYTES = 2 << 30
VERSION = re.compile(r"(0|[1-9]\d{0,4})(\.(0|[1-9]\d{0,4})){2}")


@dataclass(frozen=True, slots=True)
class Channel:
    """Where the ward tells of versions, and how its server is asked."""

    url: str
    tls: TlsSection


@dataclass(frozen=True, slots=True)
class Offer:
    """What the channel has."""

    version: str
    url: str
    bytes: int


@dataclass(frozen=True, slots=True)
class FetchDoors:
    """`wants`: is this version for this node? `fetched`: the whole bundle lies there."""

    folder: Path
    wants: Callable[[str], bool]
    fetched: Callable[[str, Path], None]


class FetchJob:
    """Job "fetch". Raises LinkError when the files of `channel.tls` cannot be used; all else is tried again later."""

    def __init__(self, channel: Channel, doors: FetchDoors, governor: Governor, clock: Clock, stop: Event) -> None:
        parts = urlsplit(channel.url)
        self._url = channel.url
        self._doors = doors
        self._governor = governor
        self._clock = clock
        self._stop = stop
        self._guard = Guard(stop, clock)
        name = Text(en="the server of updates", vi="máy chủ cập nhật")
        self._peer = Peer("update", name, parts.hostname or "", parts.port or 443)
        context = client_context(channel.tls, "upload_tls")
        self._http = HttpClient(context, self._guard, clock, timeout_s=PIECE_S, connect_s=15.0, headers={})
        self._random = random.Random()
        self._offer: Offer | None = None
        self._look_s = clock.mono_s() + self._spread(FIRST_S)

    def run_once(self) -> Outcome:
        """Look at the channel, or fetch one piece."""
        wait_s = self._look_s - self._clock.mono_s()
        if wait_s > 0 or self._governor.rests() or self._governor.others_first():
            self._stop.wait(max(0.5, min(wait_s, IDLE_S)))
            return Outcome.IDLE
        try:
            self._guard.allow(PIECE_S)
            return self._ask() if self._offer is None else self._piece(self._offer)
        except Interrupted:
            return Outcome.IDLE
        except LinkError as error:
            return self._later(error.text)
        except OSError as error:
            return self._later(Text(en=str(error), vi=str(error)))

    def close(self) -> None:
        """What is there of a bundle stays."""
        self._http.close()

    def _ask(self) -> Outcome:
        with self._asked(self._url, {}) as answer:
            body = b"".join(_bounded(answer, MOST_CHANNEL)) if answer.status == 200 else b""
        offer = _offer(body, self._url)
        if offer is None:
            return self._later(
                Text(en=f"{self._peer.name.en} names no version", vi=f"{self._peer.name.vi} không có phiên bản")
            )
        self._look_s = self._clock.mono_s() + self._spread(EVERY_S)
        if not self._doors.wants(offer.version):
            return Outcome.WORKED
        folder = self._doors.folder
        folder.mkdir(mode=0o700, exist_ok=True)
        for other in folder.iterdir():
            if other.name not in (_part(offer), _whole(offer)):
                other.unlink()
        if (folder / _whole(offer)).exists():  # whoever installs it could not then
            self._doors.fetched(offer.version, folder / _whole(offer))
            return Outcome.WORKED
        if shutil.disk_usage(folder).free < 4 * offer.bytes:  # the bundle, and what it becomes
            return self._later(Text(en="no room for an update", vi="không đủ chỗ cho bản cập nhật"))
        self._offer, self._look_s = offer, self._clock.mono_s()
        log.info("version %s is fetched, %.1f MB", offer.version, offer.bytes / 1e6)
        return Outcome.WORKED

    def _piece(self, offer: Offer) -> Outcome:
        part = self._doors.folder / _part(offer)
        have = part.stat().st_size if part.exists() else 0
        if have < offer.bytes:
            last = min(have + PIECE, offer.bytes) - 1
            data = self._range(offer, have, last)
            if len(data) != last - have + 1:
                return self._later(Text(en="a piece came incomplete", vi="một phần tải về bị thiếu"))
            with part.open("ab") as file:
                file.write(data)
            have = last + 1
        if have > offer.bytes:
            part.unlink()
            return Outcome.WORKED
        if have == offer.bytes:
            whole = part.with_name(_whole(offer))
            with part.open("rb") as file:
                os.fsync(file.fileno())
            part.replace(whole)
            self._offer, self._look_s = None, self._clock.mono_s() + self._spread(EVERY_S)
            self._doors.fetched(offer.version, whole)
        return Outcome.WORKED

    def _range(self, offer: Offer, first: int, last: int) -> bytes:
        share = self._governor.share(SHARE_KBPS)
        data = b""
        try:
            with self._asked(offer.url, {"Range": f"bytes={first}-{last}"}) as answer:
                if answer.status != 206:
                    self._offer = None
                    return b""
                for piece in _bounded(answer, last - first + 1):
                    data += piece
                    self._guard.pause(min(share.take(len(piece)), PIECE_S))
        finally:
            share.close()
        return data

    @contextmanager
    def _asked(self, url: str, headers: Mapping[str, str]) -> Iterator[Response]:
        try:
            with self._http.stream("GET", url, headers) as answer:
                yield answer
        except FAILURES as error:
            raise explain(error, self._peer, self._clock) from error

    def _later(self, why: Text) -> Outcome:
        self._offer = None
        self._look_s = self._clock.mono_s() + self._spread(RETRY_S)
        log.info("update: %s; asked again later", why)
        return Outcome.IDLE

    def _spread(self, seconds: float) -> float:
        return seconds * self._random.uniform(1 - JITTER, 1 + JITTER)


def _bounded(answer: Response, most: int) -> Iterator[bytes]:
    size = 0
    for piece in answer.pieces(16_384):
        size += len(piece)
        if size > most:
            return
        yield piece


def _offer(body: bytes, base: str) -> Offer | None:
    try:
        told = json.loads(body)
        version, url, size = str(told["version"]), urljoin(base, str(told["url"])), told["bytes"]
    except (ValueError, KeyError, TypeError, RecursionError):
        return None
    good = VERSION.fullmatch(version) and urlsplit(url).scheme == "https" and isinstance(size, int)
    return Offer(version, url, size) if good and 0 < size <= MOST_BYTES else None


def _part(offer: Offer) -> str:
    return f"{offer.version}-{offer.bytes}.part"


def _whole(offer: Offer) -> str:
    return f"{offer.version}-{offer.bytes}.bundle"
