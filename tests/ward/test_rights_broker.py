"""What a certificate may say and hear, shown on the real mosquitto with the installed configuration."""

import contextlib
import itertools
import socket
import ssl
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from agent.contract.topics import COMMANDS, Topics
from deploy.ward import Validity, WardError, issue
from deploy.ward.certificates import Certificates
from deploy.ward.line import Door, Line, Will, context
from deploy.ward.operate import refresh, revoke
from deploy.ward.people import Authorities
from tests.ward.conftest import TREE, WARD, Whole, until

NOT_ALLOWED = 135
ULID = "01JZ0000000000000000000001"
BOTH = pytest.mark.parametrize("old", [False, True], ids=["mqtt5", "mqtt311"])
counter = itertools.count()


def own(node: str) -> tuple[str, ...]:
    """Every topic that the contract lets a node write."""
    topics = Topics("camera", WARD, node)
    return (
        topics.availability(),
        topics.birth(),
        topics.health(),
        topics.fault("disk_full"),
        topics.event("cong", "intrusion"),
        topics.thumb("cong", ULID),
        topics.state("cong", "san-1"),
        topics.job(ULID),
        topics.response(ULID),
    )


def foreign(node: str, other: str) -> tuple[str, ...]:
    """What is not a node's to write."""
    mine = Topics("camera", WARD, node)
    elsewhere = Topics("camera", "phuong-khac", node)
    return (
        *own(other),
        *(mine.command(name) for name in COMMANDS),
        mine.command("x"),
        Topics("camera", WARD, other).command("wipe"),
        mine.server_state(),
        f"{TREE}/{node}",
        f"{TREE}/{node}/birth/x",
        f"{TREE}/{node}/cam/cong",
        f"{TREE}/{node}/cam/cong/cmd/x",
        f"{TREE}/server/birth",
        *own("server"),
        elsewhere.birth(),
        f"other/v1/{WARD}/{node}/birth",
        f"camera/v2/{WARD}/{node}/birth",
        "birth",
    )


@BOTH
def test_a_node_writes_its_own_tree(whole: Whole, old: bool) -> None:
    with whole.as_staff("consumer") as consumer, whole.as_node("own-1", old) as node:
        assert consumer.subscribe(f"{TREE}/own-1/#") <= 2
        for topic in own("own-1"):
            assert node.publish(topic, b"{}") in {0, 16}
            assert until(consumer, topic) == []


@BOTH
def test_a_node_writes_nowhere_else(whole: Whole, old: bool) -> None:
    with whole.as_staff("consumer") as consumer, whole.as_node("own-2", old) as node:
        assert consumer.subscribe(f"{TREE}/#") <= 2
        for topic in foreign("own-2", "other-2"):
            assert node.publish(topic, b'{"forged": true}', retain=True) == (0 if old else NOT_ALLOWED), topic
        last = Topics("camera", WARD, "own-2").job(ULID)
        node.publish(last, b"last")
        heard = until(consumer, last)
    assert [one.topic for one in heard if b"forged" in one.payload] == []


@BOTH
def test_a_node_hears_its_own_commands_only(whole: Whole, old: bool) -> None:
    mine, other = Topics("camera", WARD, "ear-1"), Topics("camera", WARD, "ear-2")
    with whole.as_node("ear-2") as neighbour, whole.as_staff("desk") as desk, whole.as_node("ear-1", old) as node:
        neighbour.publish(other.birth(), b'{"secret": 1}', retain=True)
        for topic in (
            "#",
            "+/+/+/+/+",
            f"{TREE}/#",
            f"{TREE}/+/birth",
            f"{TREE}/+/cmd/+",
            f"$share/spies/{TREE}/#",
            "$SYS/#",
            other.birth(),
            other.command("rebirth"),
            mine.birth(),
            *mine.commands(),
        ):
            node.subscribe(topic)  # mosquitto grants it; what counts is what comes
        desk.publish(other.command("rebirth"), b'{"to": "ear-2"}')
        neighbour.publish(other.health(), b'{"secret": 2}', retain=True)
        desk.publish(mine.command("rebirth"), b'{"to": "ear-1"}')
        desk.publish(mine.command("selftest"), b"last")
        heard = until(node, mine.command("selftest"))
    allowed = {mine.command("rebirth"), mine.server_state()}
    assert {one.topic for one in heard} - allowed == set()
    assert mine.command("rebirth") in {one.topic for one in heard}


