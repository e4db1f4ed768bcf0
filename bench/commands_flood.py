"""The flood: bad commands of all kinds at a set rate, by a process of its own that says nothing of MQTT it need not.

Packets are made once and written in handfuls, so that the sender takes little of the machine that it shares with the
node. The broker's acknowledgements are read and thrown away.
"""

import contextlib
import json
import os
import random
import select
import socket
import struct
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import cycle

from agent.contract.topics import Topics

TICK_S = 0.01
CLAIM_BYTES = 268_435_455  # the most that MQTT can say
PUBLISH, QOS1, RETAIN = 0x30, 0x02, 0x01
LARGE = 25  # each of the large kinds: one in so many


@dataclass(frozen=True, slots=True)
class Bad:
    """One kind of bad command."""

    kind: str
    name: str
    payload: bytes
    retain: bool = False
    large: bool = False


def kinds(good: bytes, forged: bytes, now_utc: str) -> tuple[Bad, ...]:
    """`good`: a signed `config.get` that was taken before; `forged`: one with a signature of another key."""
    fields = json.loads(good)
    unsigned = {key: value for key, value in fields.items() if key != "signature"}
    wide = b'{"yaml": "", "more": [' + b"[]," * 20_000 + b"[]]}"
    text = json.dumps({**unsigned, "by": 7, "yaml": "- a: [1, 2]\n" * 3500}).encode()
    return (
        Bad("bad JSON", "rebirth", good[:-2]),
        Bad("no JSON", "snapshot", b"hello"),
        Bad("wrong schema", "clip.request", json.dumps(unsigned | {"cam": 7}).encode()),
        Bad("unknown name", "make.coffee", good),
        Bad("replay", "config.get", good),
        Bad("retained", "restart", good, retain=True),
        Bad("forged signature", "config.get", forged),
        Bad("unsigned", "rebirth", json.dumps(unsigned | {"issued_utc": now_utc}).encode()),
        Bad("NaN", "footage.list", good.replace(b'"limit": 1', b'"limit": NaN')),
        Bad("key twice", "footage.list", good[:-1] + b', "limit": 1}'),
        Bad("no UTF-8", "footage.list", good.replace(b'"limit"', b'"\xff\xfe\x80"')),
        Bad("deep", "footage.list", b'{"a":' * 1000 + b"1" + b"}" * 1000),
        Bad("too large", "footage.list", b"x" * 70_000, large=True),
        Bad("beyond what is taken", "footage.list", b"x" * 120_000, large=True),
        Bad("deep and large", "config.apply", b"[" * 60_000, large=True),
        Bad("wide and large", "config.validate", wide, large=True),
        Bad("long text", "config.apply", text, large=True),
    )


def mixed(bad: tuple[Bad, ...], seed: int) -> list[Bad]:
    """In a random order, the large ones seldom: a thousand a second of them is the line's limit and not the node's."""
    small = [one for one in bad if not one.large]
    drawn = [one for one in bad if one.large] + small * round(LARGE / len(small) * (len(bad) - len(small)))
    random.Random(seed).shuffle(drawn)
    return drawn


def packet(topics: Topics, bad: Bad, mid: int) -> bytes:
    """One PUBLISH of MQTT 3.1.1 with QoS 1."""
    topic = topics.command(bad.name).encode()
    rest = struct.pack("!H", len(topic)) + topic + struct.pack("!H", mid) + bad.payload
    return bytes([PUBLISH | QOS1 | (RETAIN if bad.retain else 0)]) + length_of(len(rest)) + rest


def length_of(number: int) -> bytes:
    """MQTT's "remaining length"."""
    out = bytearray()
    while True:
        number, digit = divmod(number, 128)
        out.append(digit | (128 if number else 0))
        if not number:
            return bytes(out)


def connected(port: int, name: str) -> socket.socket:
    """A clean MQTT 3.1.1 session without keepalive."""
    sock = socket.create_connection(("127.0.0.1", port))
    client = name.encode()
    rest = struct.pack("!H", 4) + b"MQTT" + bytes([4, 2]) + struct.pack("!H", 0)
    rest += struct.pack("!H", len(client)) + client
    sock.sendall(b"\x10" + length_of(len(rest)) + rest)
    sock.recv(4)
    return sock


def pour(port: int, packets: Iterator[bytes], rate: float, seconds: float) -> int:
    """Send at `rate` a second; the number sent. What the line does not carry is not made up for."""
    sock = connected(port, "flood")
    sent, start_s = 0, time.monotonic()
    while (elapsed_s := time.monotonic() - start_s) < seconds:
        due = int(elapsed_s * rate) - sent
        if due > 0:
            sock.sendall(b"".join(next(packets) for _ in range(min(due, 100))))
            sent += min(due, 100)
        while select.select([sock], [], [], 0)[0] and sock.recv(65_536):
            pass
        time.sleep(TICK_S)
    sock.close()
    return sent


def claim(port: int) -> socket.socket:
    """Somebody who says that 256 MB follow, and sends one."""
    sock = connected(port, "claimant")
    sock.setblocking(False)
    with contextlib.suppress(BlockingIOError):
        sock.send(bytes([PUBLISH]) + length_of(CLAIM_BYTES) + b"\x00\x04cmd/" + b"x" * 1_000_000)
    return sock


def main() -> None:
    """argv: port, ward, node, rate, seconds, niceness; the kinds as JSON on stdin. Prints what it did."""
    port, ward, node, rate, seconds, niceness = sys.argv[1:7]
    os.nice(int(niceness))
    given = json.load(sys.stdin)
    drawn = mixed(kinds(given["good"].encode(), given["forged"].encode(), given["now"]), seed=6)
    topics = Topics("camera", ward, node)
    packets = [packet(topics, bad, number % 65_535 + 1) for number, bad in enumerate(drawn)]
    sock = claim(int(port))
    sent = pour(int(port), cycle(packets), float(rate), float(seconds))
    sock.close()
    print(
        json.dumps({"sent": sent, "cpu_s": time.process_time(), "bytes": sum(map(len, packets)) * sent // len(packets)})
    )


if __name__ == "__main__":
    main()
