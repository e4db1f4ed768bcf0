"""One connection to the ward's broker with a certificate: for the officers' desk, and for the tests of rights.

Speaks MQTT 5, or 3.1.1 when told so; every wait has an end. What the broker says is given as its reason code.
"""

import contextlib
import queue
import secrets
import ssl
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from agent.i18n import Text
from deploy.ward.certificates import Certificates
from deploy.ward.child import WardError

MAX_HEARD = 10_000
WAIT_S = 15.0


@dataclass(frozen=True, slots=True)
class Heard:
    """One message from the broker."""

    topic: str
    payload: bytes = field(repr=False)
    retained: bool = False


@dataclass(frozen=True, slots=True)
class Will:
    """What the broker says when the connection is lost."""

    topic: str
    payload: bytes = b"{}"
    delay_s: int = 0


@dataclass(frozen=True, slots=True)
class Door:
    """Which broker, and as whom. `client_id` None: a name of its own. `clean`: nothing is kept for us afterwards."""

    host: str
    port: int
    certificates: Certificates
    client_id: str | None = None
    old: bool = False  # MQTT 3.1.1
    will: Will | None = None
    clean: bool = True


class Line:
    """Connected when made. Raises WardError when the broker cannot be reached or lets us not in. `leave` it at the end.

    Use as a context manager.
    """

    def __init__(self, door: Door) -> None:
        self._door = door
        self._heard: queue.Queue[Heard] = queue.Queue(MAX_HEARD)
        self._news = threading.Condition()
        self._connack: int | None = None
        self._acks: dict[int, int] = {}
        self._subacks: dict[int, int] = {}
        self.lost = threading.Event()
        self.reason: object = None
        self._client = self._make()
        try:
            self._client.connect(door.host, door.port, keepalive=30, **self._connect_options())
        except (OSError, ssl.SSLError, ValueError) as error:
            raise self._failed(str(error)) from error
        self._client.loop_start()
        if not self._wait(lambda: self._connack is not None or self.lost.is_set()):
            self.leave()
            raise self._failed("no answer / không trả lời")
        if self._connack != 0:
            self.leave()
            raise self._failed(f"refused / bị từ chối: {self.reason}")

    def publish(self, topic: str, payload: bytes, retain: bool = False, expiry_s: int | None = None) -> int:
        """The broker's reason code: 0 taken, 16 nobody listens, 135 not allowed (3.1.1 says 0 to all). QoS 1."""
        properties = None
        if expiry_s is not None and not self._door.old:
            properties = _empty(PacketTypes.PUBLISH)
            properties.MessageExpiryInterval = expiry_s
        mid = self._client.publish(topic, payload, 1, retain, properties).mid
        if not self._wait(lambda: mid in self._acks or self.lost.is_set()) or mid not in self._acks:
            raise self._failed(f"no acknowledgement / không xác nhận: {topic}")
        return self._acks.pop(mid)

    def subscribe(self, topic: str) -> int:
        """The broker's reason code: 0 to 2 granted. Retained messages follow."""
        _, mid = self._client.subscribe(topic, 1)
        if mid is None or not self._wait(lambda: mid in self._subacks or self.lost.is_set()):
            raise self._failed(f"no acknowledgement / không xác nhận: {topic}")
        return self._subacks.pop(mid)

    def hear(self, timeout_s: float) -> Heard | None:
        """The next message; None when none came in time."""
        with contextlib.suppress(queue.Empty):
            return self._heard.get(timeout=max(timeout_s, 0.001))
        return None

    def cut(self) -> None:
        """The connection breaks without a word, as with a lost network."""
        self._client.loop_stop()
        if (sock := self._client.socket()) is not None:
            sock.close()

    def leave(self) -> None:
        """Say goodbye; may be called again."""
        with contextlib.suppress(OSError, ValueError):
            self._client.disconnect()
        self._client.loop_stop()

    def __enter__(self) -> "Line":
        return self

    def __exit__(self, *_: object) -> None:
        self.leave()

    def _make(self) -> paho.Client:
        door = self._door
        client_id = door.client_id if door.client_id is not None else f"desk-{secrets.token_hex(6)}"
        client = paho.Client(
            CallbackAPIVersion.VERSION2,
            client_id,
            clean_session=door.clean if door.old else None,
            protocol=paho.MQTTv311 if door.old else paho.MQTTv5,
            reconnect_on_failure=False,
        )
        client.tls_set_context(context(door.certificates))
        client.on_connect = self._on_connect
        client.on_connect_fail = lambda client, userdata: self._end("connection failed")
        client.on_disconnect = lambda client, userdata, flags, reason, properties: self._end(reason)
        client.on_message = self._on_message
        client.on_publish = lambda client, userdata, mid, reason, properties: self._note(self._acks, mid, reason)
        client.on_subscribe = lambda client, userdata, mid, reasons, properties: self._note(
            self._subacks, mid, reasons[0]
        )
        if door.will is not None:
            properties = None
            if not door.old:
                properties = _empty(PacketTypes.WILLMESSAGE)
                properties.WillDelayInterval = door.will.delay_s
            client.will_set(door.will.topic, door.will.payload, 1, True, properties)
        return client

    def _connect_options(self) -> dict[str, Any]:
        if self._door.old:
            return {}
        properties = _empty(PacketTypes.CONNECT)
        properties.SessionExpiryInterval = 0 if self._door.clean else 3600
        return {"clean_start": self._door.clean, "properties": properties}

    def _on_connect(
        self, client: paho.Client, userdata: object, flags: object, reason: ReasonCode, properties: object
    ) -> None:
        with self._news:
            self._connack, self.reason = int(reason.value), reason
            self._news.notify_all()

    def _on_message(self, client: paho.Client, userdata: object, message: paho.MQTTMessage) -> None:
        with contextlib.suppress(queue.Full):
            self._heard.put_nowait(Heard(message.topic, bytes(message.payload), message.retain))

    def _note(self, acks: dict[int, int], mid: int, reason: ReasonCode) -> None:
        with self._news:
            acks[mid] = int(reason.value)
            self._news.notify_all()

    def _end(self, reason: object) -> None:
        with self._news:
            self.reason = reason
            self.lost.set()
            self._news.notify_all()

    def _wait(self, ready: Callable[[], bool]) -> bool:
        with self._news:
            return self._news.wait_for(ready, WAIT_S)

    def _failed(self, why: str) -> WardError:
        at = f"{self._door.host}:{self._door.port}"
        return WardError(Text(en=f"the broker {at}: {why}", vi=f"máy chủ MQTT {at}: {why}"))


def context(certificates: Certificates) -> ssl.SSLContext:
    """TLS 1.2 or newer, the server's chain and name checked. Raises WardError when a file cannot be used."""
    try:
        made = ssl.create_default_context(cafile=str(certificates.ca))
        made.minimum_version = ssl.TLSVersion.TLSv1_2
        made.load_cert_chain(certificates.cert, certificates.key)
    except (OSError, ssl.SSLError) as error:
        raise WardError(
            Text(
                en=f"{certificates.cert} and its key cannot be used: {error}",
                vi=f"không dùng được {certificates.cert} và khoá của nó: {error}",
            )
        ) from error
    return made


def _empty(packet: int) -> Properties:
    return Properties(packet)  # type: ignore[no-untyped-call]  # paho leaves this constructor untyped
