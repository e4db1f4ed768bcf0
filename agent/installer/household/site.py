"""The routes of the household's page; docs/design/household.md is its contract with the browser part."""

import asyncio
import functools
import math
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from pathlib import Path
from typing import TypeVar

from aiohttp import web

from agent.errors import Rejected
from agent.i18n import Text
from agent.installer.household.doors import HouseholdDoors, Noted
from agent.installer.household.entry import SESSION_S, HouseholdEntry
from agent.installer.setup.asked import BODY, object_in, text_in
from agent.installer.setup.connections import Connections
from agent.installer.setup.files import StaticFiles
from agent.installer.setup.guard import FOREIGN_ORIGIN, harden, known, protect
from agent.installer.setup.opening import token_of
from agent.installer.setup.refusal import Json, Refusal

STATIC = Path(__file__).parent.parent / "static" / "household"
COOKIE = "__Host-household"
TOKEN = "X-Household-Token"  # noqa: S105  # the name of a header
MOST_BODY = 4_000
LONGEST_CODE = 100
LONGEST_PAUSE_S = 14_400.0
BODY_S = 5.0
WAITING = 8  # pieces of work that wait for the thread
NO_SESSION = Text(en="Log in with the code first", vi="Hãy đăng nhập bằng mã trước")
SLOW = Text(en="It did not arrive in time", vi="Nội dung gửi lên quá chậm")
BUSY = Text(en="Too much at once; try again in a moment", vi="Quá nhiều yêu cầu cùng lúc; hãy thử lại sau giây lát")
Answer = TypeVar("Answer")
Made = Callable[[web.Request], Awaitable[web.StreamResponse]]


class HouseholdSite:
    """The page as an aiohttp application, on the loop that serves it."""

    def __init__(self, doors: HouseholdDoors, entry: HouseholdEntry) -> None:
        self._doors = doors
        self._entry = entry
        self._files = StaticFiles(STATIC, doors.language)
        # A door may read the disk: that must not hold up the event loop.
        self._reader = ThreadPoolExecutor(1, thread_name_prefix="household-read")
        self._waiting = 0

    def app(self, connections: Connections) -> web.Application:
        """What serves."""
        made = web.Application(middlewares=harden(connections), client_max_size=MOST_BODY)
        made.on_response_prepare.append(protect)
        routes = made.router
        routes.add_get("/api/session", self._session, allow_head=False)
        routes.add_post("/api/login", self._login)
        routes.add_get("/api/home", self._known(self._home), allow_head=False)
        routes.add_post("/api/logout", self._written(self._logout))
        routes.add_post("/api/pause", self._written(self._pause))
        routes.add_post("/api/resume", self._written(self._resume))
        routes.add_get("/{name:[A-Za-z0-9._-]{0,60}}", self._static)
        return made

    def close(self) -> None:
        """Start nothing more; a door that still runs ends on its own."""
        self._reader.shutdown(wait=False, cancel_futures=True)

    async def _session(self, request: web.Request) -> web.Response:
        cookie = request.cookies.get(COOKIE, "")
        logged_in = self._entry.knows(cookie)
        told: Json = {
            "logged_in": logged_in,
            "language": self._doors.language,
            "locked_s": math.ceil(self._entry.locked_s),
        }
        return web.json_response(told | ({"token": token_of(cookie)} if logged_in else {}))

    async def _login(self, request: web.Request) -> web.Response:
        code = text_in(await self._body(request), "code", LONGEST_CODE)
        cookie = await self._ask(lambda: self._entry.login(code, request.remote or ""))
        response = web.json_response({"token": token_of(cookie)})
        response.set_cookie(
            COOKIE, cookie, path="/", secure=True, httponly=True, samesite="Strict", max_age=round(SESSION_S)
        )
        return response

    async def _logout(self, request: web.Request) -> web.Response:
        await self._body(request)
        await self._ask(lambda: self._entry.logout(request.cookies.get(COOKIE, "")))
        response = web.json_response({"logged_in": False})
        response.del_cookie(COOKIE, path="/", secure=True, httponly=True, samesite="Strict")
        return response

    async def _home(self, _: web.Request) -> web.Response:
        return web.json_response(asdict(await self._ask(self._doors.home)))

    async def _pause(self, request: web.Request) -> web.Response:
        for_s = seconds_in(await self._body(request))
        by = request.remote or ""

        def begin() -> None:
            try:
                self._doors.pause(for_s)
            except Rejected as refused:
                self._doors.note(Noted("pause", "refused", by, refused.text.en))
                raise Refusal(409, "pause", refused.text) from refused
            self._doors.note(Noted("pause", "granted", by, f"{for_s / 60:.0f} min"))

        await self._ask(begin)
        return await self._home(request)

    async def _resume(self, request: web.Request) -> web.Response:
        await self._body(request)
        by = request.remote or ""

        def end() -> None:
            self._doors.resume()
            self._doors.note(Noted("resume", "granted", by))

        await self._ask(end)
        return await self._home(request)

    async def _static(self, request: web.Request) -> web.Response:
        return self._files.answer(request, request.match_info["name"])

    def _known(self, handler: Made) -> Made:
        """Only for who is logged in."""

        @functools.wraps(handler)
        async def inner(request: web.Request) -> web.StreamResponse:
            if not self._entry.knows(request.cookies.get(COOKIE, "")):
                raise Refusal(401, "login", NO_SESSION)
            known(request)
            return await handler(request)

        return inner

    def _written(self, handler: Made) -> Made:
        """Only for a page of ours, of who is logged in."""

        @functools.wraps(handler)
        async def inner(request: web.Request) -> web.StreamResponse:
            if not self._entry.may_write(request.cookies.get(COOKIE, ""), request.headers.get(TOKEN, "")):
                raise Refusal(403, "token", FOREIGN_ORIGIN)
            return await handler(request)

        return self._known(inner)

    async def _body(self, request: web.Request) -> Json:
        if request.content_type != "application/json":
            raise Refusal(400, "body", BODY)
        try:
            return object_in(await asyncio.wait_for(request.read(), BODY_S))
        except asyncio.TimeoutError as error:
            raise Refusal(408, "slow", SLOW) from error

    async def _ask(self, question: Callable[[], Answer]) -> Answer:
        if self._waiting >= WAITING:
            raise Refusal(429, "busy_page", BUSY, retry_s=1)
        self._waiting += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._reader, question)
        finally:
            self._waiting -= 1


def seconds_in(told: Json) -> float:
    """For how long. Raises Refusal."""
    value = told.get("for_s")
    if isinstance(value, int | float) and not isinstance(value, bool) and 1 <= value <= LONGEST_PAUSE_S:
        return float(value)
    raise Refusal(400, "body", BODY)
