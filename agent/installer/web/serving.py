"""One opening of a page: an event loop, a listening port over TLS, and the site on it, driven slice by slice.

The setup page and the household's page are each served by one of their own. aiohttp comes in here: a job imports this
file when its page is opened, and not before.
"""

import asyncio
import logging
import ssl
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError

from agent.installer.web.connections import IDLE_S, Connections

log = logging.getLogger(__name__)
GOODBYE_S = 0.3  # for answers under way at the end
LONGEST_LINE = 4096  # bytes of a request's first line, and of one header


@dataclass(frozen=True, slots=True)
class Place:
    """Where it listens, and with what it proves itself."""

    host: str
    port: int
    cert: Path
    key: Path


class Site(Protocol):
    """What is served. Made before the loop runs."""

    def app(self, connections: Connections) -> web.Application:
        """The routes, behind the guard."""

    def close(self) -> None:
        """Start nothing more."""


def _is_ours(record: logging.LogRecord) -> bool:
    """What a stranger's garbage made aiohttp complain of would fill the log, with ten lines for each."""
    error = record.exc_info[1] if record.exc_info else None
    return not isinstance(error, HttpProcessingError | web.RequestPayloadError)


log.addFilter(_is_ours)


class PageServer:
    """Listens when made; raises OSError when it cannot, ssl.SSLError when the papers are of no use."""

    def __init__(self, site: Site, place: Place) -> None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        context.options |= ssl.OP_NO_RENEGOTIATION
        context.set_alpn_protocols(["http/1.1"])
        context.load_cert_chain(place.cert, place.key)
        self._loop = asyncio.new_event_loop()
        self._site = site
        # The factory of connections is the runner's, which does not exist before the application that counts them.
        self._connections = Connections(self._protocol, context)
        self._runner = web.AppRunner(
            self._site.app(self._connections),
            access_log=None,
            logger=log,
            handler_cancellation=True,
            shutdown_timeout=GOODBYE_S,
            keepalive_timeout=IDLE_S,
            lingering_time=1.0,
            max_line_size=LONGEST_LINE,
            max_field_size=LONGEST_LINE,
        )
        try:
            self._loop.run_until_complete(self._runner.setup())
            self.port = self._loop.run_until_complete(self._listen(place))
        except OSError:
            self.close()
            raise

    @property
    def refused(self) -> int:
        """Connections that found no room."""
        return self._connections.refused

    def serve(self, seconds: float) -> None:
        """For a slice."""
        self._loop.call_later(seconds, self._loop.stop)
        self._loop.run_forever()

    def close(self) -> None:
        """Let everybody go and free the port, in well under a second."""
        self._loop.run_until_complete(self._end())
        self._site.close()
        self._loop.close()

    async def _listen(self, place: Place) -> int:
        return self._connections.listen(place.host, place.port)

    def _protocol(self) -> asyncio.Protocol:
        assert self._runner.server is not None
        return self._runner.server()

    async def _end(self) -> None:
        await self._runner.shutdown()
        await self._connections.close()
        await self._runner.cleanup()
        left = asyncio.all_tasks() - {asyncio.current_task()}
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)
        await self._loop.shutdown_asyncgens()
