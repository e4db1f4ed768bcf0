"""One MQTT connection: paho without its threads, turned by the caller, its callbacks kept as plain lists.

Ends by raising: NoMqtt5, Kicked, or a LinkError that says why. Never reconnects; a new connection is a new object.
"""

import select
import socket
from collections.abc import Iterable
from urllib.parse import urlsplit

import paho.mqtt.client as mqtt
from paho.mqtt.client import ConnectFlags, DisconnectFlags, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion, LogLevel, MQTTErrorCode, MQTTProtocolVersion
from paho.mqtt.exception import MQTTException
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode
from paho.mqtt.subscribeoptions import SubscribeOptions

from agent.clock import Clock
from agent.uplink.bounded import BoundedClient
from agent.uplink.latest import RetainedMessage
from agent.uplink.peer import broker, explain, lost, silent, tls_cut_short, tls_refused
from agent.uplink.properties import of_connect, of_publish, of_will
from agent.uplink.refusals import FAILURE, KEEPALIVE_TIMEOUT, TAKEN_OVER, UNSUPPORTED_VERSION, connection_refused
from agent.uplink.terms import Hello, Interest, Kicked, MqttLink, NoMqtt5, Puback, Terms
from agent.uplink.tls import client_context
from agent.uplink.wake import Wake
from agent.uplink.wire import UNSENT_BYTES

CONNECT_S = 7.0  # within the time that a stop may take: paho blocks while it connects
GRACE_S = 10.0  # above keepalive: within it paho's ping must have been answered
UNACKED_MS = 30_000  # TCP_USER_TIMEOUT: sent bytes that nobody acknowledges
WINDOW = 20
PACKETS, READ_S, READ_BYTES = 64, 0.02, 100_000  # of one turn: what floods in must not keep back what goes out
NO_RETAINED = 2  # at subscribing


