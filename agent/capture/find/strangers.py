"""Words and addresses from devices that nobody vouches for: made short, printable, bound to the host that answered."""

import ipaddress
import re
from urllib.parse import quote, unquote, urlsplit

MAX_NAME = 60
MAX_ADDRESS = 512
# Narrower than a URL may be: nothing that a shell, YAML or a terminal takes for something else.
_REST = re.compile(r"[A-Za-z0-9._~:/?&=%,;@+-]*")
# Some cameras write the password, or a hash that is as good, into their own stream addresses.
_PASSWORD = re.compile(r"(?:pass(?:word|wd)?|pwd)[=:][^&_/;]", re.IGNORECASE)


def plain(text: str, limit: int = MAX_NAME) -> str:
    """`text` on one line without control or direction characters, at most `limit` characters."""
    words = "".join(char if char.isprintable() else " " for char in text[: 4 * limit]).split()
    return " ".join(words)[:limit].rstrip()


def same_host(one: str, other: str) -> bool:
    """Both are the same numeric address; a name is never the same, since it may lead anywhere."""
    try:
        return ipaddress.ip_address(one) == ipaddress.ip_address(other)
    except ValueError:
        return False


def web_address(url: str, host: str) -> str | None:
    """`url` when it is http or https at `host` itself, else None."""
    return _bound(url, host, ("http", "https"), move=False)


def moved_web_address(url: str, base: str) -> str | None:
    """The path of `url` at scheme, host and port of `base`, where `url` names another host; else `url`."""
    root = urlsplit(base)
    host = root.hostname or ""
    kept = web_address(url, host)
    if kept is not None:
        return kept
    moved = _bound(url, host, ("http", "https"), move=True)
    return None if moved is None else urlsplit(moved)._replace(scheme=root.scheme, netloc=root.netloc).geturl()


def stream_address(url: str, host: str) -> str | None:
    """The stream `url` at `host`, without a login in it. None when it cannot be used or would show a password.

    Cameras behind a router, or with a stale setting, name another host than the one they answer from: it is replaced.
    """
    made = _bound(url, host, ("rtsp", "rtsps"), move=True)
    return None if made is None or _PASSWORD.search(unquote(made)) else made


def shows(address: str, secret: str) -> bool:
    """Whether the password itself stands in `address`, plain or percent-encoded."""
    return bool(secret) and (secret in unquote(address) or secret in address or quote(secret, safe="") in address)


def _bound(url: str, host: str, schemes: tuple[str, ...], *, move: bool) -> str | None:
    url = url.strip()
    if len(url) > MAX_ADDRESS:
        return None
    try:
        parts = urlsplit(url)
        port, named = parts.port, parts.hostname or ""
    except ValueError:
        return None
    if parts.scheme not in schemes or not named or not (move or same_host(named, host)):
        return None
    rest = parts.path + (f"?{parts.query}" if parts.query else "")
    if port == 0 or _REST.fullmatch(rest) is None:
        return None
    place = f"[{host}]" if ":" in host else host
    return f"{parts.scheme}://{place}{f':{port}' if port else ''}{rest}"
