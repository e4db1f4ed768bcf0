"""What every answer of the setup page needs: who asks, what the body says, and a thread for what takes a while."""

import asyncio
import functools
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import TypeVar

from aiohttp import web

from agent.i18n import Text
from agent.installer.setup import asked
from agent.installer.setup.asked import BODY
from agent.installer.setup.doors import CameraNow, Noted, SetupDoors
from agent.installer.setup.entry import Entry
from agent.installer.setup.guard import COOKIE, FOREIGN_ORIGIN, TOKEN, known
from agent.installer.setup.refusal import Json, Refusal

BODY_S = 5.0
WAITING = 8  # pieces of work that wait for a thread
NO_CAMERA = Text(en="There is no such camera", vi="Không có camera này")
NO_SESSION = Text(en="Log in with the code first", vi="Hãy đăng nhập bằng mã trước")
SLOW = Text(en="It did not arrive in time", vi="Nội dung gửi lên quá chậm")
BUSY = Text(en="Too much at once; try again in a moment", vi="Quá nhiều yêu cầu cùng lúc; hãy thử lại sau giây lát")
Answer = TypeVar("Answer")
Made = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Desk:
    """Lives on the page's event loop."""

    def __init__(self, doors: SetupDoors, entry: Entry) -> None:
        self.doors = doors
        self.entry = entry
        # A door may read the disk or YAML: that must not hold up the event loop.
        self._readers = ThreadPoolExecutor(2, thread_name_prefix="setup-read")
        self._waiting = 0

    def close(self) -> None:
        """Start nothing more; a door that still runs ends on its own."""
        self._readers.shutdown(wait=False, cancel_futures=True)

    def known(self, handler: Made) -> Made:
        """Only for who is logged in."""

        @functools.wraps(handler)
        async def inner(request: web.Request) -> web.StreamResponse:
            if not self.entry.knows(request.cookies.get(COOKIE, "")):
                raise Refusal(401, "login", NO_SESSION)
            known(request)
            return await handler(request)

        return inner

    def written(self, handler: Made) -> Made:
        """Only for a page of ours, of who is logged in."""

        @functools.wraps(handler)
        async def inner(request: web.Request) -> web.StreamResponse:
            if not self.entry.may_write(request.cookies.get(COOKIE, ""), request.headers.get(TOKEN, "")):
                raise Refusal(403, "token", FOREIGN_ORIGIN)
            return await handler(request)

        return self.known(inner)

    async def camera(self, request: web.Request, name: str | None = None) -> CameraNow:
        """The one in the path, or the one that is named. Raises Refusal."""
        wanted = request.match_info["cam"] if name is None else name
        for camera in await self.ask(self.doors.cameras):
            if camera.id == wanted:
                return camera
        raise Refusal(404, "not_found", NO_CAMERA)

    async def body(self, request: web.Request) -> Json:
        """The object that was sent. Raises Refusal."""
        if request.content_type != "application/json":
            raise Refusal(400, "body", BODY)
        try:
            return asked.object_in(await asyncio.wait_for(request.read(), BODY_S))
        except asyncio.TimeoutError as error:
            raise Refusal(408, "slow", SLOW) from error

    async def ask(self, question: Callable[[], Answer]) -> Answer:
        """On a thread. Raises Refusal when too many wait already, and what `question` raises."""
        if self._waiting >= WAITING:
            raise Refusal(429, "busy_page", BUSY, retry_s=1)
        self._waiting += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._readers, question)
        finally:
            self._waiting -= 1

    async def note(self, request: web.Request, noted: Noted) -> None:
        """Into the access log, with where it came from."""
        await self.ask(lambda: self.doors.note(replace(noted, by=request.remote or "")))
