"""paho's client, with a bound on what it keeps of one packet.

MQTT 5 lets a node tell its broker how long a packet may be; 3.1.1 does not, and a stranger's command of 256 MB would be
collected in memory before anybody saw its length. Here its end is read from the line and thrown away: what is left is
still too large a command, and is refused and acknowledged as one. Hanging up instead would bring it again, for ever.
"""

import paho.mqtt.client as mqtt

LARGEST_IN = 80_000  # bytes of a packet; the longest command has 64,000
PIECE = 65_536


class BoundedClient(mqtt.Client):
    """Keeps the first `LARGEST_IN` bytes of a packet, and at most one piece more."""

    def _sock_recv(self, bufsize: int) -> bytes:
        # paho has no door for this: it asks here for each piece, and collects the pieces in `packet`.
        kept = self._in_packet["packet"]
        if len(kept) > LARGEST_IN:
            del kept[LARGEST_IN:]
            self._ping_t = (
                0.0  # the answer to a ping waits behind this packet, and what comes shows that the line lives
            )
        return super()._sock_recv(min(bufsize, PIECE))
