"""What the ward sees of one node, live: a subscriber to the node's own tree, for `camera-agent watch`.

Reads only, with a clean session and a client id of its own, so that it never disturbs the node.
"""

import queue
import secrets
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.reasoncodes import ReasonCode

from agent.clock import Clock
from agent.config.model import MqttSection, TlsSection
from agent.errors import LinkError
from agent.i18n import Text
from agent.stop import Stop
from agent.uplink.login import Login
from agent.uplink.peer import broker, explain
from agent.uplink.tls import client_context

MAX_WAITING = 1000
PLAIN_PORT, TLS_PORT = 1883, 8883


@dataclass(frozen=True, slots=True)
class WardMessage:
    """One message as the ward receives it."""

    topic: str
    payload: bytes = field(repr=False)
    retained: bool = False


class Watcher:
    """A connection to the broker; `messages` gives what arrives until `stop` is set."""

    def __init__(self, section: MqttSection, tls: TlsSection, topic: str, login: Login | None) -> None:
        parts = urlsplit(section.url[0])
        secure = parts.scheme == "mqtts"
        self._host = parts.hostname or ""
        self._port = parts.port or (TLS_PORT if secure else PLAIN_PORT)
        self._topic = topic
        self._arrived: queue.Queue[WardMessage | LinkError] = queue.Queue(MAX_WAITING)
        self._client = client = paho.Client(
            CallbackAPIVersion.VERSION2, f"watch-{secrets.token_hex(6)}", clean_session=True, protocol=paho.MQTTv311
        )
        if secure:
            client.tls_set_context(client_context(tls, "broker_tls"))
        if login:
            client.username_pw_set(login.username, login.password)
        client.on_connect = self._on_connect
        client.on_message = self._on_message

    def messages(self, stop: Stop, clock: Clock) -> Iterator[WardMessage]:
        """What arrives. Raises LinkError when the broker refuses; waits and tries again when it is away."""
        connected = False
        while not stop.is_set():
            if not connected:
                connected = self._connect(clock)
            if self._client.loop(0.2) != paho.MQTT_ERR_SUCCESS:
                connected = False
                stop.wait(1.0)
            while not self._arrived.empty():
                item = self._arrived.get()
                if isinstance(item, LinkError):
                    raise item
                yield item
        self._client.disconnect()

    def _connect(self, clock: Clock) -> bool:
        try:
            self._client.connect(self._host, self._port, keepalive=30)
        except (OSError, ValueError) as error:
            raise explain(error, broker(self._host, self._port), clock) from error
        return True

    def _on_connect(
        self, client: paho.Client, userdata: object, flags: object, code: ReasonCode, properties: object
    ) -> None:
        if code.is_failure:
            refused = broker(self._host, self._port).trouble(
                "auth", f"{{peer}} refused us: {code}", f"{{peer}} từ chối: {code}", _HINT
            )
            self._arrived.put_nowait(refused)
            return
        client.subscribe(self._topic, qos=1)

    def _on_message(self, client: paho.Client, userdata: object, message: paho.MQTTMessage) -> None:
        if not self._arrived.full():
            self._arrived.put_nowait(WardMessage(message.topic, bytes(message.payload), message.retain))


_HINT = Text(
    en="check `username` and `password_file` in the configuration",
    vi="kiểm tra `username` và `password_file` trong cấu hình",
)
