"""MQTT 5 properties of the packets that we send; 3.1.1 has none, and every one of them is also said in the body."""

from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from agent.uplink.bounded import LARGEST_IN
from agent.uplink.latest import RetainedMessage

WILL_DELAY_S = 60
SESSION_S = 86_400  # how long the broker keeps commands for a node that is away
JPEG = b"\xff\xd8"


def of_connect() -> Properties:
    """A session that outlives the connection, and a bound on what comes in."""
    properties = _empty(PacketTypes.CONNECT)
    properties.SessionExpiryInterval = SESSION_S
    properties.MaximumPacketSize = LARGEST_IN
    return properties


def of_will() -> Properties:
    """A short loss of the line is not worth an `offline`."""
    properties = _empty(PacketTypes.WILLMESSAGE)
    properties.WillDelayInterval = WILL_DELAY_S
    properties.ContentType = "application/json"
    return properties


def of_publish(message: RetainedMessage) -> Properties:
    """Content type and expiry."""
    properties = _empty(PacketTypes.PUBLISH)
    if message.payload:
        properties.ContentType = "image/jpeg" if message.payload.startswith(JPEG) else "application/json"
    if message.expiry_s is not None:
        properties.MessageExpiryInterval = max(message.expiry_s, 1)
    return properties


def _empty(packet: int) -> Properties:
    return Properties(packet)  # type: ignore[no-untyped-call]  # paho leaves this constructor untyped
