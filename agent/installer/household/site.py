"""The routes of the household's page; docs/design/household.md is its contract with the browser part."""

import math
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from pathlib import Path

from aiohttp import web

from agent.errors import Rejected
from agent.installer.household.doors import HouseholdDoors
from agent.installer.household.entry import SESSION_S, HouseholdEntry
from agent.installer.web.body import BODY, text_in
from agent.installer.web.connections import Connections
from agent.installer.web.desk import Badge, Desk
from agent.installer.web.files import StaticFiles
from agent.installer.web.guard import harden, protect
from agent.installer.web.noted import Noted
from agent.installer.web.refusal import Json, Refusal
from agent.installer.web.session import token_of

STATIC = Path(__file__).parent.parent / "static" / "household"
BADGE = Badge("__Host-household", "X-Household-Token", SESSION_S)
MOST_BODY = 4_000
LONGEST_CODE = 100
LONGEST_PAUSE_S = 14_400.0


class HouseholdSite:
    """The page as an aiohttp application, on the loop that serves it."""

    def __init__(self, doors: HouseholdDoors, entry: HouseholdEntry) -> None:
        self._doors = doors
        self._entry = entry
        self._files = StaticFiles(STATIC, doors.language)
        self._desk = Desk(entry, BADGE, ThreadPoolExecutor(1, thread_name_prefix="household-read"))

    def app(self, connections: Connections) -> web.Application:
        """What serves."""
        made = web.Application(middlewares=harden(connections), client_max_size=MOST_BODY)
        made.on_response_prepare.append(protect)
        routes = made.router
        routes.add_get("/api/session", self._session, allow_head=False)
        routes.add_post("/api/login", self._login)
        routes.add_get("/api/home", self._desk.known(self._home), allow_head=False)
        routes.add_post("/api/logout", self._desk.written(self._logout))
        routes.add_post("/api/pause", self._desk.written(self._pause))
        routes.add_post("/api/resume", self._desk.written(self._resume))
        routes.add_get("/{name:[A-Za-z0-9._-]{0,60}}", self._static)
        return made

    def close(self) -> None:
        """Start nothing more; a door that still runs ends on its own."""
        self._desk.close()

    async def _session(self, request: web.Request) -> web.Response:
        cookie = BADGE.of(request)
        logged_in = self._entry.knows(cookie)
        told: Json = {
            "logged_in": logged_in,
            "language": self._doors.language,
            "locked_s": math.ceil(self._entry.locked_s),
        }
        return web.json_response(told | ({"token": token_of(cookie)} if logged_in else {}))

    async def _login(self, request: web.Request) -> web.Response:
        code = text_in(await self._desk.body(request), "code", LONGEST_CODE)
        cookie = await self._desk.ask(lambda: self._entry.login(code, request.remote or ""))
        response = web.json_response({"token": token_of(cookie)})
        BADGE.give(response, cookie)
        return response

    async def _logout(self, request: web.Request) -> web.Response:
        await self._desk.body(request)
        await self._desk.ask(lambda: self._entry.logout(BADGE.of(request)))
        response = web.json_response({"logged_in": False})
        BADGE.take(response)
        return response

    async def _home(self, _: web.Request) -> web.Response:
        return web.json_response(asdict(await self._desk.ask(self._doors.home)))

    async def _pause(self, request: web.Request) -> web.Response:
        for_s = seconds_in(await self._desk.body(request))
        by = request.remote or ""

        def begin() -> None:
            try:
                self._doors.pause(for_s)
            except Rejected as refused:
                self._doors.note(Noted("pause", "refused", by, refused.text.en))
                raise Refusal(409, "pause", refused.text) from refused
            self._doors.note(Noted("pause", "granted", by, f"{for_s / 60:.0f} min"))

        await self._desk.ask(begin)
        return await self._home(request)

    async def _resume(self, request: web.Request) -> web.Response:
        await self._desk.body(request)
        by = request.remote or ""

        def end() -> None:
            self._doors.resume()
            self._doors.note(Noted("resume", "granted", by))

        await self._desk.ask(end)
        return await self._home(request)

    async def _static(self, request: web.Request) -> web.Response:
        return self._files.answer(request, request.match_info["name"])


def seconds_in(told: Json) -> float:
    """For how long. Raises Refusal."""
    value = told.get("for_s")
    if isinstance(value, int | float) and not isinstance(value, bool) and 1 <= value <= LONGEST_PAUSE_S:
        return float(value)
    raise Refusal(400, "body", BODY)
