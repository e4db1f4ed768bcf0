"""SOAP 1.2 as far as a search needs it: envelopes out, small trees in; the login as WS-UsernameToken digest.

Answers come from strangers: a document type (where XML bombs live), too many or too deep elements are refused.
"""

import base64
import hashlib
import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from xml.parsers import expat  # no entity is ever expanded: a document type is refused
from xml.sax.saxutils import escape  # writes, never reads

from agent.capture.find.found import Login
from agent.clock import Clock

MAX_BYTES = 256_000
MAX_ELEMENTS = 10_000
MAX_DEPTH = 40
MAX_TEXT = 4096  # of one element; more is cut off
_WSS = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-"
_DIGEST = f"{_WSS}username-token-profile-1.0#PasswordDigest"
_BASE64 = f"{_WSS}soap-message-security-1.0#Base64Binary"


class Malformed(ValueError):
    """Not XML, or not XML that anyone honest sends."""


@dataclass(slots=True)
class Element:
    """One element, without its namespace: cameras are not to be relied upon in that."""

    name: str
    attributes: dict[str, str]
    text: str = ""
    children: "list[Element]" = field(default_factory=list)

    def walk(self) -> "Iterator[Element]":
        """This element and all within, in their order."""
        yield self
        for child in self.children:
            yield from child.walk()

    def all(self, name: str) -> "list[Element]":
        """Every element called `name`."""
        return [element for element in self.walk() if element.name == name]

    def first(self, *path: str) -> "Element | None":
        """The first element called `path[0]`, in it the first called `path[1]`, and so on."""
        here: Element | None = self
        for name in path:
            here = None if here is None else next((each for each in here.walk() if each.name == name), None)
        return here

    def word(self, *path: str) -> str:
        """The text of `first(*path)`, or ""."""
        found = self.first(*path)
        return "" if found is None else found.text.strip()

    def number(self, *path: str) -> int:
        """A number from 0 to 100 000 at `first(*path)`; 0 for anything else."""
        word = self.word(*path).partition(".")[0]
        return int(word) if word.isascii() and word.isdigit() and len(word) <= 5 else 0


def parse(data: bytes) -> Element:
    """The document's root. Raises Malformed."""
    if len(data) > MAX_BYTES:
        raise Malformed("too large")
    reader = expat.ParserCreate(namespace_separator=" ")
    reader.buffer_text = True
    root = Element("", {})
    stack, count = [root], 0

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal count
        count += 1
        if count > MAX_ELEMENTS or len(stack) > MAX_DEPTH:
            raise Malformed("too many elements")
        element = Element(_local(name), {_local(key): value for key, value in attributes.items()})
        stack[-1].children.append(element)
        stack.append(element)

    def text(words: str) -> None:
        here = stack[-1]
        here.text += words[: MAX_TEXT - len(here.text)]

    def refuse(*_: object) -> None:
        raise Malformed("document type")

    reader.StartElementHandler = start
    reader.EndElementHandler = lambda _: stack.pop()
    reader.CharacterDataHandler = text
    reader.StartDoctypeDeclHandler = refuse
    try:
        reader.Parse(data, True)
    except Malformed:
        raise
    except (expat.ExpatError, ValueError, LookupError) as error:  # LookupError: an encoding that nobody knows
        raise Malformed(type(error).__name__) from error
    return root.children[0]


def _local(name: str) -> str:
    return name.rpartition(" ")[2]


def envelope(body: str, header: str = "") -> bytes:
    """A SOAP 1.2 message."""
    return (
        '<?xml version="1.0" encoding="utf-8"?><s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope">'
        f"<s:Header>{header}</s:Header><s:Body>{body}</s:Body></s:Envelope>"
    ).encode()


def login_header(login: Login, clock: Clock, offset_s: float) -> str:
    """WS-UsernameToken with Base64(SHA-1(nonce + created + password)), as ONVIF Core 5.9.4 asks for.

    `offset_s`: how far the camera's clock is ahead of ours; it refuses what seems old to it.
    """
    nonce = os.urandom(16)
    at = datetime.fromtimestamp(clock.now().wall_ns / 1e9, timezone.utc) + timedelta(seconds=offset_s)
    created = at.strftime("%Y-%m-%dT%H:%M:%S.000Z")
    # The standard wants SHA-1 here.
    digest = hashlib.sha1(nonce + created.encode() + login.password.reveal().encode(), usedforsecurity=False).digest()
    return (
        f'<wsse:Security s:mustUnderstand="1" xmlns:wsse="{_WSS}wssecurity-secext-1.0.xsd" '
        f'xmlns:wsu="{_WSS}wssecurity-utility-1.0.xsd"><wsse:UsernameToken>'
        f"<wsse:Username>{escape(login.username)}</wsse:Username>"
        f'<wsse:Password Type="{_DIGEST}">{base64.b64encode(digest).decode()}</wsse:Password>'
        f'<wsse:Nonce EncodingType="{_BASE64}">{base64.b64encode(nonce).decode()}</wsse:Nonce>'
        f"<wsu:Created>{created}</wsu:Created></wsse:UsernameToken></wsse:Security>"
    )
