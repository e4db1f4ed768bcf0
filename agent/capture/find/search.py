"""The whole search: network, USB and ribbon cables at once, each with its own deadline. Gives Findings."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

from agent.capture.find.discovery import Device, Discovered, Way, discover, way_to, ways_out
from agent.capture.find.found import Findings, Login
from agent.capture.find.onvif import ask_devices
from agent.capture.find.places import Places
from agent.capture.find.ribbon import find_argus, find_picamera2
from agent.capture.find.usb import find_usb
from agent.clock import Clock
from agent.i18n import Text

ONE_HOST_S = 2.0
Tell = Callable[[Text], None]


@dataclass(frozen=True, slots=True)
class Host:
    """An IPv4 address to ask, and the port of its ONVIF service when it is known."""

    address: str
    port: int | None = None


@dataclass(frozen=True, slots=True)
class Search:
    """What to look for. With `hosts` only these are asked, nothing else is searched."""

    clock: Clock
    wait_s: float = 4.0
    login: Login | None = None
    hosts: tuple[Host, ...] = ()
    ways: tuple[Way, ...] | None = None  # None: every network of this machine
    places: Places = field(default_factory=Places)


async def find_cameras(search: Search, tell: Tell) -> Findings:
    """Everything that is found; `tell` hears what is going on. Raises nothing: what fails is a note."""
    if search.hosts:
        devices = await _hosts(search)
        tell(_asking(len(devices)))
        return Findings(await ask_devices(devices, search.login, search.clock))
    places, clock = search.places, search.clock
    network, usb, pi, jetson = await asyncio.gather(
        _network(search, tell), find_usb(places, clock), find_picamera2(places, clock), find_argus(places, clock)
    )
    cameras = (*pi.cameras, *jetson.cameras, *usb, *network.cameras)
    return Findings(cameras, (*pi.notes, *jetson.notes, *network.notes))


async def _heard(ways: tuple[Way, ...], search: Search, wait_s: float) -> Discovered:
    return await asyncio.to_thread(discover, ways, search.clock, wait_s)


async def _hosts(search: Search) -> tuple[Device, ...]:
    ways = tuple(way_to(host.address, search.places.onvif_port) for host in search.hosts if host.port is None)
    heard = await _heard(ways, search, min(search.wait_s, ONE_HOST_S)) if ways else Discovered()
    known = {device.host: device for device in heard.devices}

    def device_at(host: Host) -> Device:
        # Most devices have their service there; some do not answer a search.
        port = f":{host.port}" if host.port else ""
        usual = Device(host.address, f"http://{host.address}{port}/onvif/device_service")
        return usual if host.port else known.get(host.address, usual)

    return tuple(map(device_at, search.hosts))


async def _network(search: Search, tell: Tell) -> Findings:
    ways = ways_out(search.places.onvif_port) if search.ways is None else search.ways
    if not ways:
        return Findings(notes=(_NO_NETWORK,))
    names = ", ".join(str(way.asked) for way in ways)
    tell(
        Text(
            en=f"Asking the network for cameras: {names} ({search.wait_s:g} s)",
            vi=f"Đang hỏi mạng xem có camera nào: {names} ({search.wait_s:g} giây)",
        )
    )
    heard = await _heard(ways, search, search.wait_s)
    if heard.devices:
        tell(_asking(len(heard.devices)))
    cameras = await ask_devices(heard.devices, search.login, search.clock)
    notes = [
        Text(
            en=f"{host} answers but belongs to another network: give it an address of this one",
            vi=f"{host} có trả lời nhưng thuộc mạng khác: hãy đặt cho nó địa chỉ của mạng này",
        )
        for host in heard.elsewhere[:8]
    ]
    if heard.refused:
        text = Text(
            en=f"{heard.refused} answers from the network made no sense and were ignored",
            vi=f"đã bỏ qua {heard.refused} câu trả lời không hợp lệ từ mạng",
        )
        notes.append(text)
    return Findings(cameras, tuple(notes))


def _asking(count: int) -> Text:
    return Text(en=f"Asking {count} ONVIF device(s)", vi=f"Đang hỏi {count} thiết bị ONVIF")


_NO_NETWORK = Text(en="this machine is on no network", vi="máy này chưa vào mạng nào")
