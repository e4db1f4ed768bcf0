"""The desk of the setup page: beside what web/desk.py does, which camera is meant, and a word for the access log."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from aiohttp import web

from agent.i18n import Text
from agent.installer.setup.doors import CameraNow, SetupDoors
from agent.installer.setup.entry import Entry
from agent.installer.setup.opening import LONGEST_S
from agent.installer.web.desk import Badge, Desk
from agent.installer.web.noted import Noted
from agent.installer.web.refusal import Refusal

BADGE = Badge("__Host-setup", "X-Setup-Token", LONGEST_S)
NO_CAMERA = Text(en="There is no such camera", vi="Không có camera này")


class SetupDesk(Desk):
    """Lives on the page's event loop."""

    def __init__(self, doors: SetupDoors, entry: Entry) -> None:
        super().__init__(entry, BADGE, ThreadPoolExecutor(2, thread_name_prefix="setup-read"))
        self.doors = doors
        self.entry = entry

    async def camera(self, request: web.Request, name: str | None = None) -> CameraNow:
        """The one in the path, or the one that is named. Raises Refusal."""
        wanted = request.match_info["cam"] if name is None else name
        for camera in await self.ask(self.doors.cameras):
            if camera.id == wanted:
                return camera
        raise Refusal(404, "not_found", NO_CAMERA)

    async def note(self, request: web.Request, noted: Noted) -> None:
        """Into the access log, with where it came from."""
        await self.ask(lambda: self.doors.note(replace(noted, by=request.remote or "")))
