"""What every answer of a page behind a code needs: who asks, what the body says, a thread for what takes a while."""

import asyncio
import functools
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Protocol, TypeVar

from aiohttp import web

from agent.i18n import Text
from agent.installer.web.body import BODY, object_in
from agent.installer.web.guard import FOREIGN_ORIGIN, known
from agent.installer.web.refusal import Json, Refusal

BODY_S = 5.0
WAITING = 8  # pieces of work that wait for a thread
NO_SESSION = Text(en="Log in with the code first", vi="Hãy đăng nhập bằng mã trước")
SLOW = Text(en="It did not arrive in time", vi="Nội dung gửi lên quá chậm")
BUSY = Text(en="Too much at once; try again in a moment", vi="Quá nhiều yêu cầu cùng lúc; hãy thử lại sau giây lát")
Answer = TypeVar("Answer")
Made = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Sessions(Protocol):
    """Who was let in."""

    def knows(self, cookie: str) -> bool:
        """Is it the cookie of a session?"""

    def may_write(self, cookie: str, token: str) -> bool:
        """Does the token belong to the cookie?"""


@dataclass(frozen=True, slots=True)
class Badge:
    """How a page knows its own: the names of its cookie and of the header that goes with it; seconds it may last."""

    cookie: str
    token: str
    lasts_s: float

    def of(self, request: web.Request) -> str:
        """The cookie; empty without one."""
        return request.cookies.get(self.cookie, "")

    def give(self, response: web.Response, cookie: str) -> None:
        """To who has just logged in."""
        response.set_cookie(
            self.cookie, cookie, path="/", secure=True, httponly=True, samesite="Strict", max_age=round(self.lasts_s)
        )

    def take(self, response: web.Response) -> None:
        """From who leaves."""
        response.del_cookie(self.cookie, path="/", secure=True, httponly=True, samesite="Strict")


class Desk:
    """Lives on the page's event loop."""

    def __init__(self, sessions: Sessions, badge: Badge, readers: ThreadPoolExecutor) -> None:
        self.badge = badge
        self._sessions = sessions
        # A door may read the disk or YAML: that must not hold up the event loop.
        self._readers = readers
        self._waiting = 0

    def close(self) -> None:
        """Start nothing more; a door that still runs ends on its own."""
        self._readers.shutdown(wait=False, cancel_futures=True)

    def knows(self, request: web.Request) -> bool:
        """Does it come with the cookie of a session?"""
        return self._sessions.knows(self.badge.of(request))

    def known(self, handler: Made) -> Made:
        """Only for who is logged in."""

        @functools.wraps(handler)
        async def inner(request: web.Request) -> web.StreamResponse:
            if not self.knows(request):
                raise Refusal(401, "login", NO_SESSION)
            known(request)
            return await handler(request)

        return inner

    def written(self, handler: Made) -> Made:
        """Only for a page of ours, of who is logged in."""

        @functools.wraps(handler)
        async def inner(request: web.Request) -> web.StreamResponse:
            token = request.headers.get(self.badge.token, "")
            if not self._sessions.may_write(self.badge.of(request), token):
                raise Refusal(403, "token", FOREIGN_ORIGIN)
            return await handler(request)

        return self.known(inner)

    async def body(self, request: web.Request) -> Json:
        """The object that was sent. Raises Refusal."""
        if request.content_type != "application/json":
            raise Refusal(400, "body", BODY)
        try:
            return object_in(await asyncio.wait_for(request.read(), BODY_S))
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
