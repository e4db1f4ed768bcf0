"""The connection to the broker: MQTT 5, a session that outlives it, and acknowledgements by hand.

No thread: `turn` moves what can be moved. Messages belong to the connection that brought them, because their numbers
mean nothing in the next one; what was not acknowledged comes again.
"""

import json
import time
from collections.abc import Callable
from datetime import datetime, timezone

import paho.mqtt.client as paho
from paho.mqtt.client import MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode, MQTTProtocolVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode
from paho.mqtt.subscribeoptions import SubscribeOptions

from .options import Options
from .words import NotNow, Words

CONNECT_S = 10.0
KEEPALIVE_S = 60
FAREWELL_S = 2.0
WILL_DELAY_S = 30  # a consumer that comes back sooner was not away
MOST_PACKET = 4_000_000  # bytes; the broker keeps larger ones to itself


class Connection:
    """Made anew after each NotNow. `heard` is called for each message, within `turn`."""

    def __init__(self, options: Options, heard: Callable[[MQTTMessage], None]) -> None:
        self._options = options
        self._heard = heard
        self._refused = ""
        self._hint = Words("", "")
        self._said: paho.MQTTMessageInfo | None = None
        self.ready = False
        self.session_present = False
        self._client = self._make()

    def open(self) -> None:
        """Raises NotNow."""
        broker = self._options.broker
        properties = _properties(PacketTypes.CONNECT)
        properties.SessionExpiryInterval = self._options.session_s
        properties.ReceiveMaximum = self._options.in_flight
        properties.MaximumPacketSize = MOST_PACKET
        try:
            self._client.connect(broker.host, broker.port, KEEPALIVE_S, clean_start=False, properties=properties)
        except (OSError, ValueError) as error:
            raise self._not_now(str(error)) from error

    def turn(self, timeout_s: float) -> None:
        """Move bytes both ways, for at most this long. Raises NotNow when the connection is gone."""
        if self._client.loop(timeout_s) != MQTTErrorCode.MQTT_ERR_SUCCESS:
            raise self._not_now(self._refused or "the connection ended")

    def done(self, message: MQTTMessage) -> None:
        """Only now may the broker forget it."""
        self._client.ack(message.mid, message.qos)

    def subscribe(self, filters: tuple[str, ...]) -> None:
        """At QoS 1; shared ones bring nothing that is retained."""
        self._client.subscribe([(one, SubscribeOptions(qos=1)) for one in filters])

    def unsubscribe(self, filters: tuple[str, ...]) -> None:
        """What is on its way still comes."""
        self._client.unsubscribe(list(filters))

    def say(self, state: str) -> None:
        """Retained: the nodes hear that somebody listens, and what time it is."""
        self._said = self._client.publish(self._options.place.server_state(), _state(state), 1, retain=True)

    def leave(self, for_good: bool) -> None:
        """A clean end; the Will stays unsaid. For good: the broker keeps nothing any more for this consumer."""
        if not for_good:
            self._say_stopped()
        properties = _properties(PacketTypes.DISCONNECT)
        if for_good:
            properties.SessionExpiryInterval = 0
        self._client.disconnect(properties=properties)

    def _say_stopped(self) -> None:
        self.say("stopped")
        until_s = time.monotonic() + FAREWELL_S
        # A socket that is closed over unread bytes takes with it what the broker has not read yet.
        while self._said is not None and not self._said.is_published() and time.monotonic() < until_s:
            self.turn(0.05)

    def drop(self) -> None:
        """Close the socket and nothing else; may be called again."""
        sock = self._client.socket()
        if sock is not None:
            sock.close()

    def _make(self) -> paho.Client:
        client = paho.Client(
            CallbackAPIVersion.VERSION2,
            client_id=self._options.id,
            protocol=MQTTProtocolVersion.MQTTv5,
            reconnect_on_failure=False,
            manual_ack=True,
        )
        client.connect_timeout = CONNECT_S
        broker = self._options.broker
        if broker.tls:
            client.tls_set_context(broker.tls.context())
        if broker.login:
            client.username_pw_set(broker.login.user, broker.login.password())
        will = _properties(PacketTypes.WILLMESSAGE)
        will.WillDelayInterval = WILL_DELAY_S
        # Without a time: it is written now, and said when nobody knows.
        client.will_set(self._options.place.server_state(), json.dumps({"state": "offline"}).encode(), 1, True, will)
        client.on_connect = self._on_connect
        client.on_disconnect = self._on_disconnect
        client.on_message = lambda _client, _data, message: self._heard(message)
        return client

    def _on_connect(
        self,
        client: paho.Client,
        data: object,
        flags: paho.ConnectFlags,
        code: ReasonCode,
        properties: Properties | None,
    ) -> None:
        if code.is_failure:
            self._refused = str(code)
            return
        self.session_present = flags.session_present
        self.ready = True

    def _on_disconnect(
        self,
        client: paho.Client,
        data: object,
        flags: paho.DisconnectFlags,
        code: ReasonCode,
        properties: Properties | None,
    ) -> None:
        self._refused = self._refused or str(code)
        if not self.ready and code.is_failure:
            self._hint = Words(
                en=": is it the port of the ward's own programs, and the certificate the consumer's?",
                vi=": đây có phải cổng của các chương trình của phường, và đúng chứng chỉ của chương trình này không?",
            )

    def _not_now(self, said: str) -> NotNow:
        peer = f"{self._options.broker.host}:{self._options.broker.port}"
        return NotNow(
            Words(en=f"the broker {peer}: {said}{self._hint.en}", vi=f"máy chủ MQTT {peer}: {said}{self._hint.vi}")
        )


def _properties(kind: int) -> Properties:
    return Properties(kind)  # type: ignore[no-untyped-call]


def _state(state: str) -> bytes:
    now = datetime.now(timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return json.dumps({"state": state, "sent_utc": now}).encode()
