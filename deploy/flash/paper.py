"""Printed matter: pages with the fonts that know Vietnamese, and QR codes. Needs the extra `cards` (fpdf2, segno).

The fonts are DejaVu Sans of Debian's fonts-dejavu-core (Bitstream Vera licence, free to embed), fetched into the cache
when this machine has none.
"""

import io
import os
from pathlib import Path
from typing import TYPE_CHECKING

from agent.i18n import Text
from deploy.debian import unpack_debian
from deploy.fetch import Progress, cache_dir
from deploy.flash.base import disk_words, give_back
from deploy.flash.refused import CardError

if TYPE_CHECKING:
    from fpdf import FPDF

FONT = "DejaVu"
FACES = {"": "DejaVuSans.ttf", "B": "DejaVuSans-Bold.ttf"}
INSTALLED = Path("/usr/share/fonts/truetype/dejavu")
PACKAGE = "fonts-dejavu-core"


def new_document(title: str, progress: Progress) -> "FPDF":
    """An empty A4 document that can write Vietnamese. Raises CardError, AssetError."""
    try:
        from fpdf import FPDF  # noqa: PLC0415 - only those who print need it
    except ImportError as error:
        raise CardError(
            Text(en="printing needs fpdf2 and segno", vi="để in cần có fpdf2 và segno"),
            Text(en=".venv/bin/pip install -e '.[cards]'", vi="hãy chạy: .venv/bin/pip install -e '.[cards]'"),
        ) from error
    folder = fonts(progress)
    document = FPDF(orientation="portrait", unit="mm", format="A4")
    document.set_auto_page_break(False)
    document.set_margin(0)
    document.set_title(title)
    document.set_lang("vi")
    for style, name in FACES.items():
        document.add_font(FONT, style, folder / name)
    return document


def fonts(progress: Progress) -> Path:
    """The folder with both faces. Raises AssetError."""
    kept = cache_dir() / "fonts"
    below = kept / "usr/share/fonts/truetype/dejavu"
    for folder in (INSTALLED, below):
        if all((folder / name).is_file() for name in FACES.values()):
            return folder
    unpack_debian((PACKAGE,), kept, progress)
    return below


def qr(told: str) -> io.BytesIO:
    """A PNG, a quarter of which may be dirty; white margin included."""
    import segno  # noqa: PLC0415 - as above

    out = io.BytesIO()
    segno.make(told, error="m", micro=False).save(out, kind="png", scale=8, border=3)
    out.seek(0)
    return out


def wifi_qr(ssid: str, password: str) -> str:
    """What phones join a wifi by."""
    import segno.helpers  # noqa: PLC0415 - as above

    return segno.helpers.make_wifi_data(ssid=ssid, password=password, security="WPA")


def fit(document: "FPDF", words: str, width: float, size: float, least: float = 5.0) -> float:
    """The largest font size (points, at most `size`) in which `words` are no wider than `width` (mm)."""
    while size > least:
        document.set_font_size(size)
        if document.get_string_width(words) <= width:
            break
        size -= 0.5
    document.set_font_size(size)
    return size


def save(document: "FPDF", path: Path, mode: int = 0o600) -> None:
    """Wholly there or not at all. Raises CardError."""
    part = path.with_name(path.name + ".part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
        with os.fdopen(descriptor, "wb") as file:
            file.write(bytes(document.output()))
            file.flush()
            os.fsync(file.fileno())
        give_back(part)
        part.replace(path)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise disk_words(error, path) from error
