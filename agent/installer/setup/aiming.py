"""Aiming: pictures, hints about focus and light, and the walk test."""

import asyncio
from concurrent.futures import ThreadPoolExecutor

from aiohttp import hdrs, web

from agent.i18n import Text
from agent.installer.setup import answers, asked
from agent.installer.setup.aim import Exposure, Focus, FocusMeter, exposure
from agent.installer.setup.desk import SetupDesk
from agent.installer.setup.pictures import BOUNDARY, MOST_VIEWERS, STALLED_S, USUAL, Pictures
from agent.installer.setup.walk import Walk
from agent.installer.web.body import BODY
from agent.installer.web.refusal import Json, Refusal

FULL = Text(en="Too many pictures are open; close another page", vi="Đang mở quá nhiều hình; hãy đóng bớt trang khác")

GIVES = "ok"  # a camera in this state will give a picture soon


class Aiming:
    """Answers about what a camera sees. Computed only when asked, once per picture."""

    def __init__(self, desk: SetupDesk) -> None:
        self._desk = desk
        self._pen = ThreadPoolExecutor(1, thread_name_prefix="setup-draw")
        self.pictures = Pictures(desk.doors, self._pen)
        self._meters: dict[str, FocusMeter] = {}
        self._walks: dict[str, Walk] = {}
        self._looked: dict[str, tuple[tuple[int, int], Focus, Exposure]] = {}

    def close(self) -> None:
        """Draw nothing more."""
        self._pen.shutdown(wait=False, cancel_futures=True)

    async def picture(self, request: web.Request) -> web.Response:
        """One JPEG."""
        width = request.query.get("width", "")
        known = int(width) if width.isascii() and width.isdecimal() and len(width) <= 5 else USUAL
        camera = await self._desk.camera(request)
        data = await self.pictures.picture(camera.id, known, camera.state == GIVES)
        if data is None:
            raise Refusal(503, "node", answers.NO_PICTURE)
        return web.Response(body=data, content_type="image/jpeg")

    async def stream(self, request: web.Request) -> web.StreamResponse:
        """Pictures one after the other, until the viewer leaves, the session ends or the page closes."""
        camera = await self._desk.camera(request)
        if await self.pictures.picture(camera.id, patient=camera.state == GIVES) is None:
            raise Refusal(503, "node", answers.NO_PICTURE)
        if self.pictures.viewers >= MOST_VIEWERS:
            raise Refusal(429, "busy_page", FULL, retry_s=5)
        response = web.StreamResponse()
        response.headers[hdrs.CONTENT_TYPE] = f"multipart/x-mixed-replace; boundary={BOUNDARY}"
        self.pictures.viewers += 1
        try:
            await response.prepare(request)
            async for part in self.pictures.stream(camera.id):
                if not self._desk.knows(request):
                    break
                await asyncio.wait_for(response.write(part), STALLED_S)
        except (ConnectionError, asyncio.TimeoutError):
            pass  # the viewer left, or takes nothing any more
        finally:
            self.pictures.viewers -= 1
            if not self.pictures.viewers:
                self.pictures.forget()
        return response

    async def look(self, request: web.Request) -> web.Response:
        """What is known of the newest picture, and of the line."""
        camera = await self._desk.camera(request, request.query.get("cam", ""))
        view = await self.pictures.view(camera.id, camera.state == GIVES)
        line = await self._desk.ask(self._desk.doors.line)
        told: Json = {
            "cam": camera.id,
            "state": camera.state,
            "age_s": None,
            "width": camera.width,
            "height": camera.height,
            "closes_in_s": round(self._desk.entry.left_s),
            "wifi": answers.wifi_json(line),
            "link": answers.link_json(line),
        }
        focus, lit = None, None
        if view is not None:
            frame = view.frame
            told |= {"width": frame.width, "height": frame.height}
            told["age_s"] = max(0.0, round(self._desk.doors.now_s() - frame.at.mono_s, 1))
            kept = self._looked.get(camera.id)
            if kept is None or kept[0] != (frame.run, frame.seq):
                meter = self._meters.setdefault(camera.id, FocusMeter())
                measured = await self._desk.ask(lambda: (meter.read(frame), exposure(frame)))
                kept = self._looked[camera.id] = ((frame.run, frame.seq), *measured)
            _, focus, lit = kept
        walk = self._walks.setdefault(camera.id, Walk())
        told |= {"focus": answers.focus_json(focus), "exposure": answers.exposure_json(lit)}
        return web.json_response(told | {"tracks": answers.tracks_json(view, walk), "walk": answers.walk_json(walk)})

    async def focus(self, request: web.Request) -> web.Response:
        """Begin to look for the sharpest picture anew."""
        await self._desk.body(request)
        self._meters.pop((await self._desk.camera(request)).id, None)
        return web.json_response({})

    async def walk(self, request: web.Request) -> web.Response:
        """Begin or end the walk test."""
        told = await self._desk.body(request)
        camera = await self._desk.camera(request)
        lens, on = asked.lens_in(told), told.get("on")
        if not isinstance(on, bool):
            raise Refusal(400, "body", BODY)
        walk = self._walks.setdefault(camera.id, Walk())
        if not on:
            walk.end()
        elif lens is None:
            walk.begin(None)
        else:
            size = (camera.width or 640, camera.height or 360)
            walk.begin(await self._desk.ask(lambda: self._desk.doors.sight(lens, *size)))
        return web.json_response(answers.walk_json(walk))
