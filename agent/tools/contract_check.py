"""Judges a recorded stream by the contract: each message by its schema, and what only several of them can break.

For the author of a ward server, and of another node. The first violation of each kind of message is named.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from pydantic import ValidationError

from agent.contract.base import Message
from agent.contract.channels import Channel, channel_of
from agent.contract.commands import CommandMessage
from agent.contract.envelope import Envelope
from agent.contract.event import MAX_THUMB_BYTES
from agent.contract.topics import node_of
from agent.i18n import Text
from agent.tools.dump import Recorded

JPEG = b"\xff\xd8\xff"
STRANGE = "unknown"
MOST_SEQS = 1_000_000
NAMED_BY = ("schema", "id", "rev", "job_id", "request_id", "state")  # what makes two messages the same one


@dataclass(frozen=True, slots=True)
class Violation:
    """Where and what."""

    line: int
    topic: str
    text: Text


@dataclass(slots=True)
class KindReport:
    """One kind of message."""

    messages: int = 0
    violations: int = 0
    first: Violation | None = None

    def add(self, message: Recorded, text: Text | None) -> None:
        """Count it; `text` is what is wrong with it."""
        self.messages += 1
        if text is not None:
            self.violations += 1
            self.first = self.first or Violation(message.line, message.topic[:200], text)


@dataclass(slots=True)
class Checker:
    """Feed it with `take` in the order of arrival."""

    kinds: dict[str, KindReport] = field(default_factory=dict)
    _seqs: dict[tuple[str, int], int] = field(default_factory=dict)  # (node, seq) -> hash of what it said

    def take(self, message: Recorded) -> None:
        """One message."""
        channel = channel_of(message.topic)
        name = channel.name if channel else STRANGE
        self.kinds.setdefault(name, KindReport()).add(message, self._wrong(channel, message))

    @property
    def violations(self) -> int:
        """In all."""
        return sum(kind.violations for kind in self.kinds.values())

    def _wrong(self, channel: Channel | None, message: Recorded) -> Text | None:
        if channel is None:
            return Text(en="no topic of the contract", vi="không phải chủ đề (topic) của giao thức")
        if message.retained and not channel.retained and channel.by == "ward":
            return Text(en="retained, which this kind never is", vi="tin giữ lại (retained), trái với loại này")
        if not message.payload:
            # An empty payload clears what the broker keeps.
            return None if channel.retained or channel.by == "ward" else Text(en="empty", vi="tin trống")
        if channel.model is None:
            return _picture(message.payload)
        try:
            fields = json.loads(message.payload)
        except (ValueError, RecursionError):
            return Text(en="not JSON", vi="không phải JSON")
        if not isinstance(fields, dict):
            return Text(en="not a JSON object", vi="không phải đối tượng JSON")
        return self._schema(channel, message, fields)

    def _schema(self, channel: Channel, message: Recorded, fields: dict[str, Any]) -> Text | None:
        assert channel.model is not None
        from_node = issubclass(channel.model, Message) and not issubclass(channel.model, CommandMessage)
        for model in (channel.model, Envelope) if from_node else (channel.model,):
            try:
                model.model_validate_json(message.payload, strict=True)
            except ValidationError as error:
                return _place(error)
        if not from_node:
            return None
        if fields["node"] != node_of(message.topic):
            return Text(en="`node` is not the one of the topic", vi="`node` khác với thiết bị trong chủ đề (topic)")
        return self._order(channel, fields)

    def _order(self, channel: Channel, fields: dict[str, Any]) -> Text | None:
        """What only the stream tells. The same message may come again; another under its number may not."""
        node, seq = fields["node"], fields.get("seq")
        if seq is not None and ((node, seq) in self._seqs or len(self._seqs) < MOST_SEQS):
            told = hash(tuple(str(fields.get(key)) for key in NAMED_BY))
            if self._seqs.setdefault((node, seq), told) != told:
                return Text(en=f"`seq` {seq} was another message's", vi=f"`seq` {seq} đã là của tin khác")
        if channel.name == "event" and (fields["phase"] == "end") != ("ended_utc" in fields):
            return Text(en="`ended_utc` stands exactly when `phase` is end", vi="`ended_utc` chỉ có khi `phase` là end")
        return None


def check_stream(messages: Iterable[Recorded]) -> Checker:
    """All of them."""
    checker = Checker()
    for message in messages:
        checker.take(message)
    return checker


def _picture(payload: bytes) -> Text | None:
    if not payload.startswith(JPEG):
        return Text(en="not a JPEG picture", vi="không phải ảnh JPEG")
    if len(payload) > MAX_THUMB_BYTES:
        return Text(en=f"larger than {MAX_THUMB_BYTES} bytes", vi=f"lớn hơn {MAX_THUMB_BYTES} byte")
    return None


def _place(error: ValidationError) -> Text:
    first = error.errors(include_url=False, include_input=False)[0]
    place = ".".join(str(step) for step in first["loc"])[:100] or "-"
    if first["type"] == "missing":
        return Text(en=f"`{place}` is missing", vi=f"thiếu `{place}`")
    return Text(en=f"`{place}`: {first['msg'][:200]}", vi=f"`{place}` không đúng: {first['msg'][:200]}")
