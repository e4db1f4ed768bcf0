"""The files of the browser part: read once when the page opens, packed, by fixed names. No URL reaches the disk."""

import gzip
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from aiohttp import hdrs, web

TYPES = {
    ".html": "text/html",
    ".js": "text/javascript",
    ".css": "text/css",
    ".svg": "image/svg+xml",
    ".json": "application/json",
    ".webmanifest": "application/manifest+json",
    ".png": "image/png",
    ".woff2": "font/woff2",
}
PACKED = frozenset((".html", ".js", ".css", ".svg", ".json", ".webmanifest"))
MOST_BYTES = 1_000_000
INDEX = "index.html"


@dataclass(frozen=True, slots=True)
class StaticFile:
    """One file, as it is and packed."""

    kind: str
    data: bytes
    packed: bytes | None
    tag: str


class StaticFiles:
    """All of a folder."""

    def __init__(self, folder: Path, language: str) -> None:
        self._files: dict[str, StaticFile] = {}
        for path in sorted(folder.iterdir()) if folder.is_dir() else ():
            if path.suffix in TYPES and path.is_file() and path.stat().st_size <= MOST_BYTES:
                data = path.read_bytes()
                if path.name == INDEX:
                    data = data.replace(b'lang="vi"', f'lang="{language}"'.encode(), 1)
                self._files[path.name] = _file(path.suffix, data)

    def answer(self, request: web.Request, name: str) -> web.Response:
        """Raises HTTPNotFound."""
        file = self._files.get(name or INDEX)
        if file is None:
            raise web.HTTPNotFound
        headers = {hdrs.ETAG: f'"{file.tag}"', hdrs.CACHE_CONTROL: "no-cache", hdrs.VARY: hdrs.ACCEPT_ENCODING}
        if file.tag in request.headers.get(hdrs.IF_NONE_MATCH, ""):
            return web.Response(status=304, headers=headers)
        body = file.data
        if file.packed is not None and "gzip" in request.headers.get(hdrs.ACCEPT_ENCODING, ""):
            headers[hdrs.CONTENT_ENCODING], body = "gzip", file.packed
        charset = "utf-8" if file.kind.startswith("text/") else None
        return web.Response(body=body, headers=headers, content_type=file.kind, charset=charset)


def _file(suffix: str, data: bytes) -> StaticFile:
    packed = gzip.compress(data, 9, mtime=0) if suffix in PACKED else None
    return StaticFile(TYPES[suffix], data, packed, sha256(data).hexdigest()[:20])
