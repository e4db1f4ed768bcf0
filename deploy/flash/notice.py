"""The sign that tells people they are in view: A4, Vietnamese first, read from three metres.

The law on personal data (91/2025/QH15), article 32: recording in public places for safety needs no consent (1a), but
people are told (2), the purpose binds (3), and footage is deleted when it has served (4).
"""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from deploy.fetch import Progress
from deploy.flash.paper import FONT, fit, new_document, qr, save

if TYPE_CHECKING:
    from fpdf import FPDF

BLUE = (0, 70, 135)
PHONE = re.compile(r"(?<!\d)(?:\+84|0)(?:[ .-]?\d){8,10}(?!\d)")
LAW = "Điều 32 Luật Bảo vệ dữ liệu cá nhân số 91/2025/QH15"


@dataclass(frozen=True, slots=True)
class Notice:
    """What the sign says. `days`: how long footage is kept at most."""

    purpose: str
    controller: str
    contact: str
    days: int
    place: str = ""


def print_notice(notice: Notice, out: Path, progress: Progress) -> None:
    """One page. Raises CardError, AssetError."""
    document = new_document("Thông báo có camera ghi hình / Camera notice", progress)
    document.add_page()
    document.set_fill_color(*BLUE)
    document.rect(0, 0, 210, 102, style="F")
    _camera(document, 105, 29)
    document.set_text_color(255)
    _centred(document, 62, "KHU VỰC CÓ CAMERA GHI HÌNH", 34, bold=True)
    _centred(document, 80, "Camera recording in this area", 18)
    if notice.place:
        _centred(document, 91, notice.place, 13)
    document.set_text_color(0)
    y = 113.0
    for vi, en, words in (
        ("Mục đích", "Purpose", notice.purpose),
        ("Đơn vị kiểm soát dữ liệu", "Controller", notice.controller),
        ("Liên hệ", "Contact", notice.contact),
        ("Thời gian lưu", "Kept for", f"Tối đa {notice.days} ngày, sau đó tự xoá / at most {notice.days} days"),
        ("Căn cứ", "Legal basis", LAW),
    ):
        y = _row(document, y, f"{vi} / {en}", words)
    document.image(qr(reach(notice.contact)), 160, 250, 36, 36)
    document.set_xy(18, 258)
    document.set_font(FONT, "", 10.5)
    rights = (
        "Bạn có quyền hỏi, xem và yêu cầu xoá hình ảnh của mình: hãy liên hệ theo thông tin trên.\n"
        "You may ask about footage of yourself, see it and have it deleted."
    )
    document.multi_cell(136, 5.4, rights, align="L")
    save(document, out, 0o644)


def reach(contact: str) -> str:
    """What a phone does with the QR code: ring the number, open the page, or show the words."""
    page = re.search(r"https://\S+", contact)
    if page:
        return page[0]
    number = PHONE.search(contact)
    if number:
        digits = re.sub(r"[^\d+]", "", number[0])
        return f"tel:{'+84' + digits[1:] if digits.startswith('0') else digits}"
    return contact


def _row(document: "FPDF", y: float, name: str, words: str) -> float:
    document.set_xy(18, y)
    document.set_font(FONT, "", 10)
    document.set_text_color(90)
    document.cell(174, 5, name)
    document.set_text_color(0)
    size = 17.0
    while size > 9:
        document.set_font(FONT, "B", size)
        lines = document.multi_cell(174, size * 0.46, words, dry_run=True, output="LINES")
        if isinstance(lines, list) and len(lines) <= 2:
            break
        size -= 1
    document.set_xy(18, y + 5.5)
    document.multi_cell(174, size * 0.46, words, align="L")
    return max(document.get_y() + 5.5, y + 22)


def _centred(document: "FPDF", y: float, words: str, size: float, *, bold: bool = False) -> None:
    document.set_font(FONT, "B" if bold else "", size)
    used = fit(document, words, 186, size)
    document.set_xy(12, y)
    document.cell(186, used * 0.3528 * 1.2, words, align="C")


def _camera(document: "FPDF", x: float, y: float) -> None:
    """The picture of a camera on its arm, white on blue, 60 mm wide."""
    document.set_fill_color(255)
    body = [(x - 26, y - 16), (x + 24, y - 4), (x + 19, y + 13), (x - 31, y + 1)]
    document.polygon(body, style="F")
    lens = [(x + 25.5, y - 1.5), (x + 33, y + 0.5), (x + 29.5, y + 12.5), (x + 22, y + 10.5)]
    document.polygon(lens, style="F")
    document.set_fill_color(*BLUE)
    document.circle(x - 19, y - 5, 3.2, style="F")
    document.set_fill_color(255)
    document.polygon([(x - 14, y + 7), (x - 6, y + 9), (x - 12, y + 21), (x - 20, y + 21)], style="F")
    document.rect(x - 36, y + 17.5, 22, 5, style="F")
    document.rect(x - 40, y + 11, 5, 18, style="F")
