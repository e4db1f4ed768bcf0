"""Addresses of cameras, brokers and upload servers: their form is checked here, never whether anything answers there.

No message quotes an address: a password may stand in it.
"""

import re
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, WithJsonSchema

from agent.config.units import Bilingual, closest, meant, shown
from agent.i18n import Text

_AUTHORITY = re.compile(r"(?:\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9_](?:[A-Za-z0-9_.-]*[A-Za-z0-9_])?)(?::([0-9]{1,5}))?")
_BARE_ADDRESS = re.compile(r"(?:[^/@\s]+@)?\d{1,3}(?:\.\d{1,3}){3}(?:[:/]|$)")
CSI = re.compile(r"(picamera2|argus)(?::([0-9]))?")  # cameras on ribbon cables
_WORD = re.compile(r"[A-Za-z0-9_-]{1,30}(?::[A-Za-z0-9_-]{0,8})?")  # a file's name has a dot, a path has a slash
_RIBBONS = ("picamera2", "picamera2:0", "picamera2:1", "argus", "argus:0", "argus:1")
_WORD_INSIDE = re.compile(
    r"[/?&_](?:password|passwd|pass|pwd)=[^&_/]", re.IGNORECASE
)  # some makers' cameras ask for it
_CAMERA_SCHEMES = ("rtsp", "rtsps")
_PASSWORD = Text(
    en="write the name under `username`, the password into a file of its own (chmod 600), "
    "and that file's path under `password_file`",
    vi="hãy ghi tên vào `username`, ghi mật khẩu vào một tệp riêng (chmod 600), "
    "rồi ghi đường dẫn tệp đó vào `password_file`",
)


def _check(value: str, schemes: tuple[str, ...]) -> None:
    scheme, _, rest = value.partition("://")
    authority = re.split(r"[/?#]", rest, maxsplit=1)[0]
    match = _AUTHORITY.fullmatch(authority)
    good_port = match is not None and (match.group(1) is None or 0 < int(match.group(1)) <= 65535)
    broken = not good_port and "@" in rest  # by a password with one of / ? # in it
    if broken or "@" in authority or _WORD_INSIDE.search(rest):
        raise Bilingual("a password does not belong in the address", "không được ghi mật khẩu trong địa chỉ", _PASSWORD)
    if scheme not in schemes or not good_port or re.search(r"\s", value):
        shape = " / ".join(f"{name}://host:port" for name in schemes)
        raise Bilingual(
            f"expected an address like {shape}, with a port from 1 to 65535",
            f"cần địa chỉ dạng {shape}, cổng từ 1 đến 65535",
            _remedy(value, schemes),
        )


def _remedy(value: str, schemes: tuple[str, ...]) -> Text:
    scheme, mark, _ = value.partition("://")
    if re.search(r"\s", value):
        return Text(en="take the spaces out of it", vi="hãy bỏ dấu cách trong địa chỉ")
    if not mark:
        return Text(en=f"write `{schemes[0]}://` in front of it", vi=f"hãy ghi `{schemes[0]}://` ở đầu")
    if scheme not in schemes:
        near = closest(scheme, schemes) or schemes[0]
        return Text(
            en=f"begin it with `{near}://` instead of `{shown(scheme)[1:-1]}://`",
            vi=f"hãy bắt đầu bằng `{near}://` thay cho `{shown(scheme)[1:-1]}://`",
        )
    port = {"mqtts": 8883, "mqtt": 1883, "https": 443, "http": 80, "rtmps": 1936, "rtmp": 1935}.get(scheme, 554)
    return Text(en=f"write the port of the server, like `:{port}`", vi=f"hãy ghi cổng của máy chủ, ví dụ `:{port}`")


def url_of(*schemes: str) -> BeforeValidator:
    """A validator for addresses with one of `schemes`."""

    def check(value: Any) -> Any:
        if isinstance(value, str):
            _check(value, schemes)
        return value

    return BeforeValidator(check)


def _source(value: Any) -> Any:
    if isinstance(value, str) and "://" in value:
        if value.partition("://")[0] not in _CAMERA_SCHEMES:
            raise Bilingual(
                "this kind of address is not a camera; use rtsp://, rtsps://, /dev/video0, picamera2, argus "
                "or a video file",
                "loại địa chỉ này không phải camera; hãy dùng rtsp://, rtsps://, /dev/video0, picamera2, argus "
                "hoặc tệp video",
                _remedy(value, _CAMERA_SCHEMES),
            )
        _check(value, _CAMERA_SCHEMES)
    elif isinstance(value, str) and _BARE_ADDRESS.match(value):
        raise Bilingual(
            "an address on the network needs rtsp:// in front",
            "địa chỉ trên mạng phải có rtsp:// ở đầu",
            Text(en="write `rtsp://` in front of it", vi="hãy ghi `rtsp://` ở đầu"),
        )
    elif isinstance(value, str) and _WORD.fullmatch(value) and not CSI.fullmatch(value):
        near = closest(value.lower(), _RIBBONS)
        raise Bilingual(
            f"there is no camera called {shown(value)}; use rtsp://, rtsps://, /dev/v4l/by-id/…, picamera2, "
            "picamera2:1, argus, or a video file with its folder",
            f"không có camera nào tên {shown(value)}; hãy dùng rtsp://, rtsps://, /dev/v4l/by-id/…, picamera2, "
            "picamera2:1, argus, hoặc tệp video kèm thư mục",
            meant(near) if near else None,
        )
    return value


Source = Annotated[str, BeforeValidator(_source), Field(min_length=1, max_length=2048)]
CameraUrl = Annotated[str, url_of(*_CAMERA_SCHEMES)]
_BROKER_SCHEMES = ("mqtts", "mqtt")


def _one_or_more(value: Any) -> Any:
    urls = value if isinstance(value, list | tuple) else (value,)
    for url in urls:
        if isinstance(url, str):
            _check(url, _BROKER_SCHEMES)
    return urls


_BROKERS_SCHEMA = WithJsonSchema(
    {"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}, "minItems": 1, "maxItems": 8}]}
)
BrokerUrls = Annotated[tuple[str, ...], BeforeValidator(_one_or_more), _BROKERS_SCHEMA]
WebUrl = Annotated[str, url_of("https", "http")]
SecureUrl = Annotated[str, url_of("https")]
MediaUrl = Annotated[str, url_of("rtmps", "rtsps", "rtmp", "rtsp")]