def test_a_node_hears_whether_the_ward_is_there(whole: Whole) -> None:
    state = f"{TREE}/server/state"
    with whole.as_staff("consumer") as consumer, whole.as_node("ear-3") as node:
        assert consumer.publish(state, b'{"state":"online"}', retain=True) in {0, 16}
        node.subscribe(state)
        assert until(node, state) == []


@BOTH
def test_a_will_speaks_for_its_own_node_only(whole: Whole, old: bool) -> None:
    name = f"will-{next(counter)}"
    with whole.as_staff("consumer") as consumer, whole.as_node("witness") as witness:
        consumer.subscribe(f"{TREE}/#")
        for topic in ("victim-1/availability", "server/state", f"{name}/cmd/wipe", f"{name}/nothing"):
            with contextlib.suppress(WardError):  # not let in at all: as good
                whole.as_node(name, old, Will(f"{TREE}/{topic}", b'{"forged": true}')).cut()
        honest = whole.as_node(f"{name}b", old, Will(f"{TREE}/{name}b/availability", b"honest"))
        honest.cut()
        heard = until(consumer, f"{TREE}/{name}b/availability")  # the broker has come to later losses
        last = Topics("camera", WARD, "witness").job(ULID)
        witness.publish(last, b"last")
        heard += until(consumer, last)
    assert [one for one in heard if b"forged" in one.payload] == []


def test_a_delayed_will_is_said(whole: Whole) -> None:
    with whole.as_staff("consumer") as consumer:
        consumer.subscribe(f"{TREE}/late/#")
        topic = f"{TREE}/late/availability"
        node = Line(
            Door("127.0.0.1", whole.ward.ports.nodes, whole.node("late"), will=Will(topic, b"gone", 1), clean=False)
        )
        node.cut()
        assert until(consumer, topic) == []


@BOTH
def test_another_client_id_is_not_taken_over(whole: Whole, old: bool) -> None:
    mine, other = Topics("camera", WARD, "thief"), Topics("camera", WARD, "owner")
    with whole.as_staff("desk") as desk, whole.as_node("owner") as owner:
        owner.subscribe(other.command("rebirth"))
        with whole.as_node("thief", old, client_id="owner") as thief:
            thief.subscribe(other.command("rebirth"))
            thief.subscribe(mine.command("rebirth"))
            desk.publish(other.command("rebirth"), b"for the owner")
            desk.publish(mine.command("rebirth"), b"for the thief")
            assert until(thief, mine.command("rebirth")) == []
            assert until(owner, other.command("rebirth")) == []
            assert not owner.lost.is_set()


def test_an_officer_asks_and_the_consumer_does_not(whole: Whole) -> None:
    topics = Topics("camera", WARD, "asked")
    with whole.as_staff("desk") as desk, whole.as_staff("consumer") as consumer:
        assert consumer.publish(topics.command("wipe"), b"{}") == NOT_ALLOWED
        assert desk.publish(topics.command("rebirth"), b"{}") in {0, 16}
        for topic in (topics.server_state(), *own("asked"), f"{TREE}/x", "camera/v1/phuong-khac/asked/cmd/rebirth"):
            assert desk.publish(topic, b"{}") == NOT_ALLOWED
        for topic in (*own("asked"), topics.command("rebirth"), "camera/v1/phuong-khac/server/state"):
            assert consumer.publish(topic, b"{}") == NOT_ALLOWED


