"""The routes of the setup page. Knows aiohttp, the doors of the node and the entry; docs/design/setup-page.md is its
contract with the browser part.
"""

import asyncio
import functools
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from aiohttp import hdrs, web

from agent.i18n import Text
from agent.installer.setup import answers
from agent.installer.setup.aim import Exposure, Focus, FocusMeter, exposure
from agent.installer.setup.answers import BODY, Json
from agent.installer.setup.connections import Connections
from agent.installer.setup.doors import CameraNow, Hindered, Judgement, Noted, SetupDoors
from agent.installer.setup.entry import Entry
from agent.installer.setup.files import StaticFiles
from agent.installer.setup.forms import forms
from agent.installer.setup.guard import COOKIE, FOREIGN_ORIGIN, TOKEN, harden, protect
from agent.installer.setup.opening import LONGEST_S, token_of
from agent.installer.setup.pictures import BOUNDARY, MOST_VIEWERS, STALLED_S, USUAL, Pictures
from agent.installer.setup.refusal import Refusal
from agent.installer.setup.walk import Walk

STATIC = Path(__file__).parent.parent / "static" / "setup"
CAMERA = r"{cam:[a-z0-9][a-z0-9-]{0,62}}"
MOST_BODY = 256_000
BODY_S = 5.0
WORK_S = 60.0
WAITING = 8  # pieces of work that wait for a thread
LONGEST_CODE = 100
TEST_EVERY_S = 5.0

NO_CAMERA = Text(en="There is no such camera", vi="Không có camera này")
NO_PHOTO = Text(en="No photo was kept yet", vi="Chưa lưu ảnh mốc nào")
NO_CHECKS = Text(
    en="The device has just started; ask again in a minute", vi="Thiết bị vừa khởi động; hãy thử lại sau một phút"
)
NO_SESSION = Text(en="Log in with the code first", vi="Hãy đăng nhập bằng mã trước")
SLOW = Text(en="It did not arrive in time", vi="Nội dung gửi lên quá chậm")
BUSY = Text(en="Too much at once; try again in a moment", vi="Quá nhiều yêu cầu cùng lúc; hãy thử lại sau giây lát")
FULL = Text(en="Too many pictures are open; close another page", vi="Đang mở quá nhiều hình; hãy đóng bớt trang khác")
CHANGED = Text(
    en="Another configuration runs now; load it again", vi="Thiết bị đang chạy một cấu hình khác; hãy tải lại cấu hình"
)
MISTAKES = Text(en="There are mistakes", vi="Cấu hình có lỗi")
Answer = TypeVar("Answer")
Made = Callable[[web.Request], Awaitable[web.StreamResponse]]


