"""What of a configuration may leave the node: no comments, and stars where an address may hold a secret.

A camera's address may carry a key in its path (cameras of some makers) or in its query; so of these only the host is
shown. What comes back with the same stars in the same place means what the installer's file says there; stars
anywhere else mean nothing, so that no command moves a secret to where it can be read.
"""

import re
from collections.abc import Iterator
from copy import deepcopy
from decimal import Decimal
from typing import Any

import yaml

from agent.config.document import read_document
from agent.config.units import Step

STARS = "***"
_ADDRESS = re.compile(r"([a-z]+://[^/?#]*)([/?#].*)?", re.DOTALL)
_WORD = re.compile(r"[A-Za-z][A-Za-z0-9_-]*")
Steps = tuple[Step, ...]


def shown_text(text: str) -> str:
    """The same settings as in `text` (a configuration without mistakes), laid out anew."""
    return shown_data(read_document(text).data)


def shown_data(told: Any) -> str:
    """The same of what was read from YAML."""
    data = deepcopy(told)
    for steps, wholly in _addresses(data):
        _put(data, steps, starred(_at(data, steps), wholly))
    written: str = yaml.dump(
        data, Dumper=_Plain, sort_keys=False, allow_unicode=True, default_flow_style=None, width=1_000_000
    )
    return written


def unstar(data: Any, installed: Any) -> None:
    """Put back, in place, what stars stand for: both as read from YAML, `installed` from the installer's file."""
    for steps, wholly in _addresses(data):
        original = _at(installed, steps)
        if isinstance(original, str) and _at(data, steps) == starred(original, wholly):
            _put(data, steps, original)


def starred(address: str, wholly: bool) -> str:
    """`wholly`: nothing behind the host is shown; else only the query is hidden. What is no address stays."""
    match = _ADDRESS.fullmatch(address)
    if match is None:
        return address
    host, rest = match.group(1), match.group(2) or ""
    if wholly:
        return f"{host}/{STARS}" if rest not in ("", "/") else address
    path, mark, _ = rest.partition("?")
    return f"{host}{path}?{STARS}" if mark else address


def _addresses(data: Any) -> Iterator[tuple[Steps, bool]]:
    """Where addresses stand, and whether all behind the host may be secret."""
    cameras = _at(data, ("cameras",))
    places: list[tuple[Steps, bool]] = [
        (("cameras", index, name), True)
        for index in range(len(cameras) if isinstance(cameras, list) else 0)
        for name in ("source", "sub")
    ]
    places += [((section, "url"), False) for section in ("mqtt", "upload", "live")]
    places.append((("tls", "renew"), False))
    brokers = _at(data, ("mqtt", "url"))
    places += [(("mqtt", "url", index), False) for index in range(len(brokers) if isinstance(brokers, list) else 0)]
    yield from (place for place in places if isinstance(_at(data, place[0]), str))


def _at(data: Any, steps: Steps) -> Any:
    for step in steps:
        if isinstance(data, dict):
            data = data.get(step)
        elif isinstance(data, list) and isinstance(step, int) and step < len(data):
            data = data[step]
        else:
            return None
    return data


def _put(data: Any, steps: Steps, value: str) -> None:
    _at(data, steps[:-1])[steps[-1]] = value


class _Plain(yaml.SafeDumper):
    """Writes so that our reader (YAML 1.2 words and numbers, agent/config/document.py) reads the same values."""

    def ignore_aliases(self, data: Any) -> bool:
        """Equal lists are written out twice."""
        return True

    def text(self, value: str) -> yaml.Node:
        """Quoted unless it is a plain word; the emitter itself quotes words like `on` and `null`."""
        return self.represent_scalar("tag:yaml.org,2002:str", value, style=None if _WORD.fullmatch(value) else "'")

    def number(self, value: float) -> yaml.Node:
        """Without an exponent, which our reader takes for a text."""
        digits = format(Decimal(repr(value)), "f")
        return self.represent_scalar("tag:yaml.org,2002:float", digits if "." in digits else f"{digits}.0")


_Plain.add_representer(str, _Plain.text)
_Plain.add_representer(float, _Plain.number)
