"""What a child says becomes Packets, Frames, Counts and errors: every field is checked, wall time is added here.

Raises WireError when a message makes no sense, CameraError when the child reports a fault.
"""

import contextlib
import os
from dataclasses import replace
from fractions import Fraction
from typing import Any

from agent.capture.counts import Counts
from agent.capture.isolated.slots import SlotReader
from agent.capture.isolated.wire import Message, WireError
from agent.capture.problems import WORDS, problem
from agent.clock import NS, Moment
from agent.errors import CameraError
from agent.i18n import Text
from agent.values import Frame, Packet, StreamFormat

OLDEST_S = 30.0
AHEAD_S = 2.0  # a picture may be stamped after the packet that it came with: B pictures
MAX_TEXT = 500
CODECS = ("h264", "hevc")


class Arrivals:
    """One child's messages. `counts` is the newest; `pictures` counts packets and frames taken."""

    def __init__(self, cam: str, address: str) -> None:
        self.counts = Counts()
        self._cam = cam
        self._address = address
        self._format: StreamFormat | None = None
        self._slots: SlotReader | None = None

    def take(self, message: Message, now: Moment) -> Packet | Frame | None:
        """The picture in it, if it is one."""
        try:
            return self._take(message, now)
        except (LookupError, TypeError, ValueError, ArithmeticError) as error:
            raise WireError(f"a {message.kind[:20]} that makes no sense: {error!r}"[:200]) from error
        finally:
            for fd in message.fds:
                with contextlib.suppress(OSError):
                    os.close(fd)

    def release(self) -> None:
        """No more frames: what memory no frame looks at any longer is given back."""
        self._slots = None

    def _take(self, message: Message, now: Moment) -> Packet | Frame | None:
        meta = message.meta
        if message.kind == "packet":
            return self._packet(meta, message.payload, now)
        if message.kind == "frame":
            return self._frame(meta, now)
        if message.kind == "counts":
            self.counts = _counts(meta, self._format)
        elif message.kind == "format":
            self._format = _format(meta, message.payload)
            self.counts = replace(self.counts, format=self._format)
        elif message.kind == "slots":
            self._slots = SlotReader(message.fds[0], _whole(meta["width"]), _whole(meta["height"]))
        elif message.kind == "fault":
            raise self._fault(meta)
        elif message.kind != "hello":
            raise ValueError("an unknown kind")
        return None

    def _packet(self, meta: dict[str, Any], data: bytes, now: Moment) -> Packet:
        if self._format is None or not data:
            raise ValueError("no format, or no data")
        pts, dts, duration = (_signed(meta[name]) for name in ("pts", "dts", "duration"))
        at, run = _moment(meta["at"], now), _whole(meta["run"])
        return Packet(self._cam, run, at, pts, dts, max(0, duration), bool(meta["key"]), self._format, data)

    def _frame(self, meta: dict[str, Any], now: Moment) -> Frame:
        if self._slots is None:
            raise ValueError("no slots")
        at, run, number = _moment(meta["at"], now), _whole(meta["run"]), _whole(meta["number"])
        luma, u, v = self._slots.take(_whole(meta["slot"]))
        return Frame(self._cam, run, number, at, luma, u, v)

    def _fault(self, meta: dict[str, Any]) -> CameraError:
        if "code" in meta:
            hint = _text(meta["hint"]) if meta.get("hint") else None
            return CameraError(_text(meta["text"]), hint, code=str(meta["code"])[:40])
        name = meta["name"]
        if name not in WORDS:
            raise ValueError(f"a fault called {name!r}")
        return problem(name, self._address, str(meta.get("detail", ""))[:MAX_TEXT])


def _counts(meta: dict[str, Any], form: StreamFormat | None) -> Counts:
    def number(name: str) -> int:
        return _whole(meta.get(name, 0))

    return Counts(
        pictures=number("pictures"),
        decoded=number("decoded"),
        errors=number("errors"),
        runs=number("runs"),
        skipped=number("skipped"),
        unsent=number("unsent"),
        format=form,
        encoder=str(meta["encoder"])[:40],
    )


def _format(meta: dict[str, Any], extradata: bytes) -> StreamFormat:
    codec, base = meta["codec"], Fraction(*(_whole(part) for part in meta["time_base"]))
    width, height = _whole(meta["width"]), _whole(meta["height"])
    if codec not in CODECS or not (width and height and base):
        raise ValueError("a format that cannot be kept")
    return StreamFormat(codec, width, height, base, extradata)


def _moment(at_ns: Any, now: Moment) -> Moment:
    behind_ns = now.mono_ns - _whole(at_ns)
    if not -AHEAD_S * NS <= behind_ns <= OLDEST_S * NS:
        raise ValueError(f"a stamp {behind_ns / NS:.1f} s ago")
    return Moment(now.mono_ns - behind_ns, now.wall_ns - behind_ns, now.trusted, now.boot_id)


def _signed(value: Any) -> int:
    if not isinstance(value, int) or not -(2**62) < value < 2**62:
        raise ValueError(f"{value!r:.40} is not a number of a stream")
    return int(value)


def _whole(value: Any) -> int:
    if _signed(value) < 0:
        raise ValueError(f"{value} is below 0")
    return int(value)


def _text(value: Any) -> Text:
    return Text(en=str(value["en"])[:MAX_TEXT], vi=str(value["vi"])[:MAX_TEXT])
