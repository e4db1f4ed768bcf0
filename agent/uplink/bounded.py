"""paho's client, bounded and frugal in what it reads: a flood of commands must not cost the node its work.

MQTT 5 lets a node tell its broker how long a packet may be; 3.1.1 does not, and a stranger's command of 256 MB would be
collected in memory before anybody saw its length. Here its end is read from the line and thrown away: what is left is
still too large a command, and is refused and acknowledged as one. Hanging up instead would bring it again, for ever.

And each call of the system lets go of Python's lock, which a thread that wants it back may wait 5 ms for. So many
packets are read by one call, and acknowledged by one.
"""

import struct
from collections.abc import Iterable
from typing import Any

import paho.mqtt.client as mqtt
from paho.mqtt.enums import LogLevel, MessageType

LARGEST_IN = 80_000  # bytes of a packet; the longest command has 64,000
PIECE = 65_536


class BoundedClient(mqtt.Client):
    """Keeps the first `LARGEST_IN` bytes of a packet, and at most one piece more. For one connection."""

    # paho has no doors for these: it asks `_sock_recv` for each piece of a packet, and collects them in `_in_packet`.

    def __init__(self, *args: Any, **settings: Any) -> None:
        super().__init__(*args, **settings)
        self._ahead = bytearray()

    @property
    def ahead(self) -> bool:
        """Is something read that paho has not asked for yet?"""
        return bool(self._ahead)

    def ack_all(self, numbers: Iterable[int]) -> None:
        """PUBACK for each of these, in one write."""
        pubacks = b"".join(struct.pack("!BBH", MessageType.PUBACK, 2, number) for number in numbers)
        if pubacks:
            self._packet_queue(MessageType.PUBACK, pubacks, 0, 0)

    def _sock_recv(self, bufsize: int) -> bytes:
        kept = self._in_packet["packet"]
        if len(kept) > LARGEST_IN:
            del kept[LARGEST_IN:]
            self._ping_t = (
                0.0  # the answer to a ping waits behind this packet, and what comes shows that the line lives
            )
        if not self._ahead:
            data = super()._sock_recv(PIECE)
            if len(data) <= bufsize:
                return data
            self._ahead += data
        piece = bytes(self._ahead[:bufsize])
        del self._ahead[:bufsize]
        return piece

    def _easy_log(self, level: LogLevel, fmt: str, *args: Any) -> None:
        # Else each packet would be put into words for a log that nobody reads.
        if level == LogLevel.MQTT_LOG_ERR:
            super()._easy_log(level, fmt, *args)
