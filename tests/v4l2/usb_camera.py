"""A USB camera made of software: `python -m tests.v4l2.usb_camera MJPEG_VIDEO H264_VIDEO`, plugged in until killed.

It speaks USB Video Class 1.1 over a bulk endpoint, through the kernel's gadgetfs and dummy_hcd, so that its own
`uvcvideo` and udev treat it as any webcam: two nodes (pictures, metadata), a name in by-id, MJPEG and H.264.
"""

import os
import struct
import sys
import threading
from collections.abc import Iterator
from itertools import cycle
from pathlib import Path

import av

GADGET = Path("/dev/gadget")
ENDPOINT, ADDRESS = "ep1in-bulk", 0x81
STRINGS = ("", "Phuong", "Gate Camera", "4711")
PAYLOAD = 16_000  # of one transfer; not a multiple of a packet, so that a full one ends by being short
WIDTH, HEIGHT, FPS = 320, 180, 15
INTERVAL = 10_000_000 // FPS  # in units of 100 ns
H264_GUID = b"H264" + bytes.fromhex("000010008000 00aa00389b71")
CONNECT, DISCONNECT, SETUP = 1, 2, 3
SET_CUR, GET_CUR, GET_LEN, GET_INFO = 0x01, 0x81, 0x85, 0x86
COMMIT = 2


def descriptor(*parts: bytes | int) -> bytes:
    """Its length in front."""
    body = b"".join(bytes((part,)) if isinstance(part, int) else part for part in parts)
    return bytes((len(body) + 1,)) + body


def control() -> bytes:
    """The VideoControl interface: a camera terminal that leads to a USB output."""
    units = descriptor(0x24, 2, 1, struct.pack("<H", 0x0201), bytes(8), 3, bytes(3))
    units += descriptor(0x24, 3, 2, struct.pack("<H", 0x0101), 0, 1, 0)
    header = descriptor(0x24, 1, struct.pack("<HHI", 0x0110, 13 + len(units), 48_000_000), 1, 1)
    return descriptor(4, 0, 0, 0, 0x0E, 1, 0, 0) + header + units


def streaming(packet: int) -> bytes:
    """The VideoStreaming interface: MJPEG and H.264, one size and one rate each."""
    size = struct.pack("<HHII", WIDTH, HEIGHT, 1_000_000, 8_000_000)
    formats = descriptor(0x24, 6, 1, 1, 1, 1, 0, 0, 0, 0)
    formats += descriptor(0x24, 7, 1, 0, size, struct.pack("<II", 200_000, INTERVAL), 1, struct.pack("<I", INTERVAL))
    formats += descriptor(0x24, 0x10, 2, 1, H264_GUID, 16, 1, 0, 0, 0, 0, 1)
    formats += descriptor(0x24, 0x11, 1, 0, size, struct.pack("<I", INTERVAL), 1, struct.pack("<II", 0, INTERVAL))
    header = descriptor(0x24, 1, 2, struct.pack("<H", 15 + len(formats)), ADDRESS, 0, 2, 0, 0, 0, 1, 0, 0)
    return descriptor(4, 1, 0, 1, 0x0E, 2, 0, 0) + header + formats + endpoint(packet)


def endpoint(packet: int) -> bytes:
    """Bulk, to the host."""
    return descriptor(5, ADDRESS, 2, struct.pack("<H", packet), 0)


def configuration(packet: int) -> bytes:
    """Both interfaces, joined."""
    body = descriptor(0x0B, 0, 2, 0x0E, 3, 0, 0) + control() + streaming(packet)
    return descriptor(2, struct.pack("<H", 9 + len(body)), 2, 1, 0, 0x80, 50) + body


def device() -> bytes:
    """Who it is; the numbers are those that pid.codes keeps for tests."""
    return descriptor(1, struct.pack("<H", 0x0200), 0xEF, 2, 1, 64, struct.pack("<HHH", 0x1209, 0x0001, 1), 1, 2, 3, 1)


def pictures(path: str) -> list[bytes]:
    """The coded pictures of a raw stream."""
    with av.open(path) as container:
        return [bytes(packet) for packet in container.demux(video=0) if packet.size]


class Camera:
    """`run` answers the host until the process is killed."""

    def __init__(self, videos: tuple[str, str]) -> None:
        self._videos = tuple(pictures(video) for video in videos)
        self._committed = threading.Event()
        self._chosen = bytearray(
            struct.pack("<HBBI10xIIIBBBB", 1, 1, 1, INTERVAL, 200_000, PAYLOAD, 48_000_000, *[0] * 4)
        )
        (udc,) = GADGET.glob("dummy_udc*")
        self._ep0 = os.open(udc, os.O_RDWR)
        os.write(self._ep0, struct.pack("<I", 0) + configuration(64) + configuration(512) + device())

    def run(self) -> None:
        # gadgetfs lets the host go on before what it sent was fetched, and forgets it then: fetch it at once.
        os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(50))
        while True:
            try:
                event = os.read(self._ep0, 12)
                asked = os.read(self._ep0, 34) if event[:2] == bytes((0x21, SET_CUR)) and event[8] == SETUP else b""
                if event[8] == SETUP:
                    self._answer(asked, *struct.unpack_from("<BBHHH", event))
            except OSError as error:
                sys.stderr.write(f"control: {error}\n")

    def _answer(self, asked: bytes, kind: int, request: int, value: int, index: int, length: int) -> None:
        if (kind, request) == (0x80, 6) and value >> 8 == 3:
            os.write(self._ep0, text(value & 0xFF)[:length])
        elif (kind, request) == (0x00, 9):
            threading.Thread(target=self._stream, args=(self._open_endpoint(),), daemon=True).start()
            os.read(self._ep0, 0)
        elif (kind, request) == (0x01, 11):  # SET_INTERFACE
            os.read(self._ep0, 0)
        elif asked:
            self._chosen[2:4] = asked[2:4]
            if value >> 8 == COMMIT:
                self._committed.set()
        elif kind == 0xA1 and index & 0xFF == 1:
            answers = {GET_LEN: struct.pack("<H", len(self._chosen)), GET_INFO: b"\x03"}
            os.write(self._ep0, answers.get(request, bytes(self._chosen))[:length])
        elif kind & 0x80:
            os.read(self._ep0, 0)  # not known: a stall
        else:
            os.write(self._ep0, b"")

    def _open_endpoint(self) -> int:
        opened = os.open(GADGET / ENDPOINT, os.O_RDWR)
        os.write(opened, struct.pack("<I", 1) + endpoint(64) + endpoint(512))
        return opened

    def _stream(self, opened: int) -> None:
        self._committed.wait()
        pace = threading.Event()
        for number in cycle(range(1_000_000)):
            video = self._videos[self._chosen[2] - 1]
            for payload in payloads(video[number % len(video)], number):
                os.write(opened, payload)
            pace.wait(1 / FPS)


def payloads(picture: bytes, number: int) -> Iterator[bytes]:
    """A picture in transfers, each with the header of 2 bytes: frame id, end of frame."""
    most = PAYLOAD - 2
    for begin in range(0, len(picture), most):
        part = picture[begin : begin + most]
        last = begin + most >= len(picture)
        whole = bytes((2, 0x80 | number & 1 | (2 if last else 0))) + part
        yield whole if len(whole) % 64 else whole + b"\0"


def text(index: int) -> bytes:
    """A string descriptor."""
    return descriptor(3, STRINGS[index].encode("utf-16-le") if index else struct.pack("<H", 0x0409))


if __name__ == "__main__":
    Camera((sys.argv[1], sys.argv[2])).run()
