"""What every request and answer of the local page goes through.

The page listens on loopback only, but any web site open in the reader's browser can make that browser call it. So the
Host must be this machine (a name that was re-bound to 127.0.0.1 is refused), nothing may be embedded elsewhere, and no
answer allows another origin. The port is not compared: through `ssh -L` it is the reader's, not ours.
"""

import re
from collections.abc import Awaitable, Callable

from aiohttp import web

from agent.errors import AgentError
from agent.i18n import Text

LOOPBACK = re.compile(r"(?:localhost|127\.0\.0\.1|\[::1\])(?::\d{1,5})?", re.IGNORECASE)
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; img-src 'self'; media-src 'self'; style-src 'self'; script-src 'self'; "
        "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}
FOREIGN = Text(
    en="This page answers only to localhost. Open http://localhost with the port that the node printed",
    vi="Trang này chỉ mở được qua localhost. Hãy mở http://localhost với cổng mà thiết bị đã in ra",
)


@web.middleware
async def only_this_machine(
    request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
) -> web.StreamResponse:
    """403 for a Host that is not this machine."""
    if not LOOPBACK.fullmatch(request.headers.get("Host", "")):
        return web.Response(status=403, text=f"{FOREIGN.vi}.\n{FOREIGN.en}.\n")
    return await handler(request)


@web.middleware
async def in_plain_words(
    request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
) -> web.StreamResponse:
    """503 with the error's own words when a door of the node fails."""
    try:
        return await handler(request)
    except AgentError as error:
        return web.Response(status=503, text=f"{error}.\n")


async def harden(_: web.Request, response: web.StreamResponse) -> None:
    """Put the protecting headers on every answer, errors and streams too; `on_response_prepare` of the application."""
    response.headers.update(HEADERS)
    response.headers.pop("Server", None)
