"""The routes of the local page. The one place, with `guard.py` and `page.py`, that knows aiohttp.

Nothing of a URL reaches the file system: the files of the page are read once at the start and kept by fixed names, ids
must match their pattern, and the path of a clip comes from the node. Only GET and HEAD exist.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

from aiohttp import hdrs, web

from agent.clock import Clock
from agent.i18n import Language, Text
from agent.installer.answers import events_json, state_json
from agent.installer.doors import CameraView, PageData
from agent.installer.guard import harden, in_plain_words, only_this_machine
from agent.installer.live import BOUNDARY, MAX_VIEWERS, STALLED_S, LivePictures

STATIC = Path(__file__).parent / "static"
FILES = {
    "page.js": "text/javascript",
    "words.js": "text/javascript",
    "events.js": "text/javascript",
    "health.js": "text/javascript",
    "page.css": "text/css",
    "icon.svg": "image/svg+xml",
}
CAMERA = r"{cam:[a-z0-9][a-z0-9-]{0,62}}"
EVENT = r"{id:[0-9A-HJKMNP-TV-Z]{26}}"

NO_CAMERA = Text("There is no such camera", "Không có camera này")
NO_PICTURE = Text("The camera has given no picture yet", "Camera chưa có hình")
NO_THUMB = Text("This event has no picture", "Sự kiện này không có ảnh")
NO_CLIP = Text("This clip is not on the node", "Thiết bị không có clip này")
FULL = Text(
    f"{MAX_VIEWERS} people are watching already; close one of the other pages",
    f"Đã có {MAX_VIEWERS} người đang xem; hãy đóng bớt một trang khác",
)
Answer = TypeVar("Answer")


class Site:
    """The page as an aiohttp application, made on the loop that will serve it. `close` lets viewers and threads go."""

    def __init__(self, data: PageData, clock: Clock) -> None:
        self._data = data
        self._clock = clock
        # Doors may touch SQLite or cut a clip, and drawing takes a core: neither may hold up the event loop.
        self._readers = ThreadPoolExecutor(2, thread_name_prefix="page-read")
        self._pen = ThreadPoolExecutor(1, thread_name_prefix="page-draw")
        self._live = LivePictures(data, self._pen)
        index = (STATIC / "index.html").read_text(encoding="utf-8")
        self._index = index.replace('lang="vi"', f'lang="{data.language}"', 1)
        self._files = {name: (STATIC / name).read_bytes() for name in FILES}
        self.app = web.Application(middlewares=[only_this_machine, in_plain_words])
        self.app.on_response_prepare.append(harden)
        self.app.on_shutdown.append(self._say_goodbye)
        self._add_routes()

    def close(self) -> None:
        """Start nothing more; a door that still runs ends on its own."""
        for pool in (self._readers, self._pen):
            pool.shutdown(wait=False, cancel_futures=True)

    def _add_routes(self) -> None:
        routes = self.app.router
        routes.add_get("/", self._page)
        for name in FILES:
            routes.add_get(f"/{name}", self._file)
        routes.add_get("/events.json", self._events)
        routes.add_get("/state.json", self._state)
        routes.add_get("/health.json", self._health)
        routes.add_get(f"/live/{CAMERA}.jpg", self._picture)
        routes.add_get(f"/live/{CAMERA}.mjpeg", self._stream, allow_head=False)
        routes.add_get(f"/thumb/{EVENT}.jpg", self._thumb)
        routes.add_get(f"/clip/{EVENT}.mp4", self._clip)

    async def _say_goodbye(self, _: web.Application) -> None:
        self._live.closing.set()

    async def _page(self, _: web.Request) -> web.Response:
        return web.Response(text=self._index, content_type="text/html")

    async def _file(self, request: web.Request) -> web.Response:
        name = request.path.removeprefix("/")
        return web.Response(body=self._files[name], content_type=FILES[name], charset="utf-8")

    async def _events(self, _: web.Request) -> web.Response:
        return _json(await self._ask(lambda: events_json(self._data)))

    async def _state(self, _: web.Request) -> web.Response:
        return _json(await self._ask(lambda: state_json(self._data, self._clock)))

    async def _health(self, _: web.Request) -> web.Response:
        return _json(await self._ask(self._data.health) or "{}")

    async def _thumb(self, request: web.Request) -> web.Response:
        picture = await self._ask(lambda: self._data.thumb(request.match_info["id"]))
        if picture is None:
            return self._plain(404, NO_THUMB)
        return web.Response(body=picture, content_type="image/jpeg")

    async def _clip(self, request: web.Request) -> web.StreamResponse:
        path = await self._ask(lambda: self._data.clip(request.match_info["id"]))
        if path is None:
            return self._plain(404, NO_CLIP)
        return web.FileResponse(path, headers={hdrs.CONTENT_TYPE: "video/mp4"})

    async def _picture(self, request: web.Request) -> web.Response:
        camera = self._camera(request)
        if camera is None:
            return self._plain(404, NO_CAMERA)
        drawn = await self._live.picture(camera, self._language(request))
        if drawn is None:
            return self._plain(503, NO_PICTURE)
        return web.Response(body=drawn.data, content_type="image/jpeg")

    async def _stream(self, request: web.Request) -> web.StreamResponse:
        camera = self._camera(request)
        if camera is None:
            return self._plain(404, NO_CAMERA)
        if self._live.viewers >= MAX_VIEWERS:
            return self._plain(503, FULL)
        response = web.StreamResponse()
        response.content_type = "multipart/x-mixed-replace"
        response.headers[hdrs.CONTENT_TYPE] = f"multipart/x-mixed-replace; boundary={BOUNDARY}"
        self._live.viewers += 1
        try:
            await response.prepare(request)
            async for part in self._live.stream(camera, self._language(request)):
                await asyncio.wait_for(response.write(part), STALLED_S)
        except (ConnectionError, asyncio.TimeoutError):
            pass  # the viewer left, or takes nothing any more
        finally:
            self._live.viewers -= 1
            if not self._live.viewers:
                self._live.forget()
        return response

    def _camera(self, request: web.Request) -> CameraView | None:
        wanted = request.match_info["cam"]
        return next((camera for camera in self._data.cameras() if camera.id == wanted), None)

    def _language(self, request: web.Request) -> Language:
        match request.query.get("lang"):
            case "vi":
                return "vi"
            case "en":
                return "en"
        return self._data.language

    def _plain(self, status: int, text: Text) -> web.Response:
        return web.Response(status=status, text=f"{text.say(self._data.language)}.\n")

    async def _ask(self, question: Callable[[], Answer]) -> Answer:
        return await asyncio.get_running_loop().run_in_executor(self._readers, question)


def _json(text: str) -> web.Response:
    return web.Response(text=text, content_type="application/json")
