"""Accepts connections, few and not for ever: a bound for each address, a bound in all, and an end for whoever is slow.

aiohttp has no time limit for a request's first line and headers, nor for a reader that takes nothing; asyncio accepts
whatever comes. So connections are accepted here, and whoever does not get on is cut off.
"""

import asyncio
import errno
import socket
import ssl
from collections.abc import Callable
from dataclasses import dataclass

MOST, MOST_EACH = 40, 16  # a browser opens six, and one more for each picture that moves
HANDSHAKE_S = 8.0
IDLE_S = 20.0  # without a request: headers that drip, a body that hangs, an answer that is not taken
LOOK_S = 1.0
MOST_A_SECOND = 50  # handshakes cost a core
BACKLOG = 32

Factory = Callable[[], asyncio.Protocol]


@dataclass(eq=False)
class Link:
    """One connection. `busy`: a request is being worked on, so it ends with that and not by the clock."""

    address: str
    since_s: float
    transport: asyncio.BaseTransport | None = None
    busy: int = 0
    known: bool = False  # a session's request came over it


class Connections:
    """Lives on the page's event loop. `listen` raises OSError."""

    def __init__(self, factory: Factory, context: ssl.SSLContext) -> None:
        self.refused = 0
        self._factory = factory
        self._context = context
        self._links: set[Link] = set()
        self._by_transport: dict[asyncio.BaseTransport, Link] = {}
        self._listener: socket.socket | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    def listen(self, host: str, port: int) -> int:
        """The port in use."""
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        listener = socket.create_server((host, port), family=family, backlog=BACKLOG, dualstack_ipv6=host == "::")
        listener.setblocking(False)
        self._listener = listener
        self._start(self._accept(listener))
        self._start(self._look_after())
        return int(listener.getsockname()[1])

    async def close(self) -> None:
        """Stop listening, and let go of everybody."""
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._listener is not None:
            self._listener.close()
        for link in list(self._links):
            self._cut(link)

    def begun(self, transport: asyncio.BaseTransport | None) -> Link | None:
        """A request came over it; `ended` follows."""
        link = self._by_transport.get(transport) if transport is not None else None
        if link is not None:
            link.busy += 1
        return link

    def ended(self, link: Link | None) -> None:
        """It was answered; the answer may still be on its way."""
        if link is not None:
            link.busy -= 1
            link.since_s = _now()

    async def _accept(self, listener: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        window_s, count = _now(), 0
        while True:
            try:
                connection, address = await loop.sock_accept(listener)
            except OSError as error:
                if error.errno not in (errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM, errno.ECONNABORTED):
                    raise
                await asyncio.sleep(LOOK_S)
                continue
            if _now() - window_s >= 1.0:
                window_s, count = _now(), 0
            count += 1
            if count > MOST_A_SECOND:
                await asyncio.sleep(max(0.0, window_s + 1.0 - _now()))
            self._take(connection, str(address[0]))

    def _take(self, connection: socket.socket, address: str) -> None:
        same = [link for link in self._links if link.address == address]
        if len(same) >= MOST_EACH and not self._give_way(same):
            self.refused += 1
            connection.close()
            return
        if len(self._links) >= MOST and not self._give_way(list(self._links)):
            self.refused += 1
            connection.close()
            return
        link = Link(address, _now())
        self._links.add(link)
        self._start(self._shake_hands(connection, link))

    async def _shake_hands(self, connection: socket.socket, link: Link) -> None:
        loop = asyncio.get_running_loop()
        try:
            transport, _ = await loop.connect_accepted_socket(
                self._factory, connection, ssl=self._context, ssl_handshake_timeout=HANDSHAKE_S
            )
        except (OSError, ssl.SSLError, asyncio.CancelledError):
            self._links.discard(link)
            connection.close()
            return
        if link not in self._links:  # gave way meanwhile
            transport.abort()
            return
        link.transport, link.since_s = transport, _now()
        self._by_transport[transport] = link

    def _give_way(self, links: list[Link]) -> bool:
        """Cut the oldest stranger who waits, else one whose body drips, else the oldest session that waits."""
        free = [link for link in links if not (link.busy and link.known)]
        if not free:
            return False
        self._cut(min(free, key=lambda link: (link.known, bool(link.busy), link.since_s)))
        return True

    async def _look_after(self) -> None:
        while True:
            await asyncio.sleep(LOOK_S)
            for link in list(self._links):
                gone = link.transport is not None and link.transport.is_closing() and not link.busy
                if gone or (not link.busy and _now() - link.since_s > IDLE_S):
                    self._cut(link)

    def _cut(self, link: Link) -> None:
        self._links.discard(link)
        if link.transport is not None:
            self._by_transport.pop(link.transport, None)
            if isinstance(link.transport, asyncio.WriteTransport):
                link.transport.abort()

    def _start(self, work: "asyncio.Future[None] | object") -> None:
        task: asyncio.Task[None] = asyncio.get_running_loop().create_task(work)  # type: ignore[arg-type]
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def _now() -> float:
    return asyncio.get_running_loop().time()
