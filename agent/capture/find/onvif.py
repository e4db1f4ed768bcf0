"""Asks one ONVIF device for its cameras: a main and a smaller stream of each, with codec and size.

Media 2 (it knows H.265) where the device has it, else Media 1. A recorder with several inputs gives several cameras.
"""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timezone
from urllib.parse import urlsplit
from xml.sax.saxutils import escape

from agent.capture.find.ask import Asker, LoginWanted, client
from agent.capture.find.discovery import Device
from agent.capture.find.found import PLAYABLE, FoundCamera, FoundStream, Login
from agent.capture.find.soap import Element
from agent.capture.find.strangers import moved_web_address, plain, shows, stream_address
from agent.clock import Clock
from agent.errors import CameraError
from agent.i18n import Text

DEVICE_S = 25.0  # all questions to one device
HTTP_PORT = 80
MAX_INPUTS = 16
MAX_PROFILES = 4  # of one input: their addresses are asked
_DEVICE = "http://www.onvif.org/ver10/device/wsdl"
_MEDIA = ("http://www.onvif.org/ver20/media/wsdl", "http://www.onvif.org/ver10/media/wsdl")
_SCHEMA = "http://www.onvif.org/ver10/schema"
_CODECS = {"H264": "h264", "H265": "hevc", "HEVC": "hevc", "JPEG": "mjpeg", "MPEG4": "mpeg4"}
_NEAR = 640 * 360  # what analysis likes best


@dataclass(frozen=True, slots=True)
class Profile:
    """One of a camera's ready-made streams."""

    token: str
    input: str
    codec: str
    width: int
    height: int
    fps: float


async def ask_devices(devices: Iterable[Device], login: Login | None, clock: Clock) -> tuple[FoundCamera, ...]:
    """The cameras of all devices, in their order; one that does not answer well is told with the reason.

    All at once, so that slow ones cannot use up the time of the others.
    """
    answers = await asyncio.gather(*(ask_device(device, login, clock) for device in devices))
    return tuple(camera for found in answers for camera in found)


async def ask_device(device: Device, login: Login | None, clock: Clock) -> tuple[FoundCamera, ...]:
    """The cameras of one device."""
    try:
        async with client() as web:
            return await asyncio.wait_for(_cameras(device, Asker(web, clock, login)), DEVICE_S)
    except asyncio.TimeoutError:
        note = Text(en="it answers too slowly", vi="camera trả lời quá chậm")
        return (FoundCamera("rtsp", device.host, device.name, notes=(note,)),)
    except CameraError as error:
        wanted = isinstance(error, LoginWanted)
        notes = (error.text, _login_hint(device)) if isinstance(error, LoginWanted) else (error.text,)
        return (FoundCamera("rtsp", device.host, device.name, login=wanted, notes=notes),)


def _login_hint(device: Device) -> Text:
    # With the port, as the camera may not answer a search.
    port = urlsplit(device.service).port
    host = f"{device.host}:{port}" if port and port != HTTP_PORT else device.host
    return Text(
        en=f"ask again: camera-agent probe {host} --username NAME --password-file FILE",
        vi=f"hãy hỏi lại: camera-agent probe {host} --username TÊN --password-file TỆP",
    )


async def _cameras(device: Device, asker: Asker) -> tuple[FoundCamera, ...]:
    asker.offset_s = await _offset_s(device, asker)
    refused: CameraError | None = None
    for space, service in await _media(device, asker):
        try:
            answer = await asker.ask(service, _get_profiles(space))
            profiles = read_profiles(answer)
            found = [await _camera(device, asker, (space, service), group) for group in _inputs(profiles)]
        except LoginWanted:
            raise
        except CameraError as error:  # the other media service may do
            refused = error
            continue
        if found:
            return tuple(found)
    if refused is not None:
        raise refused
    note = Text(en="it has no video stream", vi="thiết bị này không có luồng hình")
    return (FoundCamera("rtsp", device.host, device.name, notes=(note,)),)


async def _offset_s(device: Device, asker: Asker) -> float:
    """How far the device's clock is ahead; 0 when it does not tell, as the standard lets everyone ask."""
    try:
        answer = await asker.ask(device.service, f'<GetSystemDateAndTime xmlns="{_DEVICE}"/>', openly=True)
    except LoginWanted:
        return 0.0
    at = answer.first("UTCDateTime")
    if at is None:
        return 0.0
    day = (at.number("Date", "Year"), at.number("Date", "Month"), at.number("Date", "Day"))
    hour = (at.number("Time", "Hour"), at.number("Time", "Minute"), at.number("Time", "Second"))
    try:
        told = datetime(*day, *hour, tzinfo=timezone.utc)
        return told.timestamp() - asker.clock.now().wall_ns / 1e9
    except (ValueError, OverflowError):
        return 0.0


