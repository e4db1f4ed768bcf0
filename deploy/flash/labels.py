"""The label of each node: who it is, the wifi to join, the page to open, its code, whom to ring. A4, eight a sheet.

It holds passwords, so the file is for its owner alone (0600) and goes to the printer, not by mail.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

from deploy.fetch import Progress
from deploy.flash.paper import FONT, fit, new_document, qr, save, wifi_qr
from deploy.flash.wifi import ADDRESS

if TYPE_CHECKING:
    from fpdf import FPDF

ACROSS, DOWN = 2, 4
WIDTH, HEIGHT = 96.0, 68.0  # mm
LEFT, TOP = 9.0, 12.5
CODE = 27.0
POINT = 0.3528  # mm


@dataclass(frozen=True, slots=True)
class Label:
    """What stands on one label. `hotspot`: the name of its own wifi, empty without one."""

    node: str
    ward: str
    place: str
    host: str
    hotspot: str
    password: str = field(repr=False)
    setup_code: str = field(repr=False)
    household_code: str = field(repr=False, default="")
    contact: tuple[str, ...] = ()
    port: int = 8443  # of the setup page
    household_port: int = 0  # of the family's page; 0: not told

    @property
    def page(self) -> str:
        """The setup page in its own wifi."""
        return f"https://{ADDRESS}:{self.port}/"


def print_labels(labels: Sequence[Label], out: Path, progress: Progress) -> None:
    """One PDF of all. Raises CardError, AssetError."""
    document = new_document("Nhãn thiết bị camera / Camera node labels", progress)
    pages: dict[str, BytesIO] = {}
    for index, label in enumerate(labels):
        place = index % (ACROSS * DOWN)
        if place == 0:
            document.add_page()
        x = LEFT + place % ACROSS * WIDTH
        y = TOP + place // ACROSS * HEIGHT
        _label(document, label, x, y)
        if label.hotspot:
            if label.page not in pages:
                pages[label.page] = qr(label.page)
            document.image(pages[label.page], x + WIDTH - CODE - 2, y + 34.5, CODE, CODE)
    save(document, out)


@dataclass(frozen=True, slots=True)
class _Style:
    """`size` in points, at most: a long line gets smaller letters."""

    size: float
    bold: bool = False
    grey: bool = False
    centred: bool = False


_HEAD = _Style(6.5, grey=True)
_NAME = _Style(17, bold=True)
_PLACE = _Style(9)
_WARD = _Style(7, grey=True)
_WHAT = _Style(5.5, grey=True)
_STEP = _Style(6, centred=True)
_HINT = _Style(6, grey=True)
_CONTACT = _Style(7)


@dataclass(frozen=True, slots=True)
class _Line:
    """Room for one line of words, in mm on the page."""

    x: float
    y: float
    width: float

    def write(self, document: "FPDF", words: str, style: _Style) -> None:
        """Smaller where it is long, cut off where even that does not help."""
        if not words:
            return
        document.set_font(FONT, "B" if style.bold else "", style.size)
        used = fit(document, words, self.width, style.size, 4.0)
        while document.get_string_width(words) > self.width and len(words) > 2:
            words = words[:-2] + "…"
        document.set_text_color(90 if style.grey else 0)
        document.set_xy(self.x, self.y)
        document.cell(self.width, used * POINT, words, align="C" if style.centred else "L")


def _label(document: "FPDF", label: Label, x: float, y: float) -> None:
    document.set_draw_color(170)
    document.set_line_width(0.1)
    document.rect(x, y, WIDTH, HEIGHT)
    left, right = x + 4, x + WIDTH - CODE - 2
    narrow = WIDTH - CODE - 9 if label.hotspot else WIDTH - 8
    _Line(left, y + 2.5, narrow).write(document, "Thiết bị camera · Camera node", _HEAD)
    _Line(left, y + 6, narrow).write(document, label.node, _NAME)
    _Line(left, y + 13, narrow).write(document, label.place or label.ward, _PLACE)
    _Line(left, y + 16.6, narrow).write(document, label.ward if label.place else "", _WARD)
    if label.hotspot:
        document.image(qr(wifi_qr(label.hotspot, label.password)), right, y + 3, CODE, CODE)
        _Line(right, y + 30, CODE).write(document, "1. Vào wifi / Join", _STEP)
        _Line(right, y + 61.2, CODE).write(document, "2. Mở trang / Open", _STEP)
        hint = "Báo “không có internet”? Chọn giữ kết nối. / Stay connected."
        _Line(left, y + 59.2, narrow).write(document, hint, _HINT)
    top = y + 20.5
    for name, value, size in _rows(label):
        _Line(left, top, narrow).write(document, name, _WHAT)
        _Line(left, top + 2.4, narrow).write(document, value, _Style(size, bold=True))
        top += 2.4 + size * POINT + 1.3
    _Line(left, y + 62.5, narrow).write(document, " · ".join(label.contact), _CONTACT)


def _rows(label: Label) -> Iterator[tuple[str, str, float]]:
    """What it is, what it says, how large at most (points)."""
    if label.hotspot:
        yield "1. Wifi của thiết bị / Its wifi", label.hotspot, 10.0
        yield "Mật khẩu wifi / Wifi password", label.password, 12.0
        yield f"2. Trang cài đặt / Setup page · wifi nhà: {label.host}.local:{label.port}", label.page, 8.5
    else:
        yield "Trang cài đặt / Setup page", f"https://{label.host}.local:{label.port}/", 10.0
    yield "Mã cài đặt, dùng một lần / Setup code, works once", grouped(label.setup_code), 13.0
    if label.household_code:
        page = f" · {label.host}.local:{label.household_port}" if label.household_port else ""
        yield f"Mã cho gia đình / Code for the family{page}", grouped(label.household_code), 9.0


def grouped(word: str) -> str:
    """In fours, as people read it out; spaces do not count where it is typed into our page."""
    return " ".join(word[start : start + 4] for start in range(0, len(word), 4))
