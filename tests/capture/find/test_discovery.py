"""Discovery over real sockets on loopback, by multicast and to one host, with honest and hostile answers."""

import ipaddress
import xml.etree.ElementTree as ET

import pytest

from agent.capture.find.discovery import (
    HEARD,
    MAX_DEVICES,
    MAX_HOSTS,
    Answers,
    Way,
    discover,
    question,
    read_answer,
    way_to,
    ways_out,
)
from agent.clock import Clock
from tests.capture.find.device import SCOPES, Answerer, match

HERE = "127.0.0.1"
GOOD = match(f"http://{HERE}:8000/onvif/device_service")
GROUP = "239.255.255.250"
LAN = ipaddress.IPv4Network("192.168.1.0/24")
BOMB = (
    b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY x "xxxxxxxxxx">'
    + b"".join(b'<!ENTITY x%d "%s">' % (n, b"&x%s;" % (str(n - 1).encode() if n else b"") * 10) for n in range(12))
    + b"]><a>&x11;</a>"
)


def test_a_device_answers_a_multicast_question() -> None:
    with Answerer((GOOD,), GROUP) as camera:
        way = Way(ipaddress.IPv4Address(HERE), ipaddress.IPv4Network("127.0.0.0/8"), (GROUP, camera.port))
        found = discover((way,), Clock(), 0.5)
    assert [(device.host, device.service, device.name) for device in found.devices] == [
        (HERE, f"http://{HERE}:8000/onvif/device_service", "Good Cam GC-1")
    ]
    assert found.refused == 0
    # Both kinds of devices were asked, each question with an id of its own.
    roots = [ET.fromstring(data) for data in camera.heard]
    types = {element.text for root in roots for element in root.iter() if element.tag.endswith("}Types")}
    ids = {element.text for root in roots for element in root.iter() if element.tag.endswith("}MessageID")}
    assert types == {"n:NetworkVideoTransmitter", "n:Device"} and len(ids) == len(camera.heard)


def test_a_device_answers_a_question_to_itself_and_thousands_of_bad_answers_do_not_hide_it() -> None:
    bad = (BOMB, b"", b"\xff\xfe<", b"<a>" * 5000, match(f"http://10.0.0.9/{HERE}"), b"x" * 60_000) * 200
    with Answerer((GOOD, *bad)) as camera:
        found = discover((way_to(HERE, camera.port),), Clock(), 1.0)
    assert [device.host for device in found.devices] == [HERE]
    assert found.refused >= HEARD - 1


def test_nobody_answers_and_a_network_that_is_gone() -> None:
    gone = Way(ipaddress.IPv4Address("203.0.113.77"), LAN, (GROUP, 9))
    assert discover((gone,), Clock(), 30).devices == ()
    with Answerer(()) as mute:
        assert discover((way_to(HERE, mute.port),), Clock(), 0.1).devices == ()


@pytest.mark.parametrize(
    "answer",
    [
        BOMB,
        b"",
        b"not xml",
        b"<a/>",
        b"\x00" * 100,
        b'<?xml version="1.0" encoding="klingon"?><a/>',
        b'<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>',
        match("http://10.0.0.1/onvif/device_service"),
        match("http://localhost/onvif/device_service"),
        match(f"http://user:word@10.0.0.1#{HERE}/"),
        match(f"ftp://{HERE}/onvif"),
        match(f"file:///{HERE}"),
        match(f"http://{HERE}:99999/x"),
        match(f"http://{HERE}:0/x"),
        match(f"http://{HERE}/\u202e$(reboot)"),
        match(f"http://{HERE}/{'a' * 600}"),
        match("http://[::1"),
        match(""),
        match(f"http://{HERE}/x", scopes="", types="wsdp:Printer"),
        match(f"http://{HERE}/x") + b" " * 40_000,
        b"<s>" * 100 + match(f"http://{HERE}/x") + b"</s>" * 100,
    ],
)
def test_an_answer_that_is_no_camera_of_that_host(answer: bytes) -> None:
    assert read_answer(answer, HERE) is None


def test_the_address_that_leads_to_the_device_itself_is_taken() -> None:
    device = read_answer(match(f"http://10.0.0.1/a https://{HERE}:8443/b http://{HERE}/c"), HERE)
    assert device is not None and device.service == f"https://{HERE}:8443/b"


def test_a_name_cannot_write_on_the_terminal() -> None:
    wild = "onvif://www.onvif.org/name/%1B%5B2J%1B%5D0;evil%07%0Aa%E2%80%AEb" + "n" * 500
    device = read_answer(match(f"http://{HERE}/a", scopes=wild), HERE)
    assert device is not None and device.name.isprintable() and len(device.name) <= 60


def test_answers_of_other_networks_are_told_and_never_asked() -> None:
    answers = Answers()
    answers.take(match("http://10.9.9.9/onvif/device_service"), "10.9.9.9", LAN)
    answers.take(match("http://192.168.1.7/onvif/device_service"), "192.168.1.7", LAN)
    found = answers.result()
    assert found.elsewhere == ("10.9.9.9",)
    assert [device.host for device in found.devices] == ["192.168.1.7"]


def test_what_a_flood_leaves_behind_is_bounded() -> None:
    answers = Answers()
    everybody = ipaddress.IPv4Network("0.0.0.0/0")
    for number in range(5000):
        host = str(ipaddress.IPv4Address(0x0A000000 + number))
        answers.take(match(f"http://{host}/onvif/device_service", SCOPES), host, everybody)
    assert len(answers.devices) == MAX_DEVICES and len(answers.heard) == MAX_HOSTS
    assert answers.refused == 5000 - MAX_DEVICES


def test_one_host_is_heard_a_few_times_only() -> None:
    answers = Answers()
    for _ in range(20):
        answers.take(match("http://192.168.1.7/a"), "192.168.1.7", LAN)
    assert answers.refused == 20 - HEARD and answers.heard["192.168.1.7"] == HEARD


def test_a_device_that_answers_twice_is_one() -> None:
    answers = Answers()
    for _ in range(3):
        answers.take(match("http://192.168.1.7/a"), "192.168.1.7", LAN)
    assert len(answers.result().devices) == 1 and answers.refused == 0


def test_every_network_of_this_machine_is_asked_but_loopback() -> None:
    ways = ways_out()
    assert all(not way.bind.is_loopback and way.bind in way.asked for way in ways)
    assert {way.to for way in ways} <= {(GROUP, 3702)}


def test_a_question_is_whole_xml() -> None:
    root = ET.fromstring(question("http://www.onvif.org/ver10/device/wsdl", "Device"))
    assert root.tag == "{http://www.w3.org/2003/05/soap-envelope}Envelope"
