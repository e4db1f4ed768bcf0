"""WS-Discovery: which ONVIF devices are on this network. Multicasts a question, collects answers for a few seconds.

Anyone may answer, with anything: each answer is bounded, each host is heard a few times only, and a device counts only
when it is on the network that was asked and its address leads to itself.
"""

import ipaddress
import selectors
import socket
import uuid
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from urllib.parse import unquote

import psutil

from agent.capture.find.soap import Malformed, envelope, parse
from agent.capture.find.strangers import plain, web_address
from agent.clock import Clock

GROUP = "239.255.255.250"
PORT = 3702
AGAIN_S = 1.0  # a datagram may be lost: asked once more
MAX_INTERFACES = 16
MAX_HOSTS = 256
MAX_DEVICES = 64
HEARD = 8  # answers of one host
MAX_ANSWER = 32_768
_ADDRESSING = "http://schemas.xmlsoap.org/ws/2004/08/addressing"
_DISCOVERY = "http://schemas.xmlsoap.org/ws/2005/04/discovery"
# Some devices answer to the one, some to the other.
_TYPES = (
    ("http://www.onvif.org/ver10/network/wsdl", "NetworkVideoTransmitter"),
    ("http://www.onvif.org/ver10/device/wsdl", "Device"),
)

Network = ipaddress.IPv4Network


@dataclass(frozen=True, slots=True)
class Device:
    """An ONVIF device that answered: where it answered from, where it is asked further, what it calls itself."""

    host: str
    service: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class Way:
    """One question: sent from `bind` to `to`; only devices in `asked` may answer it."""

    bind: ipaddress.IPv4Address
    asked: Network
    to: tuple[str, int]


def way_to(host: str, port: int = PORT) -> Way:
    """The question to one host."""
    return Way(ipaddress.IPv4Address(0), Network(host), (host, port))


@dataclass(frozen=True, slots=True)
class Discovered:
    """What the question brought."""

    devices: tuple[Device, ...] = ()
    elsewhere: tuple[str, ...] = ()  # answered, but have an address of another network
    refused: int = 0  # answers that made no sense or led to another host


@dataclass(slots=True)
class Answers:
    """Takes datagrams, keeps what is good in them; bounded whatever comes."""

    devices: dict[str, Device] = field(default_factory=dict)
    elsewhere: dict[str, None] = field(default_factory=dict)
    refused: int = 0
    heard: Counter[str] = field(default_factory=Counter)

    def take(self, data: bytes, host: str, asked: Network) -> None:
        """One answer from `host` to a question put to the network `asked`."""
        if (host not in self.heard and len(self.heard) >= MAX_HOSTS) or self.heard[host] >= HEARD:
            self.refused += 1
            return
        self.heard[host] += 1
        if ipaddress.IPv4Address(host) not in asked:
            self.elsewhere[host] = None
            return
        device = read_answer(data, host)
        if device is None or (host not in self.devices and len(self.devices) >= MAX_DEVICES):
            self.refused += 1
        else:
            self.devices.setdefault(host, device)

    def result(self) -> Discovered:
        """Sorted by address."""
        devices = sorted(self.devices.values(), key=lambda device: ipaddress.IPv4Address(device.host))
        return Discovered(tuple(devices), tuple(self.elsewhere)[:MAX_DEVICES], self.refused)


def read_answer(data: bytes, host: str) -> Device | None:
    """The device in one ProbeMatches message, if it is one and leads to `host` itself."""
    if len(data) > MAX_ANSWER:
        return None
    try:
        root = parse(data)
    except Malformed:
        return None
    match = root.first("ProbeMatches", "ProbeMatch")
    if match is None:
        return None
    scopes = match.word("Scopes").split()[:64]
    if "NetworkVideoTransmitter" not in match.word("Types") and not any("onvif.org" in scope for scope in scopes):
        return None
    for url in match.word("XAddrs").split()[:8]:
        service = web_address(url, host)
        if service is not None:
            return Device(host, service, _name(scopes))
    return None


