"""Trying: the test event, the reference photo, the checks."""

from aiohttp import web

from agent.i18n import Text
from agent.installer.setup import answers
from agent.installer.setup.aiming import GIVES
from agent.installer.setup.desk import SetupDesk
from agent.installer.setup.pictures import USUAL, Pictures
from agent.installer.web.body import text_in
from agent.installer.web.desk import BUSY
from agent.installer.web.noted import Noted
from agent.installer.web.refusal import Refusal

TEST_EVERY_S = 5.0
NO_PHOTO = Text(en="No photo was kept yet", vi="Chưa lưu ảnh mốc nào")
NO_CHECKS = Text(
    en="The device has just started; ask again in a minute", vi="Thiết bị vừa khởi động; hãy thử lại sau một phút"
)


class Trying:
    """Answers about whether it works."""

    def __init__(self, desk: SetupDesk, pictures: Pictures) -> None:
        self._desk = desk
        self._pictures = pictures
        self._tested_s: float | None = None

    async def test(self, request: web.Request) -> web.Response:
        """Send a test event."""
        camera = await self._desk.camera(request, text_in(await self._desk.body(request), "cam", 63))
        now_s = self._desk.doors.now_s()
        if self._tested_s is not None and now_s - self._tested_s < TEST_EVERY_S:
            raise Refusal(429, "busy_page", BUSY, retry_s=round(TEST_EVERY_S))
        self._tested_s = now_s
        made = await self._desk.ask(lambda: self._desk.doors.test(camera.id))
        await self._desk.note(request, Noted("test", "granted", reason=made, cam=camera.id))
        return web.json_response({"id": made}, status=202)

    async def tested(self, _: web.Request) -> web.Response:
        """How far it is."""
        return web.json_response(answers.tested_json(await self._desk.ask(self._desk.doors.tested)))

    async def keep_photo(self, request: web.Request) -> web.Response:
        """Keep a picture of now."""
        await self._desk.body(request)
        camera = await self._desk.camera(request)
        cam = camera.id
        # Nobody watches in this step of the page: the first picture takes a moment to come.
        data = await self._pictures.picture(cam, USUAL, camera.state == GIVES)
        if data is None:
            raise Refusal(503, "node", answers.NO_PICTURE)
        photo = await self._desk.ask(lambda: self._desk.doors.keep_photo(cam, data))
        await self._desk.note(request, Noted("photo", "granted", cam=cam))
        return web.json_response({"at_utc": photo.at_utc, "bytes": photo.bytes})

    async def photo(self, request: web.Request) -> web.Response:
        """The one that was kept."""
        cam = (await self._desk.camera(request)).id
        data = await self._desk.ask(lambda: self._desk.doors.photo(cam))
        if data is None:
            raise Refusal(404, "not_found", NO_PHOTO)
        return web.Response(body=data, content_type="image/jpeg")

    async def checks(self, _: web.Request) -> web.Response:
        """What `camera-agent doctor` says."""
        found = await self._desk.ask(self._desk.doors.checks)
        if found is None:
            raise Refusal(503, "node", NO_CHECKS, retry_s=10)
        return web.json_response(answers.checks_json(found))
