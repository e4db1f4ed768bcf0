"""One SOAP request over HTTP(S) to one host: answer or CameraError, within a deadline, whatever the other side does.

No redirect is followed, no proxy used, nothing unpacked; a body is read up to its limit.
"""

import asyncio
from dataclasses import dataclass

import httpx

from agent.capture.find.found import Login
from agent.capture.find.soap import MAX_BYTES, Element, Malformed, envelope, login_header, parse
from agent.clock import Clock
from agent.errors import CameraError
from agent.i18n import Text

REQUEST_S = 5.0


class LoginWanted(CameraError):
    """The device does not answer this without a (good) login."""

    def __init__(self, given: bool) -> None:
        wanted = Text(en="it asks for a name and password", vi="camera đòi tên đăng nhập và mật khẩu")
        refused = Text(
            en="it refuses this name and password (its ONVIF user may have to be made in its own web page)",
            vi="camera không chấp nhận tên hoặc mật khẩu này (có thể phải tạo người dùng ONVIF trong trang web của nó)",
        )
        super().__init__(refused if given else wanted, code="camera_auth")


@dataclass(frozen=True, slots=True)
class _Reply:
    status: int
    body: bytes
    challenge: str


@dataclass(slots=True)
class Asker:
    """Asks one device. `offset_s` is how far its clock is ahead of ours."""

    client: httpx.AsyncClient
    clock: Clock
    login: Login | None
    offset_s: float = 0.0

    async def ask(self, url: str, body: str, *, openly: bool = False) -> Element:
        """The body of the answer. `openly`: without the login. Raises CameraError, LoginWanted."""
        login = None if openly else self.login
        reply = await self._post(url, body, login, "")
        if reply.status == 401 and login is not None and reply.challenge:
            # Some devices want the login in HTTP as well, or only there; a digest, so that it never travels plain.
            reply = await self._post(url, body, login, reply.challenge)
        denied = LoginWanted(login is not None)
        try:
            root = parse(reply.body)
        except Malformed as error:
            raise (denied if reply.status in (401, 403) else _nonsense(str(error))) from error
        fault = root.first("Body", "Fault")
        if fault is not None or reply.status != 200:
            words = " ".join(element.text for element in fault.walk()) if fault else ""
            if reply.status in (401, 403) or "NotAuthorized" in words or "FailedAuthentication" in words:
                raise denied
            raise _nonsense(f"HTTP {reply.status}")
        answer = root.first("Body")
        if answer is None:
            raise _nonsense("no SOAP body")
        return answer

    async def _post(self, url: str, body: str, login: Login | None, challenge: str) -> _Reply:
        header = login_header(login, self.clock, self.offset_s) if login is not None else ""
        headers = {"Content-Type": "application/soap+xml; charset=utf-8", "Accept-Encoding": "identity"}
        try:
            request = self.client.build_request("POST", url, content=envelope(body, header), headers=headers)
            if login is not None and challenge:
                request = _signed(request, login, challenge)
            return await asyncio.wait_for(self._exchange(request), REQUEST_S)
        except httpx.ConnectError as error:
            raise CameraError(_NOBODY, code="camera_unreachable") from error
        except asyncio.TimeoutError as error:
            raise _nonsense("timeout") from error
        except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
            raise _nonsense(type(error).__name__) from error

    async def _exchange(self, request: httpx.Request) -> _Reply:
        response = await self.client.send(request, stream=True)
        try:
            data = b""
            async for chunk in response.aiter_raw():  # raw: what is packed all the same stays packed
                data += chunk
                if len(data) > MAX_BYTES:
                    raise _nonsense("too large")
            return _Reply(response.status_code, data, response.headers.get("www-authenticate", ""))
        finally:
            await response.aclose()


def _signed(request: httpx.Request, login: Login, challenge: str) -> httpx.Request:
    # httpx's own auth flow would read the refusing answer without a limit; here it sees the challenge only.
    flow = httpx.DigestAuth(login.username, login.password.reveal()).auth_flow(request)
    next(flow)
    try:
        return flow.send(httpx.Response(401, headers={"www-authenticate": challenge}, request=request))
    except (StopIteration, KeyError, ValueError, NotImplementedError) as error:  # no digest, or one of its own kind
        raise LoginWanted(given=True) from error


def client() -> httpx.AsyncClient:
    """For cameras: they sign their certificates themselves, and nothing is sent that a stranger may not see."""
    return httpx.AsyncClient(
        verify=False,  # noqa: S501
        trust_env=False,
        follow_redirects=False,
        timeout=REQUEST_S,
    )


_NOBODY = Text(
    en="no usable ONVIF answer: is the camera on, at this address, and ONVIF switched on in it?",
    vi="không có câu trả lời ONVIF dùng được: camera đã bật, đúng địa chỉ và đã bật ONVIF chưa?",
)


def _nonsense(detail: str) -> CameraError:
    return CameraError(
        Text(en=f"no usable ONVIF answer ({detail})", vi=f"không có câu trả lời ONVIF dùng được ({detail})"),
        code="camera_unreachable",
    )
