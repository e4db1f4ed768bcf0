"""One command of the ward, from words on a command line: checked as the node will, signed if there is a key."""

import base64
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import rfc8785
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from pydantic import ValidationError
from ulid import ULID

from agent.contract.commands import most_bytes
from agent.contract.requests import REQUESTS
from agent.i18n import Text
from deploy.ward.child import WardError

NODE = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")
OWN = ("schema", "request_id", "issued_utc", "expires_in_s", "by", "session", "signature")


@dataclass(frozen=True, slots=True)
class Order:
    """Who is asked for what, by whom. `session`: the node's, as its availability tells it."""

    ward: str
    node: str
    command: str
    fields: Mapping[str, str]
    by: str | None = None  # OFFICER/CASE/REASON
    expires_in_s: float = 300.0
    session: str | None = None


@dataclass(frozen=True, slots=True)
class Letter:
    """What is published."""

    request_id: str
    payload: bytes
    expires_in_s: float


def write(order: Order, key: Ed25519PrivateKey | None = None) -> Letter:
    """Raises WardError that names what the node would refuse."""
    form = REQUESTS.get(order.command)
    if form is None:
        known = ", ".join(REQUESTS)
        raise _wrong(f"no command {order.command}; there are {known}", f"không có lệnh {order.command}; có {known}")
    if not NODE.fullmatch(order.node):
        raise _wrong(
            f"no node is called {order.node}: a name has a-z, 0-9 and -, at most 63",
            f"không thiết bị nào tên {order.node}: tên gồm a-z, 0-9 và -, tối đa 63 ký tự",
        )
    request_id = str(ULID())
    now = datetime.now(timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    told: dict[str, Any] = {
        "request_id": request_id,
        "issued_utc": now,
        "expires_in_s": order.expires_in_s,
        **({"by": _officer(order.by)} if order.by else {}),
        **({"session": order.session} if order.session else {}),
        **{name: _utc(value) if name.endswith("_utc") else value for name, value in order.fields.items()},
    }
    unknown = set(order.fields) - ({field.alias or name for name, field in form.model_fields.items()} - set(OWN))
    if unknown:
        names = ", ".join(sorted(unknown))
        raise _wrong(f"{order.command} knows no {names}", f"{order.command} không có {names}")
    try:
        # Strings mode: "50" becomes the number that the form wants.
        message = form.model_validate_strings(told | {"expires_in_s": str(order.expires_in_s)})
    except ValidationError as error:
        wrongs = [_told(".".join(map(str, one["loc"])), one["type"], one["msg"]) for one in error.errors()]
        raise _wrong("; ".join(text.en for text in wrongs), "; ".join(text.vi for text in wrongs)) from error
    body: dict[str, Any] = json.loads(message.body())
    if key is not None:
        body["signature"] = signature(key, order, body)
    payload = json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
    if len(payload) > most_bytes(order.command):
        raise _wrong(f"too long: {len(payload)} bytes", f"quá dài: {len(payload)} byte")
    return Letter(request_id, payload, order.expires_in_s)


def signature(key: Ed25519PrivateKey, order: Order, body: Mapping[str, Any]) -> str:
    """Base64 of Ed25519 over "WARD/NODE/COMMAND", a line break, and the RFC 8785 form of `body` without `signature`."""
    bare = {name: value for name, value in body.items() if name != "signature"}
    where = f"{order.ward}/{order.node}/{order.command}\n".encode()
    return base64.b64encode(key.sign(where + rfc8785.dumps(bare))).decode()


def load_key(path: Path) -> Ed25519PrivateKey:
    """The ward's command key (PEM, not encrypted). Raises WardError."""
    try:
        key = load_pem_private_key(path.read_bytes(), None)
    except (OSError, ValueError, TypeError) as error:
        raise _wrong(f"{path}: {error}", f"{path}: {error}") from error
    if not isinstance(key, Ed25519PrivateKey):
        raise _wrong(f"{path} is no Ed25519 key", f"{path} không phải khoá Ed25519")
    return key


def parse_fields(words: Sequence[str]) -> dict[str, str]:
    """`key=value`; `key=@FILE` takes the file's text. Raises WardError."""
    found: dict[str, str] = {}
    for word in words:
        name, mark, value = word.partition("=")
        if not mark or not name:
            raise _wrong(f"{word!r} is not key=value", f"{word!r} không có dạng tên=giá_trị")
        if value.startswith("@"):
            try:
                value = Path(value[1:]).read_text(encoding="utf-8")
            except (OSError, UnicodeDecodeError) as error:
                raise _wrong(f"{value[1:]}: {error}", f"{value[1:]}: {error}") from error
        found[name] = value
    return found


def _utc(words: str) -> str:
    """A time with its zone, however it is written, as the contract writes it; anything else as it is."""
    try:
        moment = datetime.fromisoformat(words.replace("Z", "+00:00"))
    except ValueError:
        return words
    if moment.tzinfo is None:
        return words
    return moment.astimezone(timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _told(place: str, kind: str, said: str) -> Text:
    if kind == "missing":
        return Text(en=f"{place}: is missing", vi=f"{place}: còn thiếu")
    if kind == "string_pattern_mismatch" and place.endswith("_utc"):
        example = "2026-03-05T07:30:00Z, 2026-03-05T14:30:00+07:00"
        return Text(
            en=f"{place}: a time with its zone is wanted, for example {example}",
            vi=f"{place}: cần thời điểm có múi giờ, ví dụ {example}",
        )
    return Text(en=f"{place}: {said}", vi=f"{place}: không hợp lệ ({said})")


def _officer(words: str) -> dict[str, str]:
    parts = [part.strip() for part in words.split("/", 2)]
    if len(parts) != 3 or not all(parts):
        raise _wrong("--by OFFICER/CASE/REASON, all three", "--by CÁN_BỘ/VỤ_VIỆC/LÝ_DO, đủ cả ba")
    return dict(zip(("officer", "case", "reason"), parts, strict=True))


def _wrong(en: str, vi: str) -> WardError:
    return WardError(Text(en=en, vi=vi))
