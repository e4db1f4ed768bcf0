"""What every request and answer of the setup page goes through, and of the household's: nothing of the local page's.

They listen on the local network. So: only under an address of this device (a name that was re-bound to it is
refused), never on behalf of another site, never embedded, never cached, never without an end.
"""

import ipaddress
import re
import socket
from collections.abc import Awaitable, Callable

from aiohttp import hdrs, web
from aiohttp.typedefs import Middleware

from agent.errors import AgentError
from agent.i18n import Text
from agent.installer.web.body import BODY
from agent.installer.web.connections import Connections, Link
from agent.installer.web.refusal import Refusal

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
HOST = re.compile(r"(?P<name>\[[0-9A-Fa-f:.]{2,45}(?:%[\w.-]{1,20})?\]|[A-Za-z0-9.-]{1,253})(?::\d{1,5})?")
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; img-src 'self' blob:; style-src 'self'; script-src 'self'; connect-src 'self'; "
        "manifest-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
}
LINK = web.RequestKey("link", object)  # the connection over which a request came
FOREIGN_HOST = Text(
    en="Open this page by the address of the device, as it was printed",
    vi="Hãy mở trang bằng đúng địa chỉ của thiết bị",
)
FOREIGN_ORIGIN = Text(en="Another web site asked for this", vi="Yêu cầu này đến từ một trang khác")
NO_PATH = Text(en="There is nothing here", vi="Không có gì ở đây")
NO_METHOD = Text(en="Not asked in this way", vi="Không dùng cách gọi này")
TOO_LARGE = Text(en="Too large", vi="Nội dung quá lớn")
STATUSES = {404: ("not_found", NO_PATH), 405: ("method", NO_METHOD), 413: ("too_large", TOO_LARGE)}


def harden(connections: Connections) -> list[Middleware]:
    """The middlewares, outermost first. Where it is full, whoever is not `known` gives way first."""

    @web.middleware
    async def counted(request: web.Request, handler: Handler) -> web.StreamResponse:
        link = request[LINK] = connections.begun(request.transport)
        try:
            return await handler(request)
        finally:
            connections.ended(link)

    return [counted, in_json, only_here]


def known(request: web.Request) -> None:
    """This is the request of a session that is good: a cookie that somebody made up does not count."""
    link = request.get(LINK)
    if isinstance(link, Link):
        link.known = True


@web.middleware
async def in_json(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Every refusal in the one form that the browser part reads."""
    try:
        return await handler(request)
    except Refusal as refusal:
        return _refused(refusal)
    except AgentError as error:
        return _refused(Refusal(503, "node", error.text))
    except web.RequestPayloadError:  # packed, or cut into pieces, in a way that cannot be undone
        return _refused(Refusal(400, "body", BODY))
    except web.HTTPException as error:
        code, text = STATUSES.get(error.status, ("body", NO_PATH))
        return _refused(Refusal(error.status if error.status >= 400 else 404, code, text))


@web.middleware
async def only_here(request: web.Request, handler: Handler) -> web.StreamResponse:
    """403 for another Host, another Origin, and whatever a browser says comes from another site."""
    host = request.headers.get(hdrs.HOST, "")
    if not is_own(host, own_address(request)):
        raise Refusal(403, "host", FOREIGN_HOST)
    origin = request.headers.get(hdrs.ORIGIN)
    if origin is not None and origin.lower() != f"https://{host.lower()}":
        raise Refusal(403, "origin", FOREIGN_ORIGIN)
    site = request.headers.get("Sec-Fetch-Site", "same-origin")
    # "none": typed by a person. A link from elsewhere may open the page itself, and nothing more.
    opened = request.path == "/" and request.method == "GET" and request.headers.get("Sec-Fetch-Mode") == "navigate"
    if site not in ("same-origin", "none") and not opened:
        raise Refusal(403, "origin", FOREIGN_ORIGIN)
    return await handler(request)


def own_address(request: web.Request) -> str:
    """Where on this device the connection came in."""
    name = request.transport.get_extra_info("sockname") if request.transport is not None else None
    return str(name[0]) if name else ""


def is_own(host: str, address: str) -> bool:
    """Is `host` the very address at which the request came in, or a name that only this device can have?

    No list of addresses is kept, so none is out of date when the router gives another.
    """
    match = HOST.fullmatch(host)
    if match is None:
        return False
    name = match["name"].strip("[]").lower()
    if name in ("localhost", f"{socket.gethostname().lower()}.local"):
        return True
    try:
        told, ours = ipaddress.ip_address(name.partition("%")[0]), ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    mapped = getattr(ours, "ipv4_mapped", None)
    return told == (mapped or ours)


async def protect(_: web.Request, response: web.StreamResponse) -> None:
    """Put the protecting headers on every answer; `on_response_prepare` of the application."""
    response.headers.update(HEADERS)
    response.headers.setdefault("Cache-Control", "no-store")
    response.headers.pop("Server", None)


def _refused(refusal: Refusal) -> web.Response:
    response = web.json_response(refusal.body(), status=refusal.status)
    if refusal.retry_s is not None:
        response.headers["Retry-After"] = str(refusal.retry_s)
    return response