async def _media(device: Device, asker: Asker) -> list[tuple[str, str]]:
    """(namespace, address) of its media services, Media 2 first."""
    body = f'<GetServices xmlns="{_DEVICE}"><IncludeCapability>false</IncludeCapability></GetServices>'
    try:
        answer = await asker.ask(device.service, body)
        told = {each.word("Namespace"): each.word("XAddr") for each in answer.all("Service")[:64]}
    except LoginWanted:
        raise
    except CameraError:  # before ONVIF 2.0
        body = f'<GetCapabilities xmlns="{_DEVICE}"><Category>Media</Category></GetCapabilities>'
        answer = await asker.ask(device.service, body)
        told = {_MEDIA[1]: answer.word("Media", "XAddr")}
    services = [(space, moved_web_address(told.get(space, ""), device.service)) for space in _MEDIA]
    return [(space, service) for space, service in services if service is not None]


def _get_profiles(space: str) -> str:
    wanted = "<Type>All</Type>" if space == _MEDIA[0] else ""
    return f'<GetProfiles xmlns="{space}">{wanted}</GetProfiles>'


def read_profiles(answer: Element) -> tuple[Profile, ...]:
    """The profiles with video, of either media service."""
    found = []
    for each in answer.all("Profiles")[:128]:
        encoder = each.first("VideoEncoderConfiguration") or each.first("VideoEncoder")
        token = each.attributes.get("token", "")
        if encoder is None or not 0 < len(token) <= 256:
            continue
        found.append(
            Profile(
                token,
                each.word("SourceToken")[:256],
                _CODECS.get(encoder.word("Encoding").upper(), plain(encoder.word("Encoding").lower(), 12)),
                encoder.number("Resolution", "Width"),
                encoder.number("Resolution", "Height"),
                float(encoder.number("RateControl", "FrameRateLimit")),
            )
        )
    return tuple(found)


def _inputs(profiles: Iterable[Profile]) -> list[list[Profile]]:
    inputs: dict[str, list[Profile]] = {}
    for profile in profiles:
        inputs.setdefault(profile.input, []).append(profile)
    return [ranked(group)[:MAX_PROFILES] for group in list(inputs.values())[:MAX_INPUTS]]


def ranked(profiles: Iterable[Profile]) -> list[Profile]:
    """The best main stream first: one that plays in MP4, then the largest; the sub stream second."""
    order = sorted(profiles, key=lambda each: (each.codec not in PLAYABLE, -each.width * each.height))
    main, rest = order[0], order[1:]
    smaller = [each for each in rest if 0 < each.width * each.height < main.width * main.height]
    smaller.sort(key=lambda each: (each.codec not in PLAYABLE, abs(each.width * each.height - _NEAR)))
    return [main, *smaller, *(each for each in rest if each not in smaller)]


async def _camera(device: Device, asker: Asker, media: tuple[str, str], profiles: list[Profile]) -> FoundCamera:
    space, service = media
    streams: list[FoundStream] = []
    hidden = False
    for profile in profiles[:2]:
        answer = await asker.ask(service, _get_stream(space, profile.token))
        address = stream_address(answer.word("Uri"), device.host)
        if address is None or (asker.login is not None and shows(address, asker.login.password.reveal())):
            hidden = True
        elif all(address != each.address for each in streams):
            streams.append(FoundStream(address, profile.codec, profile.width, profile.height, profile.fps))
    main = streams[0] if streams else None
    sub = streams[1] if main is not None and len(streams) > 1 and streams[1].pixels < main.pixels else None
    notes = (_HIDDEN,) if hidden else ()
    return FoundCamera("rtsp", device.host, device.name, main, sub, login=asker.login is not None, notes=notes)


_HIDDEN = Text(
    en="a stream has an address that cannot be used here, or one with a password in it: look it up in the manual",
    vi="có luồng mà địa chỉ không dùng được ở đây, hoặc chứa mật khẩu: hãy xem sách hướng dẫn của camera",
)


def _get_stream(space: str, token: str) -> str:
    name = escape(token)
    if space == _MEDIA[0]:
        return (
            f'<GetStreamUri xmlns="{space}"><Protocol>RTSP</Protocol><ProfileToken>{name}</ProfileToken></GetStreamUri>'
        )
    return (
        f'<GetStreamUri xmlns="{space}"><StreamSetup><Stream xmlns="{_SCHEMA}">RTP-Unicast</Stream>'
        f'<Transport xmlns="{_SCHEMA}"><Protocol>RTSP</Protocol></Transport></StreamSetup>'
        f"<ProfileToken>{name}</ProfileToken></GetStreamUri>"
    )