class Connection:
    """Connects in the constructor (TCP, TLS, CONNECT sent). Raises LinkError. Then `turn` it until it raises."""

    def __init__(self, link: MqttLink, url: str, hello: Hello, clock: Clock) -> None:
        parts = urlsplit(url)
        secure = parts.scheme == "mqtts"
        host, port = parts.hostname or "", parts.port or (8883 if secure else 1883)
        self.version = hello.version
        self.peer = broker(host, port)
        self.terms: Terms | None = None
        self.pubacks: list[Puback] = []
        self.messages: list[MQTTMessage] = []
        self.refused_topics = 0
        self._clock = clock
        self._keepalive_s = max(int(link.section.keepalive), 1)
        self._refusal: int | None = None
        self._unheard = False  # paho's own ping was not answered
        self._secure = secure
        self._last_log = ""
        self._client = self._make_client(link, hello.will)
        if secure:
            self._client.tls_set_context(client_context(link.tls, "broker_tls"))
        self._heard_s = clock.mono_s()
        self._connect(host, port)

    def turn(self, timeout_s: float, wake: Wake, rest_s: float = 0.0) -> None:
        """Wait for the broker, for room to write or for `wake`, and do what is due. Raises as the class says.

        `rest_s`: how long the broker may be left waiting first, so that what floods in is read together.
        """
        sock = self._client.socket()
        if sock is None:
            raise self._ended()
        poll = select.poll()
        poll.register(wake.fileno(), select.POLLIN)
        if rest_s:
            poll.poll(rest_s * 1000)
        poll.register(sock.fileno(), select.POLLIN | (select.POLLOUT if self._client.want_write() else 0))
        buffered = self._buffered(sock)
        ready = dict(poll.poll(0 if buffered else timeout_s * 1000))
        if wake.fileno() in ready:
            wake.clear()
        result = MQTTErrorCode.MQTT_ERR_SUCCESS
        try:
            if buffered or ready.get(sock.fileno(), 0) & ~select.POLLOUT:
                result = self._read(sock)
            if result == MQTTErrorCode.MQTT_ERR_SUCCESS and self._client.want_write():
                result = self._client.loop_write()
            if result == MQTTErrorCode.MQTT_ERR_SUCCESS:
                result = self._client.loop_misc()
        except (OSError, ValueError, MQTTException) as error:
            raise explain(error, self.peer, self._clock) from error
        if result != MQTTErrorCode.MQTT_ERR_SUCCESS or self._client.socket() is None:
            raise self._ended()
        silent_s = self._clock.mono_s() - self._heard_s
        if silent_s > (CONNECT_S if self.terms is None else self._keepalive_s + GRACE_S):
            raise silent(self.peer)

    def _read(self, sock: "mqtt.SocketLike") -> MQTTErrorCode:
        """What is there, within bounds: paho reads one packet at a time."""
        more = select.poll()
        more.register(sock.fileno(), select.POLLIN)
        self._heard_s = start_s = self._clock.mono_s()
        result = MQTTErrorCode.MQTT_ERR_SUCCESS
        for _ in range(PACKETS):
            result = self._client.loop_read()
            if result != MQTTErrorCode.MQTT_ERR_SUCCESS or self._client.socket() is None:
                break
            if self._clock.mono_s() - start_s > READ_S or self._unread() > READ_BYTES:
                break
            if not (self._buffered(sock) or more.poll(0)):
                break
        return result

    def _buffered(self, sock: "mqtt.SocketLike") -> bool:
        """Is something here that no select() sees?"""
        return self._client.ahead or bool(getattr(sock, "pending", int)())

    def _unread(self) -> int:
        return sum(len(message.payload) for message in self.messages)

    def interest(self) -> Interest | None:
        """What the next turn waits for; None when the socket is gone."""
        sock = self._client.socket()
        if sock is None:
            return None
        return Interest(sock.fileno(), self._client.want_write(), self._buffered(sock))

    def subscribe(self, topics: tuple[str, ...]) -> None:
        """Exact topics, QoS 1. MQTT 5: what stands retained is not sent, and what is said to be retained shows it."""
        if self.version == "5":
            options = SubscribeOptions(qos=1, retainAsPublished=True, retainHandling=NO_RETAINED)
            self._client.subscribe([(topic, options) for topic in topics])
        else:
            self._client.subscribe([(topic, 1) for topic in topics])

    def subscribe_state(self, topic: str) -> None:
        """One topic of which the newest message counts, also one that the broker kept."""
        self._client.subscribe(topic, 1)

    def publish(self, message: RetainedMessage, retain: bool) -> int:
        """Send with QoS 1; gives the number that its Puback will have."""
        properties = of_publish(message) if self.version == "5" else None
        return self._client.publish(message.topic, message.payload, 1, retain, properties).mid

    def take_pubacks(self) -> list[Puback]:
        """Since the last call."""
        taken, self.pubacks = self.pubacks, []
        return taken

    def take_messages(self) -> list[MQTTMessage]:
        """Commands since the last call; `done` each after it has been dealt with."""
        taken, self.messages = self.messages, []
        return taken

    def done(self, messages: Iterable[MQTTMessage]) -> None:
        """Only now may the broker forget these commands."""
        self._client.ack_all(message.mid for message in messages if message.qos)

    def leave(self) -> None:
        """A clean end: the broker forgets the Will."""
        self._client.disconnect()

    def drop(self) -> None:
        """Close the socket and nothing else: after a failure the Will shall speak."""
        sock = self._client.socket()
        if sock is not None:
            sock.close()

    def _make_client(self, link: MqttLink, will: bytes | None) -> BoundedClient:
        five = self.version == "5"
        client = BoundedClient(
            CallbackAPIVersion.VERSION2,
            client_id=link.topics.node,
            clean_session=None if five else False,
            protocol=MQTTProtocolVersion.MQTTv5 if five else MQTTProtocolVersion.MQTTv311,
            reconnect_on_failure=False,
            manual_ack=True,
        )
        client.connect_timeout = CONNECT_S
        client.max_inflight_messages_set(0)  # the window is ours
        if link.login:
            client.username_pw_set(link.login.username, link.login.password)
        if will is not None:
            client.will_set(link.topics.availability(), will, 1, True, of_will() if five else None)
        client.on_connect = self._on_connect
        client.on_disconnect = self._on_disconnect
        client.on_publish = self._on_publish
        client.on_subscribe = self._on_subscribe
        client.on_message = lambda _client, _data, message: self.messages.append(message)
        client.on_log = self._on_log
        client.on_socket_open = _tune
        return client

    def _connect(self, host: str, port: int) -> None:
        try:
            if self.version == "5":
                self._client.connect(host, port, self._keepalive_s, clean_start=False, properties=of_connect())
            else:
                self._client.connect(host, port, self._keepalive_s)
        except (OSError, ValueError) as error:
            raise explain(error, self.peer, self._clock) from error

    def _ended(self) -> Exception:
        if self._unheard:
            return silent(self.peer)
        # A broker that lets another client take over says so in MQTT 5 (mosquitto 2.0 does not), or just hangs up;
        # a line that breaks ends with an error of the socket instead.
        hung_up = self._refusal is None and not self._last_log
        if self.terms is not None and (hung_up or self._refusal == TAKEN_OVER):
            return Kicked(self._clock.mono_s() - self.terms.at_s)
        if self._refusal == UNSUPPORTED_VERSION:
            return NoMqtt5(True)
        if self._refusal is not None:
            return connection_refused(self._refusal, self.peer)
        if "ALERT" in self._last_log.upper():
            return tls_refused(self._last_log, self.peer)
        if self.terms is None and not self._last_log:
            return NoMqtt5(False)
        if self.terms is None and self._secure:
            # Its alert can be lost when it hangs up while we are still sending.
            return tls_cut_short(self.peer)
        return lost(self.peer)

    def _on_connect(
        self,
        _client: mqtt.Client,
        _data: object,
        _flags: ConnectFlags,
        reason: ReasonCode,
        properties: Properties | None,
    ) -> None:
        if reason.value != 0:
            self._refusal = reason.value
            return
        window = min(WINDOW, getattr(properties, "ReceiveMaximum", WINDOW))
        self.terms = Terms(self._clock.mono_s(), window, getattr(properties, "MaximumPacketSize", 2**28))

    def _on_disconnect(
        self,
        _client: mqtt.Client,
        _data: object,
        flags: DisconnectFlags,
        reason: ReasonCode,
        _properties: Properties | None,
    ) -> None:
        if flags.is_disconnect_packet_from_server and reason.value >= FAILURE:
            self._refusal = reason.value
        self._unheard = not flags.is_disconnect_packet_from_server and reason.value == KEEPALIVE_TIMEOUT

    def _on_publish(
        self, _client: mqtt.Client, _data: object, mid: int, reason: ReasonCode, _properties: Properties
    ) -> None:
        self.pubacks.append(Puback(mid, reason.value))

    def _on_subscribe(
        self, _client: mqtt.Client, _data: object, _mid: int, reasons: list[ReasonCode], _properties: Properties | None
    ) -> None:
        self.refused_topics = sum(reason.value >= FAILURE for reason in reasons)

    def _on_log(self, _client: mqtt.Client, _data: object, level: int, text: str) -> None:
        # paho tells a broken socket only here; without it a reset would look like a broker hanging up.
        if level == LogLevel.MQTT_LOG_ERR and "socket" in text:
            self._last_log = text


def _tune(_client: mqtt.Client, _data: object, sock: object) -> None:
    if isinstance(sock, socket.socket):
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, UNACKED_MS)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NOTSENT_LOWAT, UNSENT_BYTES)
