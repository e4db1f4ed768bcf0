"""Publishing over RTMP: handshake, connect, createStream, publish, then FLV tags as messages.

"Real-Time Messaging Protocol (RTMP) specification", Adobe 2012, in the plain form; over TLS it is RTMPS. Spoken with
nginx-rtmp in the tests.
"""

import os
from collections.abc import Mapping

from agent.uplink.live import amf
from agent.uplink.live.chunks import (
    COMMAND,
    CONTROL,
    DATA,
    SET_CHUNK_SIZE,
    SIZE,
    VIDEO,
    Message,
    Reader,
    pieces,
)
from agent.uplink.live.muxing import Coded, Tags
from agent.uplink.live.pipe import Pipe
from agent.uplink.live.server import Server, not_understood, refused
from agent.uplink.peer import silent
from agent.values import StreamFormat

VERSION = b"\x03"
HANDSHAKE = 1536
ANSWER_S = 8.0
CONTROL_STREAM, COMMAND_STREAM, PICTURE_STREAM = 2, 3, 6
PING, PONG = 6, 7
CONNECT, RELEASE, ANNOUNCE, CREATE, PUBLISH = 1.0, 2.0, 3.0, 4.0, 5.0
SET_DATA = amf.encode("@setDataFrame")


class RtmpPush:
    """One published stream called `name`. Raises LinkError, and what the pipe raises."""

    def __init__(self, server: Server, name: str, pipe: Pipe) -> None:
        self._server = server
        self._name = name
        self._pipe = pipe
        self._reader = Reader()
        self._tags: Tags | None = None
        self._stream = 1
        self._over: str | None = None  # the server's word that it is

    def open(self, form: StreamFormat) -> None:
        """Until the server says that it takes the picture."""
        self._pipe.open()
        self._shake_hands()
        self._pipe.send(pieces(Message(SET_CHUNK_SIZE, SIZE.to_bytes(4, "big")), CONTROL_STREAM))
        self._command(
            "connect",
            CONNECT,
            {
                "app": self._server.path,
                "type": "nonprivate",
                "flashVer": "FMLE/3.0 (compatible; camera-agent)",
                "tcUrl": self._server.address,
            },
        )
        self._result(CONNECT)
        self._command("releaseStream", RELEASE, None, self._name)
        self._command("FCPublish", ANNOUNCE, None, self._name)
        self._command("createStream", CREATE, None)
        number = self._result(CREATE)
        self._stream = int(number) if isinstance(number, float) and 0 < number < 2**31 else 1
        self._command("publish", PUBLISH, None, self._name, "live", stream=self._stream)
        self._wait_for_start()
        self._tags = Tags(form)

    def put(self, picture: Coded) -> None:
        """Send one picture."""
        assert self._tags is not None, "open() comes first"
        for tag in self._tags.of(picture):
            data = SET_DATA + tag.data if tag.kind == DATA else tag.data
            if tag.kind in (DATA, VIDEO):
                self._pipe.send(pieces(Message(tag.kind, data, tag.at_ms, self._stream), PICTURE_STREAM))

    def listen(self) -> None:
        """Hear what the server says meanwhile, without waiting; answers its pings."""
        while data := self._pipe.receive(0.0):
            for message in self._feed(data):
                self._heed(message)
        if self._over is not None:
            raise refused(self._pipe.peer, self._over)

    def bye(self) -> None:
        """Say that it is over, if the line takes it at once."""
        self._pipe.last_word(
            _command("FCUnpublish", 0.0, None, self._name) + _command("deleteStream", 0.0, None, float(self._stream))
        )

    def _shake_hands(self) -> None:
        mine = bytes(8) + os.urandom(HANDSHAKE - 8)  # zeros in front: the plain handshake, not Flash's
        self._pipe.send(VERSION + mine)
        answer = b""
        while len(answer) < 1 + 2 * HANDSHAKE:
            data = self._pipe.receive(ANSWER_S)
            if not data:
                raise silent(self._pipe.peer)
            answer += data
            if answer[:1] != VERSION:
                raise not_understood(self._pipe.peer)
        self._pipe.send(answer[1 : 1 + HANDSHAKE])
        for message in self._feed(answer[1 + 2 * HANDSHAKE :]):
            self._heed(message)

    def _command(self, name: str, number: float, *values: amf.Value, stream: int = 0) -> None:
        self._pipe.send(_command(name, number, *values, stream=stream))

    def _result(self, number: float) -> amf.Value:
        """The last value of the answer to command `number`."""
        while True:
            for values in self._answers():
                if values[0] in ("_result", "_error") and len(values) > 1 and values[1] == number:
                    if values[0] == "_error":
                        raise refused(self._pipe.peer, _said(values))
                    return values[-1]

    def _wait_for_start(self) -> None:
        while True:
            for values in self._answers():
                code = _field(values, "code")
                if code.endswith("Publish.Start"):
                    return
                if values[0] == "_error" or (values[0] == "onStatus" and _field(values, "level") == "error"):
                    raise refused(self._pipe.peer, _said(values))

    def _answers(self) -> list[list[amf.Value]]:
        data = self._pipe.receive(ANSWER_S)
        if not data:
            raise silent(self._pipe.peer)
        found: list[list[amf.Value]] = []
        for message in self._feed(data):
            values = self._heed(message)
            if values:
                found.append(values)
        return found

    def _heed(self, message: Message) -> list[amf.Value]:
        """Answers a ping; the values of a command."""
        if message.kind == CONTROL and int.from_bytes(message.data[:2], "big") == PING:
            pong = PONG.to_bytes(2, "big") + message.data[2:6]
            self._pipe.send(pieces(Message(CONTROL, pong), CONTROL_STREAM))
        if message.kind != COMMAND:
            return []
        try:
            values = amf.decode(message.data)
        except ValueError as error:
            raise not_understood(self._pipe.peer) from error
        if self._tags is not None and values and values[0] == "onStatus" and _field(values, "level") == "error":
            self._over = _said(values)
        return values

    def _feed(self, data: bytes) -> list[Message]:
        try:
            return self._reader.feed(data)
        except ValueError as error:
            raise not_understood(self._pipe.peer) from error


def _command(name: str, number: float, *values: amf.Value, stream: int = 0) -> bytes:
    return pieces(Message(COMMAND, amf.encode(name, number, *values), stream=stream), COMMAND_STREAM)


def _field(values: list[amf.Value], name: str) -> str:
    for value in values:
        if isinstance(value, Mapping):
            found = value.get(name)
            return found if isinstance(found, str) else ""
    return ""


def _said(values: list[amf.Value]) -> str:
    return _field(values, "description") or _field(values, "code")
