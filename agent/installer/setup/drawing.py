"""Rules and shapes: the forms, what runs, the dry check, and the save."""

from aiohttp import web

from agent.i18n import Text
from agent.installer.setup import answers, asked
from agent.installer.setup.desk import SetupDesk
from agent.installer.setup.doors import Hindered, Judgement
from agent.installer.setup.forms import forms
from agent.installer.web.body import text_in
from agent.installer.web.noted import Noted
from agent.installer.web.refusal import Json, Refusal

CHANGED = Text(
    en="Another configuration runs now; load it again", vi="Thiết bị đang chạy một cấu hình khác; hãy tải lại cấu hình"
)
MISTAKES = Text(en="There are mistakes", vi="Cấu hình có lỗi")


class Drawing:
    """Answers about the configuration."""

    def __init__(self, desk: SetupDesk) -> None:
        self._desk = desk
        self._forms: str | None = None

    async def schema(self, _: web.Request) -> web.Response:
        """The forms."""
        if self._forms is None:
            self._forms = await self._desk.ask(lambda: answers.dumped(forms(self._desk.doors.labels())))
        response = web.Response(text=self._forms, content_type="application/json")
        response.enable_compression()  # 75 kB of words
        return response

    async def config(self, _: web.Request) -> web.Response:
        """What runs."""
        drawn = await self._desk.ask(self._desk.doors.drawn)
        return web.json_response(
            {"hash": drawn.hash, "source": drawn.source, "trial": drawn.trial, "cameras": drawn.cameras}
        )

    async def check(self, request: web.Request) -> web.Response:
        """Would the node take it? Changes nothing."""
        cameras = asked.cameras_in(await self._desk.body(request))
        return web.json_response(answers.judged_json(await self._judged(cameras)))

    async def save(self, request: web.Request) -> web.Response:
        """It is tried; the node begins again with it."""
        told = await self._desk.body(request)
        cameras, replaces = asked.cameras_in(told), text_in(told, "hash", 64)
        if (await self._desk.ask(self._desk.doors.drawn)).hash != replaces:
            raise Refusal(409, "changed", CHANGED)
        judged = await self._judged(cameras)
        if judged.mistakes:
            await self._desk.note(request, Noted("save", "mistakes"))
            more = {"mistakes": answers.judged_json(judged)["mistakes"]}
            raise Refusal(422, "mistakes", MISTAKES, more=more)
        try:
            begun = await self._desk.ask(lambda: self._desk.doors.save(cameras))
        except Hindered as why:
            raise Refusal(409, why.code, why.text, retry_s=10) from why
        await self._desk.note(request, Noted("save", "granted", reason=begun.job or ""))
        status = 200 if begun.job is None else 202
        return web.json_response({"job": begun.job, "window_s": begun.window_s}, status=status)

    async def _judged(self, cameras: list[Json]) -> Judgement:
        try:
            return await self._desk.ask(lambda: self._desk.doors.check(cameras))
        except Hindered as why:
            raise Refusal(409, why.code, why.text) from why

    async def saved(self, _: web.Request) -> web.Response:
        """How far that is."""
        return web.json_response(answers.saved_json(await self._desk.ask(self._desk.doors.saved)))