def _name(scopes: Iterable[str]) -> str:
    parts = [
        plain(unquote(scope.partition(f"/{kind}/")[2]))
        for kind in ("name", "hardware")
        for scope in scopes
        if f"onvif.org/{kind}/" in scope
    ][:2]
    return plain(" ".join(parts if len(parts) == 2 and parts[1] not in parts[0] else parts[:1]))


def ways_out(port: int = PORT) -> tuple[Way, ...]:
    """One question for each IPv4 network of this machine that may have neighbours; loopback and tunnels have none."""
    found = []
    up = {name for name, state in psutil.net_if_stats().items() if state.isup}
    for name, addresses in psutil.net_if_addrs().items():
        for each in addresses:
            if name not in up or each.family != socket.AF_INET or not each.netmask:
                continue
            made = ipaddress.IPv4Interface(f"{each.address}/{each.netmask}")
            if not made.ip.is_loopback and made.network.prefixlen <= 30:
                found.append(Way(made.ip, made.network, (GROUP, port)))
    return tuple(found[:MAX_INTERFACES])


def discover(ways: Iterable[Way], clock: Clock, wait_s: float) -> Discovered:
    """Ask in all `ways`, listen for `wait_s`. A way that cannot be asked (gone down meanwhile) is left out."""
    answers = Answers()
    with selectors.DefaultSelector() as ready:
        try:
            for way in ways:
                asking = _asking(way)
                if asking is not None:
                    ready.register(asking, selectors.EVENT_READ, way)
            end_s = clock.mono_s() + wait_s
            due_s = [clock.mono_s(), clock.mono_s() + AGAIN_S]
            while ready.get_map() and (left_s := end_s - clock.mono_s()) > 0:
                if due_s and clock.mono_s() >= due_s[0]:
                    del due_s[0]
                    for sock, way in _open(ready):
                        _ask(sock, way)
                until_s = min(left_s, max(due_s[0] - clock.mono_s(), 0)) if due_s else left_s
                for key, _ in ready.select(until_s):
                    _hear(key, answers)
        finally:
            for sock, _ in _open(ready):
                sock.close()
    return answers.result()


def _open(ready: selectors.BaseSelector) -> Iterator[tuple[socket.socket, Way]]:
    return ((key.fileobj, key.data) for key in list(ready.get_map().values()) if isinstance(key.fileobj, socket.socket))


def _asking(way: Way) -> socket.socket | None:
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    try:
        sock.setblocking(False)
        sock.bind((str(way.bind), 0))
        sock.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, way.bind.packed)
        sock.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_TTL, 1)  # neighbours only
    except OSError:
        sock.close()
        return None
    return sock


def _ask(sock: socket.socket, way: Way) -> None:
    for space, kind in _TYPES:
        try:
            sock.sendto(question(space, kind), way.to)
        except OSError:  # no route on this network, or its queue is full: the others are still asked
            return


def question(space: str, kind: str) -> bytes:
    """A Probe message for devices of one type."""
    header = (
        f'<a:Action xmlns:a="{_ADDRESSING}">{_DISCOVERY}/Probe</a:Action>'
        f'<a:MessageID xmlns:a="{_ADDRESSING}">urn:uuid:{uuid.uuid4()}</a:MessageID>'
        f'<a:To xmlns:a="{_ADDRESSING}">urn:schemas-xmlsoap-org:ws:2005:04:discovery</a:To>'
    )
    return envelope(f'<d:Probe xmlns:d="{_DISCOVERY}"><d:Types xmlns:n="{space}">n:{kind}</d:Types></d:Probe>', header)


def _hear(key: selectors.SelectorKey, answers: Answers) -> None:
    sock = key.fileobj
    assert isinstance(sock, socket.socket)
    for _ in range(100):  # then the others' turn, and a look at the clock
        try:
            data, (host, _port) = sock.recvfrom(MAX_ANSWER + 1)
        except OSError:  # nothing more, or the network's own complaint about something sent
            return
        answers.take(data, host, key.data.asked)
