"""Which camera: what `probe` finds is offered by number, and any address can be typed."""

import asyncio
import re
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from agent.capture.find.found import FoundCamera, Login
from agent.capture.find.search import Host, Search, find_cameras
from agent.capture.find.strangers import plain
from agent.cli.init_asking import Asking, Question
from agent.cli.init_check import problem_at
from agent.cli.probe import Range
from agent.clock import Clock
from agent.config.camera import kind_of
from agent.config.secrets import Secret
from agent.config.units import closest
from agent.i18n import Text

WAIT_S = 4.0


@dataclass(frozen=True, slots=True)
class Picked:
    """One camera for the configuration; `secret` goes into a file of its own."""

    source: str
    sub: str | None = None
    username: str | None = None
    secret: Secret | None = None
    password_file: str | None = None  # one that is there already


def pick(asking: Asking, where: Range) -> Picked:
    """Two or three questions: the camera, the name to log in with, the password."""
    offered: tuple[FoundCamera, ...] = ()
    if asking.by_hand:
        asking.say(_LOOKING)
        offered = search(where)
        asking.say(listed(offered))

    def check(answer: str) -> Text | None:
        nonlocal offered
        if re.fullmatch(r"[0-9]{1,2}", answer):
            if not offered and not asking.by_hand:
                offered = search(where)
            return None if 0 < int(answer) <= len(offered) else _no_such(len(offered))
        address, _, _ = without_login(answer)
        return problem_at(("cameras", 0, "source"), address)

    answer = asking.ask(Question("camera", _WHICH if offered else _ADDRESS, "1" if offered else None), check)
    found = offered[int(answer) - 1] if re.fullmatch(r"[0-9]{1,2}", answer) else None
    address, name, word = without_login(answer)
    asking.told["camera"] = address if found is None else found.place
    if found is not None and found.kind != "rtsp" and found.main is not None:
        return Picked(found.main.address)
    if found is None and kind_of(address) != "rtsp":
        return Picked(address)
    if name and word:
        asking.number += 2
        return Picked(address, None, name, Secret(word))
    return logged_in(asking, where, found, address)


def logged_in(asking: Asking, where: Range, found: FoundCamera | None, address: str) -> Picked:
    """With the login of a network camera; its streams are asked for again when it told nothing without."""
    default = "admin" if found is not None and found.login else ""
    name = asking.ask(Question("username", _NAME, default), lambda each: None)
    if name in ("-", ""):
        name = ""
    kept = asking.answers.get("password_file") if asking.answers is not None else None
    secret = None
    if name and kept is None:
        secret = Secret(asking.ask(Question("password", _WORD, secret=True), _one_line))
    else:
        asking.number += 1
    if found is not None and found.main is None:
        login = Login(name, secret) if name and secret is not None else None
        again = search(where, (host_of(found.place),), login)
        found = next((each for each in again if each.main is not None), found)
        if found.main is None:
            asking.say(_STILL)
            address = asking.ask(Question("camera", _ADDRESS), lambda each: problem_at(("cameras", 0, "source"), each))
            asking.number -= 1  # the same question once more
    main = found.main if found is not None else None
    sub = found.sub if found is not None else None
    return Picked(
        main.address if main is not None else address,
        sub.address if sub is not None else None,
        name or None,
        secret,
        kept,
    )


def search(where: Range, hosts: tuple[Host, ...] = (), login: Login | None = None) -> tuple[FoundCamera, ...]:
    """What `probe` finds."""
    wanted = Search(Clock(), WAIT_S, login, hosts, where.ways, where.places)
    return asyncio.run(find_cameras(wanted, lambda _: None)).cameras


def host_of(place: str) -> Host:
    """`192.168.1.64` or `192.168.1.64:8000`, as a search names it."""
    address, _, port = place.partition(":")
    return Host(address, int(port) if port.isdigit() else None)


def listed(found: tuple[FoundCamera, ...]) -> Text:
    """The cameras by number, one line each; or what to do when there is none."""
    if not found:
        return _NONE
    en, vi = [], []
    for number, each in enumerate(found, 1):
        shape = f" {each.main.shape}" if each.main is not None else ""
        line = plain(f"{each.place} {each.name}{shape}", 70)
        en.append(f"  {number}) {line}" + (" (wants a login)" if each.main is None and each.login else ""))
        vi.append(f"  {number}) {line}" + (" (cần mật khẩu)" if each.main is None and each.login else ""))
    return Text(en="\n".join(en), vi="\n".join(vi))


def without_login(address: str) -> tuple[str, str, str]:
    """An address, and the name and password that were typed into it: they are kept elsewhere."""
    if "@" not in address or closest(address.partition("://")[0], ("rtsp", "rtsps")) is None:
        return address, "", ""
    parts = urlsplit(address)
    if not parts.username or not parts.password:
        return address, "", ""
    return (
        address.replace(f"{parts.netloc}", parts.netloc.rpartition("@")[2], 1),
        unquote(parts.username),
        unquote(parts.password),
    )


def _one_line(word: str) -> Text | None:
    return _LONG if len(word.encode()) > 4000 or not word.isprintable() else None


def _no_such(count: int) -> Text:
    return Text(
        en=f"write a number from 1 to {count}, or an address", vi=f"hãy ghi số từ 1 đến {count}, hoặc một địa chỉ"
    )


_LOOKING = Text(en="Looking for cameras for a few seconds …", vi="Đang tìm camera, mất vài giây …")
_WHICH = Text(en="Camera: its number, or an address", vi="Camera: ghi số thứ tự, hoặc địa chỉ")
_ADDRESS = Text(
    en="Camera: address (rtsp://192.168.1.64/stream1, /dev/video0, picamera2)",
    vi="Camera: địa chỉ (rtsp://192.168.1.64/stream1, /dev/video0, picamera2)",
)
_NONE = Text(
    en="  No camera was found; its address can be typed.", vi="  Không tìm thấy camera; có thể tự ghi địa chỉ."
)
_NAME = Text(en="Camera: user name (empty: no login)", vi="Camera: tên đăng nhập (để trống nếu không cần)")
_WORD = Text(en="Camera: password (kept in a file of its own)", vi="Camera: mật khẩu (lưu trong tệp riêng)")
_STILL = Text(
    en="  ! The camera gave no stream with this login. Type its address as its manual says.",
    vi="  ! Camera không đưa ra luồng hình nào với tài khoản này. Hãy ghi địa chỉ theo sách hướng dẫn của camera.",
)
_LONG = Text(
    en="this is no password: too long, or with control characters",
    vi="đây không phải mật khẩu: quá dài hoặc có ký tự điều khiển",
)
