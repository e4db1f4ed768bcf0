"""Takes secrets out of text: the very values that this device keeps, in any spelling, and whatever looks like one.

The last thing that happens to each part, so that no source has to be trusted to be clean.
"""

import base64
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from urllib.parse import quote_from_bytes

STARS = b"***"
SHORTEST = 4  # a secret of three letters would black out half of the text
LINE = 12  # and lines of a key that are shorter than this
LARGEST = 16_384
PATTERNS = (
    (re.compile(rb"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(-----END [A-Z ]*PRIVATE KEY-----|\Z)", re.DOTALL), STARS),
    (re.compile(rb"(\w+://)[^\s/@]+@"), rb"\1***@"),
    (re.compile(rb"(?i)\b(basic|bearer)\s+[A-Za-z0-9+/=._~-]{6,}"), rb"\1 ***"),
    (
        re.compile(
            rb"(?i)\b(pass(?:word|wd|phrase|code)?|psk|secret|token|pwd|authorization)(\"?\s*[=:]\s*\"?)[^\s\",;]+"
        ),
        rb"\1\2***",
    ),
)


class Redactor:
    """`values`: secrets as they stand in their files."""

    def __init__(self, values: Iterable[bytes]) -> None:
        ways = {way for value in values for way in _spellings(value) if len(way) >= SHORTEST}
        # The longest first: a secret that holds another must not leave its rest behind.
        self._ways = sorted(ways, key=lambda way: (-len(way), way))

    def __call__(self, data: bytes) -> bytes:
        """`data` without them."""
        for way in self._ways:
            data = data.replace(way, STARS)
        for pattern, instead in PATTERNS:
            data = pattern.sub(instead, data)
        return data


def secret_values(files: Iterable[Path], folder: Path | None = None) -> Iterator[bytes]:
    """The contents of `files` and of all small files in `folder` that are no configuration; line by line where there
    are several. What cannot be read cannot leak either.
    """
    found = list(files)
    if folder is not None and folder.is_dir():
        found += [path for path in sorted(folder.rglob("*"))[:200] if path.suffix not in (".yaml", ".yml")]
    for path in found:
        try:
            if not path.is_file() or path.stat().st_size > LARGEST:
                continue
            data = path.read_bytes()
        except OSError:
            continue
        yield data.strip()
        yield from (line.strip() for line in data.splitlines() if len(line.strip()) >= LINE)


def _spellings(value: bytes) -> set[bytes]:
    """Plain, in hexadecimal, in base64, in an address, as JSON writes it."""
    if len(value) < SHORTEST:
        return set()
    return {
        value,
        value.hex().encode(),
        value.hex().upper().encode(),
        base64.b64encode(value).rstrip(b"="),
        base64.urlsafe_b64encode(value).rstrip(b"="),
        quote_from_bytes(value, safe="").encode(),
        value.replace(b"\\", rb"\\").replace(b'"', rb"\""),
    }
