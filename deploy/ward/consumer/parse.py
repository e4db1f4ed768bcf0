"""A payload into what it tells. Whatever is wrong with it becomes a `Refused`; nothing that arrives raises.

A message is refused that is too large, is no JSON, has another major version, names another node than its topic, or
lacks a field that is kept here or has it in another form.
"""

import hashlib
import json
import re
from collections.abc import Callable
from datetime import datetime
from typing import NoReturn

from . import parse_asked, parse_found, parse_node
from .fields import Fields
from .topics import Place, Topic, read_topic
from .values import FaultCleared, Message, Refused, Sender
from .words import Refusal, Words

MOST_BYTES = 256_000
EXCERPT = 400  # characters kept of what was refused
# What PostgreSQL cannot keep, as text or as jsonb: NUL, and half of a surrogate pair.
UNKEEPABLE = re.compile(r"\\u(0000|[dD][89a-fA-F])|\x00")
READERS: dict[str, tuple[str, Callable[[Topic, Sender, Fields], Message]]] = {
    "availability": ("availability", parse_node.availability),
    "birth": ("birth", parse_node.birth),
    "health": ("health", parse_node.health),
    "fault": ("fault", parse_node.fault),
    "event": ("event", parse_found.event),
    "job": ("job", parse_asked.job),
    "rsp": ("response", parse_asked.response),
}


def read(place: Place, topic: str, payload: bytes, received_at: datetime, retained: bool = False) -> Message | None:
    """What the message tells; None for an empty one that only clears a retained topic."""
    try:
        return _read(read_topic(place, topic), payload, received_at, retained)
    except Refusal as refusal:
        return refused(topic, payload, received_at, refusal)


def refused(topic: str, payload: bytes, received_at: datetime, refusal: Refusal) -> Refused:
    """What is kept of a message that cannot be taken. Of commands no word: they may hold what is secret."""
    shown = "" if "/cmd/" in topic else payload[:EXCERPT].decode("utf-8", "replace").replace("\x00", "\ufffd")
    digest = hashlib.sha256(payload).hexdigest()
    kept_topic = topic.replace("\x00", "\ufffd")[:500]
    words = refusal.words
    return Refused(received_at, kept_topic, refusal.why, words.vi, words.en, len(payload), digest, shown)


def _read(topic: Topic, payload: bytes, received_at: datetime, retained: bool) -> Message | None:
    if not payload:
        return FaultCleared(topic.node, topic.name, received_at) if topic.kind == "fault" else None
    if topic.kind == "thumb":
        return parse_found.thumb(topic, payload, received_at)
    fields = Fields(_tree(payload))
    if topic.kind == "cmd":
        _of_version(fields, "command")
        return parse_asked.command(topic, fields, received_at)
    schema, reader = READERS[topic.kind]
    _of_version(fields, schema)
    return reader(topic, _sender(topic, fields, received_at, retained), fields)


def _tree(payload: bytes) -> object:
    if len(payload) > MOST_BYTES:
        limit = f"{MOST_BYTES // 1000} kB"
        raise Refusal("too_large", Words(en=f"larger than {limit}", vi=f"lớn hơn {limit}"))
    try:
        text = payload.decode("utf-8")
        tree = json.loads(text, parse_constant=_no_number)
        if UNKEEPABLE.search(text):
            _must_be_kept(tree)
    except (ValueError, RecursionError) as error:
        raise Refusal(
            "bad_json", Words(en="this is no JSON that can be kept", vi="đây không phải JSON lưu được")
        ) from error
    return tree


def _must_be_kept(tree: object) -> None:
    text = json.dumps(tree, ensure_ascii=False)
    text.encode("utf-8")  # half a surrogate pair has no bytes
    if "\\u0000" in text.replace("\\\\", ""):
        raise ValueError("NUL")


def _no_number(name: str) -> NoReturn:
    raise ValueError(name)


def _of_version(fields: Fields, schema: str) -> None:
    told = fields.text("schema")
    if told != f"{schema}/1":
        raise Refusal(
            "version",
            Words(
                en=f"{told[:40]} is not {schema}/1, which this consumer reads: a newer one is needed",
                vi=f"{told[:40]} không phải {schema}/1 mà chương trình này đọc được: cần bản mới hơn",
            ),
        )


def _sender(topic: Topic, fields: Fields, received_at: datetime, retained: bool) -> Sender:
    node = fields.text("node")
    if node != topic.node:
        text = Words(en="the message names another node than its topic", vi="thông điệp ghi thiết bị khác với chủ đề")
        raise Refusal("node", text)
    trusted = fields.part("clock").flag("trusted")
    seq, boot_id, sent_at = fields.maybe_whole("seq"), fields.text("boot_id"), fields.when("sent_utc")
    return Sender(node, seq, boot_id, sent_at, trusted, received_at, retained)