class SetupSite:
    """The page as an aiohttp application, made on the loop that will serve it."""

    def __init__(self, doors: SetupDoors, entry: Entry, open_for_s: float) -> None:
        self._doors = doors
        self._entry = entry
        self._open_for_s = open_for_s
        self._language = doors.node().language
        # A door may read the disk or YAML, and a picture takes a core: neither may hold up the event loop.
        self._readers = ThreadPoolExecutor(2, thread_name_prefix="setup-read")
        self._pen = ThreadPoolExecutor(1, thread_name_prefix="setup-draw")
        self._waiting = 0
        self._pictures = Pictures(doors, self._pen)
        self._files = StaticFiles(STATIC, self._language)
        self._meters: dict[str, FocusMeter] = {}
        self._walks: dict[str, Walk] = {}
        self._looked: dict[str, tuple[tuple[int, int], Focus, Exposure]] = {}
        self._tested_s: float | None = None
        self._forms: str | None = None

    def app(self, connections: Connections) -> web.Application:
        """What serves."""
        made = web.Application(middlewares=harden(connections), client_max_size=MOST_BODY)  # type: ignore[arg-type]
        made.on_response_prepare.append(protect)
        made.on_shutdown.append(self._say_goodbye)
        routes = made.router
        routes.add_get("/api/session", self._session)
        routes.add_post("/api/login", self._login)
        for path, handler in (
            ("node", self._node),
            ("look", self._look),
            ("schema", self._schema),
            ("config", self._config),
            ("save", self._saved),
            ("test", self._tested),
            ("checks", self._checks),
            (f"cameras/{CAMERA}/picture.jpg", self._picture),
            (f"cameras/{CAMERA}/live.mjpeg", self._stream),
            (f"cameras/{CAMERA}/reference.jpg", self._photo),
        ):
            routes.add_get(f"/api/{path}", self._known(handler), allow_head=False)
        for path, handler in (
            ("extend", self._extend),
            ("finish", self._finish),
            ("check", self._check),
            ("save", self._save),
            ("test", self._test),
            (f"cameras/{CAMERA}/focus", self._focus),
            (f"cameras/{CAMERA}/walk", self._walk),
            (f"cameras/{CAMERA}/reference", self._keep_photo),
        ):
            routes.add_post(f"/api/{path}", self._written(handler))
        routes.add_get("/{name:[A-Za-z0-9._-]{0,60}}", self._static)
        return made

    def close(self) -> None:
        """Start nothing more; a door that still runs ends on its own."""
        for pool in (self._readers, self._pen):
            pool.shutdown(wait=False, cancel_futures=True)

    # Who asks

    def _known(self, handler: Made) -> Made:
        @functools.wraps(handler)
        async def known(request: web.Request) -> web.StreamResponse:
            if not self._entry.knows(request.cookies.get(COOKIE, "")):
                raise Refusal(401, "login", NO_SESSION)
            return await handler(request)

        return known

    def _written(self, handler: Made) -> Made:
        @functools.wraps(handler)
        async def written(request: web.Request) -> web.StreamResponse:
            if not self._entry.may_write(request.cookies.get(COOKIE, ""), request.headers.get(TOKEN, "")):
                raise Refusal(403, "token", FOREIGN_ORIGIN)
            return await handler(request)

        return self._known(written)

    async def _session(self, request: web.Request) -> web.Response:
        cookie = request.cookies.get(COOKIE, "")
        known = self._entry.knows(cookie)
        told: Json = {
            "logged_in": known,
            "language": self._language,
            "locked_s": round(self._entry.locked_s),
            "closes_in_s": round(self._entry.left_s),
        }
        return web.json_response(told | ({"token": token_of(cookie)} if known else {}))

    async def _login(self, request: web.Request) -> web.Response:
        code = answers.text_in(await self._body(request), "code", LONGEST_CODE)
        cookie = await self._ask(lambda: self._entry.login(code, request.remote or ""))
        response = web.json_response({"token": token_of(cookie), "closes_in_s": round(self._entry.left_s)})
        response.set_cookie(
            COOKIE, cookie, path="/", secure=True, httponly=True, samesite="Strict", max_age=round(LONGEST_S)
        )
        return response

    async def _extend(self, request: web.Request) -> web.Response:
        await self._body(request)
        left_s = await self._ask(lambda: self._entry.prolong(self._open_for_s))
        return web.json_response({"closes_in_s": round(left_s)})

    async def _finish(self, request: web.Request) -> web.Response:
        await self._body(request)
        await self._ask(self._entry.finish)
        await self._note(request, Noted("closed", "granted"))
        response = web.json_response({"closed": True})
        response.del_cookie(COOKIE, path="/", secure=True, httponly=True, samesite="Strict")
        return response

    # The node and its pictures

    async def _static(self, request: web.Request) -> web.Response:
        return self._files.answer(request, request.match_info["name"])

    async def _node(self, _: web.Request) -> web.Response:
        told = await self._ask(lambda: (self._doors.node(), self._doors.cameras()))
        return web.json_response(answers.node_json(*told, self._entry.left_s))

    async def _picture(self, request: web.Request) -> web.Response:
        width = request.query.get("width", "")
        known = int(width) if width.isascii() and width.isdecimal() and len(width) <= 5 else USUAL
        data = await self._pictures.picture((await self._camera(request)).id, known)
        if data is None:
            raise Refusal(503, "node", answers.NO_PICTURE)
        return web.Response(body=data, content_type="image/jpeg")

    async def _stream(self, request: web.Request) -> web.StreamResponse:
        cam = (await self._camera(request)).id
        if self._pictures.viewers >= MOST_VIEWERS:
            raise Refusal(429, "busy_page", FULL, retry_s=5)
        if await self._pictures.picture(cam) is None:
            raise Refusal(503, "node", answers.NO_PICTURE)
        response = web.StreamResponse()
        response.headers[hdrs.CONTENT_TYPE] = f"multipart/x-mixed-replace; boundary={BOUNDARY}"
        self._pictures.viewers += 1
        try:
            await response.prepare(request)
            async for part in self._pictures.stream(cam):
                if not self._entry.knows(request.cookies.get(COOKIE, "")):
                    break
                await asyncio.wait_for(response.write(part), STALLED_S)
        except (ConnectionError, asyncio.TimeoutError):
            pass  # the viewer left, or takes nothing any more
        finally:
            self._pictures.viewers -= 1
            if not self._pictures.viewers:
                self._pictures.forget()
        return response

    async def _look(self, request: web.Request) -> web.Response:
        camera = await self._camera(request, request.query.get("cam", ""))
        view = await self._pictures.view(camera.id)
        line = await self._ask(self._doors.line)
        told: Json = {
            "cam": camera.id,
            "state": camera.state,
            "age_s": None,
            "width": camera.width,
            "height": camera.height,
            "closes_in_s": round(self._entry.left_s),
            "wifi": answers.wifi_json(line),
            "link": answers.link_json(line),
        }
        focus, lit = None, None
        if view is not None:
            frame = view.frame
            told |= {"width": frame.width, "height": frame.height}
            told["age_s"] = max(0.0, round(self._doors.now_s() - frame.at.mono_s, 1))
            kept = self._looked.get(camera.id)
            if kept is None or kept[0] != (frame.run, frame.seq):
                meter = self._meters.setdefault(camera.id, FocusMeter())
                measured = await self._ask(lambda: (meter.read(frame), exposure(frame)))
                kept = self._looked[camera.id] = ((frame.run, frame.seq), *measured)
            _, focus, lit = kept
        walk = self._walks.setdefault(camera.id, Walk())
        told |= {"focus": answers.focus_json(focus), "exposure": answers.exposure_json(lit)}
        return web.json_response(told | {"tracks": answers.tracks_json(view, walk), "walk": answers.walk_json(walk)})

    async def _focus(self, request: web.Request) -> web.Response:
        await self._body(request)
        self._meters.pop((await self._camera(request)).id, None)
        return web.json_response({})

    async def _walk(self, request: web.Request) -> web.Response:
        told = await self._body(request)
        camera = await self._camera(request)
        lens, on = answers.lens_in(told), told.get("on")
        if not isinstance(on, bool):
            raise Refusal(400, "body", BODY)
        walk = self._walks.setdefault(camera.id, Walk())
        if not on:
            walk.end()
        elif lens is None:
            walk.begin(None)
        else:
            size = (camera.width or 640, camera.height or 360)
            walk.begin(await self._ask(lambda: self._doors.sight(lens, *size)))
        return web.json_response(answers.walk_json(walk))

    # Rules and drawing

    async def _schema(self, _: web.Request) -> web.Response:
        if self._forms is None:
            self._forms = await self._ask(lambda: answers.dumped(forms(self._doors.labels())))
        return web.Response(text=self._forms, content_type="application/json")

    async def _config(self, _: web.Request) -> web.Response:
        drawn = await self._ask(self._doors.drawn)
        return web.json_response(
            {"hash": drawn.hash, "source": drawn.source, "trial": drawn.trial, "cameras": drawn.cameras}
        )

    async def _check(self, request: web.Request) -> web.Response:
        cameras = answers.cameras_in(await self._body(request))
        return web.json_response(answers.judged_json(await self._judged(cameras)))

    async def _save(self, request: web.Request) -> web.Response:
        told = await self._body(request)
        cameras, replaces = answers.cameras_in(told), answers.text_in(told, "hash", 64)
        if (await self._ask(self._doors.drawn)).hash != replaces:
            raise Refusal(409, "changed", CHANGED)
        judged = await self._judged(cameras)
        if judged.mistakes:
            await self._note(request, Noted("save", "mistakes"))
            more = {"mistakes": answers.judged_json(judged)["mistakes"]}
            raise Refusal(422, "mistakes", MISTAKES, more=more)
        try:
            begun = await self._ask(lambda: self._doors.save(cameras))
        except Hindered as why:
            raise Refusal(409, why.code, why.text, retry_s=10) from why
        await self._note(request, Noted("save", "granted", reason=begun.job or ""))
        status = 200 if begun.job is None else 202
        return web.json_response({"job": begun.job, "window_s": begun.window_s}, status=status)

    async def _judged(self, cameras: list[Json]) -> Judgement:
        try:
            return await self._ask(lambda: self._doors.check(cameras))
        except Hindered as why:
            raise Refusal(409, why.code, why.text) from why

    async def _saved(self, _: web.Request) -> web.Response:
        return web.json_response(answers.saved_json(await self._ask(self._doors.saved)))

    # Test event, photo, checks

    async def _test(self, request: web.Request) -> web.Response:
        camera = await self._camera(request, answers.text_in(await self._body(request), "cam", 63))
        now_s = self._doors.now_s()
        if self._tested_s is not None and now_s - self._tested_s < TEST_EVERY_S:
            raise Refusal(429, "busy_page", BUSY, retry_s=round(TEST_EVERY_S))
        self._tested_s = now_s
        made = await self._ask(lambda: self._doors.test(camera.id))
        await self._note(request, Noted("test", "granted", reason=made, cam=camera.id))
        return web.json_response({"id": made}, status=202)

    async def _tested(self, _: web.Request) -> web.Response:
        return web.json_response(answers.tested_json(await self._ask(self._doors.tested)))

    async def _keep_photo(self, request: web.Request) -> web.Response:
        await self._body(request)
        cam = (await self._camera(request)).id
        data = await self._pictures.picture(cam, USUAL)
        if data is None:
            raise Refusal(503, "node", answers.NO_PICTURE)
        photo = await self._ask(lambda: self._doors.keep_photo(cam, data))
        await self._note(request, Noted("photo", "granted", cam=cam))
        return web.json_response({"at_utc": photo.at_utc, "bytes": photo.bytes})

    async def _photo(self, request: web.Request) -> web.Response:
        cam = (await self._camera(request)).id
        data = await self._ask(lambda: self._doors.photo(cam))
        if data is None:
            raise Refusal(404, "not_found", NO_PHOTO)
        return web.Response(body=data, content_type="image/jpeg")

    async def _checks(self, _: web.Request) -> web.Response:
        found = await self._ask(self._doors.checks)
        if found is None:
            raise Refusal(503, "node", NO_CHECKS, retry_s=10)
        return web.json_response(answers.checks_json(found))

    # What several need

    async def _camera(self, request: web.Request, name: str | None = None) -> CameraNow:
        wanted = request.match_info["cam"] if name is None else name
        for camera in await self._ask(self._doors.cameras):
            if camera.id == wanted:
                return camera
        raise Refusal(404, "not_found", NO_CAMERA)

    async def _body(self, request: web.Request) -> Json:
        if request.content_type != "application/json":
            raise Refusal(400, "body", BODY)
        try:
            return answers.asked(await asyncio.wait_for(request.read(), BODY_S))
        except asyncio.TimeoutError as error:
            raise Refusal(408, "slow", SLOW) from error

    async def _ask(self, question: Callable[[], Answer]) -> Answer:
        if self._waiting >= WAITING:
            raise Refusal(429, "busy_page", BUSY, retry_s=1)
        self._waiting += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._readers, question)
        finally:
            self._waiting -= 1

    async def _note(self, request: web.Request, noted: Noted) -> None:
        await self._ask(lambda: self._doors.note(replace(noted, by=request.remote or "")))

    async def _say_goodbye(self, _: web.Application) -> None:
        self._pictures.closing.set()