def test_without_a_certificate_of_the_ward_nobody_comes_in(whole: Whole, tmp_path: Path) -> None:
    good = whole.node("door-1")
    stranger = issue(tmp_path / "other", "door-1")
    late = issue(tmp_path / "late", "door-1", validity=Validity(-10, -1))
    ports = whole.ward.ports
    server = whole.ward.site.tls
    for port, certificates in (
        (ports.nodes, Certificates(good.ca, stranger.cert, stranger.key)),
        (ports.nodes, Certificates(good.ca, late.cert, late.key)),
        (ports.nodes, whole.role("desk")),
        (ports.nodes, Certificates(good.ca, server / "server.pem", server / "server.key")),
        (ports.staff, good),
        (ports.staff, Certificates(good.ca, stranger.cert, stranger.key)),
    ):
        with pytest.raises(WardError):
            Line(Door("127.0.0.1", port, certificates, "door-1"))
    for port in (ports.nodes, ports.staff):
        nobody = ssl.create_default_context(cafile=str(good.ca))
        assert _hello(port, nobody) == b""
    whole.on_nodes_door(good).leave()


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion:DeprecationWarning")
def test_old_tls_and_plain_text_are_not_spoken(whole: Whole) -> None:
    good = whole.node("door-2")
    old = context(good)
    old.set_ciphers("ALL:@SECLEVEL=0")
    old.minimum_version = ssl.TLSVersion.TLSv1
    old.maximum_version = ssl.TLSVersion.TLSv1_1
    for port in (whole.ward.ports.nodes, whole.ward.ports.staff, whole.ward.ports.uploads, whole.ward.ports.live):
        with socket.create_connection(("127.0.0.1", port), 10) as plain, pytest.raises((ssl.SSLError, OSError)):
            old.wrap_socket(plain, server_hostname="127.0.0.1")
    with socket.create_connection(("127.0.0.1", whole.ward.ports.nodes), 10) as plain:
        plain.sendall(CONNECT)
        plain.settimeout(10)
        answer = b""
        with contextlib.suppress(ConnectionResetError):
            answer = plain.recv(100)
        assert not answer.startswith(b"\x20")  # CONNACK


@pytest.mark.parametrize("name", ["+", "#", "ward.desk", "ward.consumer"])
def test_a_name_that_is_no_nodes_gets_nothing(whole: Whole, tmp_path: Path, name: str) -> None:
    """The authority signs no such name; should it ever, the broker stands by itself."""
    authority = Authorities.of(whole.ward.site).nodes
    key = ec.generate_private_key(ec.SECP256R1())
    made = Certificates(authority.ca, tmp_path / "cert.pem", tmp_path / "key.pem")
    made.cert.write_bytes(authority.sign_node(name, key.public_key()).public_bytes(Encoding.PEM))
    made.key.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    with whole.as_staff("consumer") as consumer, whole.as_node("plain-1") as node:
        consumer.subscribe(f"{TREE}/plain-1/#")
        consumer.subscribe(f"{TREE}/server/state")
        try:
            odd = whole.on_nodes_door(made)
        except WardError:
            return
        with odd:
            for topic in (f"{TREE}/plain-1/birth", f"{TREE}/plain-1/cmd/wipe", f"{TREE}/server/state"):
                odd.publish(topic, b"forged", retain=True)
        last = f"{TREE}/plain-1/job/{ULID}"
        node.publish(last, b"last")
        assert [one for one in until(consumer, last) if one.payload == b"forged"] == []


def test_a_revoked_certificate_is_out_at_once(whole: Whole) -> None:
    certificates = whole.node("gone-1")
    stays = whole.as_node("stays-1")
    node = whole.as_node("gone-1")
    assert revoke(whole.ward.site, "gone-1") == 1
    assert node.lost.wait(15)
    with pytest.raises(WardError):
        whole.on_nodes_door(certificates)
    refresh(whole.ward.site)  # once a day: the list is written anew, with the same in it
    with pytest.raises(WardError):
        whole.on_nodes_door(certificates)
    assert not stays.lost.is_set()
    stays.leave()


CONNECT = bytes.fromhex("100d00044d5154540402003c000178")


def _hello(port: int, tls: ssl.SSLContext) -> bytes:
    """What the broker says to an MQTT CONNECT over this TLS; nothing when it hangs up."""
    try:
        with (
            socket.create_connection(("127.0.0.1", port), 10) as plain,
            tls.wrap_socket(plain, server_hostname="127.0.0.1") as secure,
        ):
            secure.sendall(CONNECT)
            return secure.recv(100)
    except (ssl.SSLError, ConnectionError):
        return b""
