"""`python -m agent.tools.fleet.consumer`: listens as the ward does, in a process of its own that times and counts.

Its first line of input is a JSON object (`Listening`, with password), then each line asks for a line of figures; the
last figures come when the input ends. A session that outlives connections; acknowledged after counting; events are told
apart by (node, id, rev).
"""

import json
import select
import sys
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from urllib.parse import urlsplit

import paho.mqtt.client as mqtt
from paho.mqtt.client import ConnectFlags, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode, MQTTProtocolVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from agent.clock import Clock
from agent.config.model import TlsSection
from agent.contract.base import parse_utc
from agent.errors import LinkError
from agent.tools.fleet.heard import Heard, Listening
from agent.tools.fleet.measures import Sizes
from agent.tools.fleet.meter import MOST_KEYS, key_of
from agent.uplink.tls import client_context

STDIN = open(0, "rb", buffering=0, closefd=False)  # noqa: SIM115  # unbuffered: select() must see each line
KEEPALIVE_S = 20
SESSION_S = 3600
AGAIN_S = 0.2
TURN_S = 0.5
WANTED = ("birth", "availability", "health", "cam/+/event/+")


class Consumer:
    """One connection after another, until told to end."""

    def __init__(self, listening: Listening) -> None:
        self._listening = listening
        self._clock = Clock()
        self._tried = 0
        self._five = listening.protocol != "3.1.1"
        self._greeted = False
        self._seen: set[bytes] = set()
        self._journal = bytearray()  # what was accepted, in its order
        self._accepted = 0
        self._lag_ms = Sizes()
        self._messages = self._duplicates = self._connects = self._late = 0
        self._last_s: float | None = None
        self._quiet_max_s = 0.0
        self.subscribed = False

    def run(self, hear: Callable[[], bool]) -> None:
        """Until `hear`, which is asked when standard input has something, says no."""
        while True:
            client = self._client()
            if self._connect(client):
                going = self._turn(client, hear)
            else:
                ready, _, _ = select.select([STDIN], [], [], AGAIN_S)
                going = not ready or hear()
            if not going:
                client.disconnect()
                return

    def figures(self) -> Heard:
        """As of now."""
        return Heard(
            self._messages,
            self._accepted,
            self._duplicates,
            self._connects,
            round(self._quiet_max_s, 3),
            self._late,
            self._lag_ms.told(),
        )

    def write_keys(self) -> None:
        """What was accepted, for whoever knows what should have been."""
        Path(self._listening.keys).write_bytes(self._journal)

    def _client(self) -> mqtt.Client:
        given = self._listening
        five = self._five
        self._greeted = False
        client = mqtt.Client(
            CallbackAPIVersion.VERSION2,
            client_id=given.name,
            clean_session=None if five else False,
            protocol=MQTTProtocolVersion.MQTTv5 if five else MQTTProtocolVersion.MQTTv311,
            reconnect_on_failure=False,
            manual_ack=True,
        )
        if given.username:
            client.username_pw_set(given.username, given.password)
        client.on_connect = self._on_connect
        client.on_subscribe = self._on_subscribe
        client.on_message = self._on_message
        return client

    def _connect(self, client: mqtt.Client) -> bool:
        given = self._listening
        parts = urlsplit(given.urls[self._tried % len(given.urls)])
        secure = parts.scheme == "mqtts"
        properties = None
        if self._five:
            properties = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]  # paho's
            properties.SessionExpiryInterval = SESSION_S
        client.connect_timeout = 3.0
        try:
            if secure:
                files = (Path(each) if each else None for each in (given.ca, given.cert, given.key))
                ca, cert, key = files
                client.tls_set_context(client_context(TlsSection(ca=ca, cert=cert, key=key), "broker_tls"))
            client.connect(
                parts.hostname or "",
                parts.port or (8883 if secure else 1883),
                KEEPALIVE_S,
                clean_start=False if properties else 3,
                properties=properties,
            )
        except (OSError, ValueError, LinkError):  # LinkError: its files, which stood there when the run began
            self._tried += 1
            return False
        return True

    def _turn(self, client: mqtt.Client, hear: Callable[[], bool]) -> bool:
        """Until the connection ends (True) or `hear` says no (False)."""
        while (sock := client.socket()) is not None:
            pending = bool(getattr(sock, "pending", int)())
            fd, stdin = sock.fileno(), STDIN.fileno()
            writers = [fd] if client.want_write() else []
            readable, writable, _ = select.select([fd, stdin], writers, [], 0 if pending else TURN_S)
            result = MQTTErrorCode.MQTT_ERR_SUCCESS
            if pending or fd in readable:
                result = client.loop_read()
            if writable and not result:
                result = client.loop_write()
            if result or client.loop_misc():
                break
            if stdin in readable and not hear():
                return False
        if not self._greeted and self._listening.protocol == "auto":
            self._five = not self._five  # maybe it does not speak MQTT 5
        else:
            self._tried += 1
        return True

    def _on_connect(
        self,
        client: mqtt.Client,
        _data: object,
        _flags: ConnectFlags,
        reason: ReasonCode,
        _properties: Properties | None,
    ) -> None:
        if reason.value:
            return
        self._connects += 1
        self._greeted = True
        base = f"{self._listening.prefix}/v1/+/+"
        client.subscribe([(f"{base}/{topic}", 1) for topic in WANTED])

    def _on_subscribe(self, *_: object) -> None:
        self.subscribed = True

    def _on_message(self, client: mqtt.Client, _data: object, message: MQTTMessage) -> None:
        now = self._clock.now()
        if self._last_s is not None:
            self._quiet_max_s = max(self._quiet_max_s, now.mono_s - self._last_s)
        self._last_s = now.mono_s
        self._messages += 1
        if message.payload:
            self._count(json.loads(message.payload), now.wall_ns, message.retain)
        client.ack(message.mid, message.qos)

    def _count(self, fields: dict[str, object], now_ns: int, retained: bool) -> None:
        # Health and Wills were sealed before there was a connection, what stood retained long ago: no delays.
        if not retained and fields.get("state") != "offline" and fields.get("schema") != "health/1":
            self._lag_ms.add((now_ns - parse_utc(str(fields["sent_utc"]))) / 1e6)
        self._late += bool(fields.get("late"))
        if fields.get("schema") == "event/1":
            key = key_of(str(fields["node"]), str(fields["id"]), int(str(fields["rev"])))
            if key in self._seen:
                self._duplicates += 1
                return
            self._accepted += 1
            if len(self._seen) < MOST_KEYS:
                self._seen.add(key)
                self._journal += key


def main() -> int:
    """Exit code 0 when the input ends."""
    given = json.loads(STDIN.readline())
    consumer = Consumer(Listening(**{**given, "urls": tuple(given["urls"])}))

    def hear() -> bool:
        if not STDIN.readline():
            consumer.write_keys()
            return False
        figures = {**asdict(consumer.figures()), "subscribed": consumer.subscribed}
        sys.stdout.write(json.dumps(figures) + "\n")
        sys.stdout.flush()
        return True

    consumer.run(hear)
    return 0


if __name__ == "__main__":
    sys.exit(main())
