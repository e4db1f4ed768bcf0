"""The local page's worker job: serves the page on 127.0.0.1 and nowhere else, an event loop driven slice by slice.

In: the section of the configuration and the doors of `PageData`. Out: a listening socket while the job lives. aiohttp
is imported only when a job is made, so that a node without a page does not carry it.
"""

import asyncio
import logging
from collections.abc import Callable

from agent.clock import Clock
from agent.config.model import PageSection
from agent.i18n import Text
from agent.installer.doors import PageData
from agent.installer.web.port import port_error
from agent.worker import Outcome

log = logging.getLogger(__name__)

NAME = Text("page", "trang cục bộ")
HOST = "127.0.0.1"
SLICE_S = 0.2  # how late the job hears that it should stop
GOODBYE_S = 0.3  # for answers under way at the end


class PageJob:
    """A `Job`. Listens when made; raises Retryable (code `page_port`) when the port cannot be had.

    `port` is the one in use. `listening` hears of it, with 0 in the configuration it is any free one.
    """

    def __init__(
        self, section: PageSection, data: PageData, clock: Clock, listening: Callable[[int], None] | None = None
    ) -> None:
        from aiohttp import web  # noqa: PLC0415 - 20 MB that a node without a page need not load

        from agent.installer.site import Site  # noqa: PLC0415

        self._loop = asyncio.new_event_loop()
        self._site = Site(data, clock)
        # A viewer that leaves while the camera gives nothing is noticed by cancelling its answer.
        self._runner = web.AppRunner(
            self._site.app, access_log=None, handler_cancellation=True, shutdown_timeout=GOODBYE_S
        )
        try:
            self._loop.run_until_complete(self._runner.setup())
            listener = web.TCPSite(self._runner, HOST, section.port)
            self._loop.run_until_complete(listener.start())
        except OSError as error:
            self.close()
            raise port_error(NAME, "page", section.port, error) from error
        self.port: int = self._runner.addresses[0][1]
        log.info("page: http://%s:%d/", HOST, self.port)
        if listening is not None:
            listening(self.port)

    def run_once(self) -> Outcome:
        """Serve for a slice."""
        self._loop.call_later(SLICE_S, self._loop.stop)
        self._loop.run_forever()
        return Outcome.WORKED

    def close(self) -> None:
        """Let viewers go and free the port, in well under a second."""
        self._loop.run_until_complete(self._end())
        self._site.close()
        self._loop.close()

    async def _end(self) -> None:
        await self._runner.cleanup()
        left = asyncio.all_tasks() - {asyncio.current_task()}
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)
        await self._loop.shutdown_asyncgens()
