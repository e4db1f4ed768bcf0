"""The routes of the setup page, and who logs in; docs/design/setup-page.md is its contract with the browser part."""

from pathlib import Path

from aiohttp import web

from agent.installer.setup import answers
from agent.installer.setup.aiming import Aiming
from agent.installer.setup.desk import SetupDesk
from agent.installer.setup.doors import SetupDoors
from agent.installer.setup.drawing import Drawing
from agent.installer.setup.entry import Entry
from agent.installer.setup.trying import Trying
from agent.installer.web.body import text_in
from agent.installer.web.connections import Connections
from agent.installer.web.files import StaticFiles
from agent.installer.web.guard import harden, protect
from agent.installer.web.noted import Noted
from agent.installer.web.refusal import Json
from agent.installer.web.session import token_of

STATIC = Path(__file__).parent.parent / "static" / "setup"
CAMERA = r"{cam:[a-z0-9][a-z0-9-]{0,62}}"
MOST_BODY = 256_000
LONGEST_CODE = 100


class SetupSite:
    """The page as an aiohttp application, made on the loop that will serve it."""

    def __init__(self, doors: SetupDoors, entry: Entry, open_for_s: float) -> None:
        self._doors = doors
        self._entry = entry
        self._open_for_s = open_for_s
        self._language = doors.node().language
        self._files = StaticFiles(STATIC, self._language)
        self._desk = SetupDesk(doors, entry)
        self._aiming = Aiming(self._desk)
        self._drawing = Drawing(self._desk)
        self._trying = Trying(self._desk, self._aiming.pictures)

    def app(self, connections: Connections) -> web.Application:
        """What serves."""
        made = web.Application(middlewares=harden(connections), client_max_size=MOST_BODY)
        made.on_response_prepare.append(protect)
        made.on_shutdown.append(self._say_goodbye)
        routes = made.router
        aiming, drawing, trying = self._aiming, self._drawing, self._trying
        routes.add_get("/api/session", self._session)
        routes.add_post("/api/login", self._login)
        for path, handler in (
            ("node", self._node),
            ("look", aiming.look),
            ("schema", drawing.schema),
            ("config", drawing.config),
            ("save", drawing.saved),
            ("test", trying.tested),
            ("checks", trying.checks),
            (f"cameras/{CAMERA}/picture.jpg", aiming.picture),
            (f"cameras/{CAMERA}/live.mjpeg", aiming.stream),
            (f"cameras/{CAMERA}/reference.jpg", trying.photo),
        ):
            routes.add_get(f"/api/{path}", self._desk.known(handler), allow_head=False)
        for path, handler in (
            ("extend", self._extend),
            ("finish", self._finish),
            ("check", drawing.check),
            ("save", drawing.save),
            ("test", trying.test),
            (f"cameras/{CAMERA}/focus", aiming.focus),
            (f"cameras/{CAMERA}/walk", aiming.walk),
            (f"cameras/{CAMERA}/reference", trying.keep_photo),
        ):
            routes.add_post(f"/api/{path}", self._desk.written(handler))
        routes.add_get("/{name:[A-Za-z0-9._-]{0,60}}", self._static)
        return made

    def close(self) -> None:
        """Start nothing more; a door that still runs ends on its own."""
        self._desk.close()
        self._aiming.close()

    async def _session(self, request: web.Request) -> web.Response:
        cookie = self._desk.badge.of(request)
        known = self._entry.knows(cookie)
        told: Json = {
            "logged_in": known,
            "language": self._language,
            "locked_s": round(self._entry.locked_s),
            "closes_in_s": round(self._entry.left_s),
        }
        return web.json_response(told | ({"token": token_of(cookie)} if known else {}))

    async def _login(self, request: web.Request) -> web.Response:
        code = text_in(await self._desk.body(request), "code", LONGEST_CODE)
        cookie = await self._desk.ask(lambda: self._entry.login(code, request.remote or ""))
        response = web.json_response({"token": token_of(cookie), "closes_in_s": round(self._entry.left_s)})
        self._desk.badge.give(response, cookie)
        return response

    async def _extend(self, request: web.Request) -> web.Response:
        await self._desk.body(request)
        left_s = await self._desk.ask(lambda: self._entry.prolong(self._open_for_s))
        return web.json_response({"closes_in_s": round(left_s)})

    async def _finish(self, request: web.Request) -> web.Response:
        await self._desk.body(request)
        await self._desk.ask(self._entry.finish)
        await self._desk.note(request, Noted("closed", "granted"))
        response = web.json_response({"closed": True})
        self._desk.badge.take(response)
        return response

    async def _static(self, request: web.Request) -> web.Response:
        return self._files.answer(request, request.match_info["name"])

    async def _node(self, _: web.Request) -> web.Response:
        told = await self._desk.ask(lambda: (self._doors.node(), self._doors.cameras()))
        return web.json_response(answers.node_json(*told, self._entry.left_s))

    async def _say_goodbye(self, _: web.Application) -> None:
        self._aiming.pictures.closing.set()
