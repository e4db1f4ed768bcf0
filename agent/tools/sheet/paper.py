"""Sheets of A4 at 200 dots per inch, filled from top to bottom; a new one is begun when something does not fit.

Only one sheet is in memory as pixels (12 MB); full ones are kept as JPEG.
"""

import unicodedata

import cv2
import numpy as np

from agent.i18n import Text
from agent.installer.letters import Colour, Letters
from agent.installer.overlay import jpeg
from agent.tools.sheet.pdf import Picture
from agent.values import Picture as Pixels

WIDTH, HEIGHT = 1654, 2339
LEFT, RIGHT, TOP, BOTTOM = 130, 130, 120, 150
INSIDE = WIDTH - LEFT - RIGHT
QUALITY = 88
INK: Colour = (30, 26, 22)
FAINT: Colour = (120, 112, 104)
RULE: Colour = (205, 200, 194)
TITLE, HEADING, BODY, SMALL = 50, 34, 27, 22
LEADING = 1.42
WHITE = 255


class Paper:
    """`footer` stands on every page, with its number."""

    def __init__(self, footer: str) -> None:
        self._footer = footer
        self._letters = Letters()
        self._done: list[Picture] = []
        self.y = TOP
        self.sheet: Pixels = _blank()

    def pages(self) -> tuple[Picture, ...]:
        """All that was written; nothing may be added after this."""
        self._finish()
        return tuple(self._done)

    def need(self, height: int) -> None:
        """Begin a new page when so many pixels are not left on this one."""
        if self.y + height > HEIGHT - BOTTOM:
            self._finish()
            self.sheet, self.y = _blank(), TOP

    def space(self, height: int) -> None:
        """Leave room."""
        self.y += height

    def heading(self, text: Text) -> None:
        """Vietnamese, with the English beside it, over a thin rule."""
        self.need(220)
        self.space(26)
        self._both(text, HEADING, LEFT)
        cv2.line(self.sheet, (LEFT, self.y + 2), (WIDTH - RIGHT, self.y + 2), RULE, 2)
        self.space(22)

    def title(self, text: Text) -> None:
        """At the top of the first page."""
        self._both(text, TITLE, LEFT)
        self.space(12)

    def row(self, name: Text, value: str, mark: Colour | None = None) -> None:
        """What it is on the left, in both languages; the value on the right, as many lines as it takes."""
        at = LEFT + 560
        lines = [line for part in value.split("\n") for line in self.wrapped(part, BODY, WIDTH - RIGHT - at)]
        height = max(round(BODY * LEADING) * len(lines), round((BODY + SMALL) * 1.25)) + 14
        self.need(height)
        if mark is not None:
            cv2.circle(self.sheet, (LEFT + 12, self.y + BODY // 2 + 6), 11, mark, cv2.FILLED, cv2.LINE_AA)
        left = LEFT + (40 if mark is not None else 0)
        room = at - left - 20
        self.write(self._letters.fitted(_nfc(name.vi), BODY, room), left, self.y + BODY, BODY)
        self.write(self._letters.fitted(name.en, SMALL, room), left, self.y + BODY + SMALL + 8, SMALL, FAINT)
        for number, line in enumerate(lines):
            self.write(line, at, self.y + BODY + number * round(BODY * LEADING), BODY)
        self.space(height)
        cv2.line(self.sheet, (LEFT, self.y - 6), (WIDTH - RIGHT, self.y - 6), RULE, 1)

    def paragraph(self, text: Text, size: int = BODY) -> None:
        """Vietnamese, then the English, smaller."""
        for words, letters, colour in ((text.vi, size, INK), (text.en, SMALL, FAINT)):
            for line in self.wrapped(words, letters, INSIDE):
                self.need(round(letters * LEADING))
                self.write(line, LEFT, self.y + letters, letters, colour)
                self.space(round(letters * LEADING))
        self.space(8)

    def paste(self, picture: Pixels) -> None:
        """A BGR picture at the left margin; it must be no wider than `INSIDE`."""
        height, width = picture.shape[:2]
        self.need(height)
        self.sheet[self.y : self.y + height, LEFT : LEFT + width] = picture
        self.space(height)

    def write(self, text: str, x: int, baseline: int, size: int, colour: Colour = INK) -> None:
        """One line, not wrapped."""
        self._letters.write(self.sheet, _nfc(text), (x, baseline), size, colour)

    def wrapped(self, text: str, size: int, room: int) -> list[str]:
        """Lines no wider than `room`; a word that is wider by itself is broken."""
        lines, line = [], ""
        for word in _nfc(text).split():
            rest = word
            while self._letters.width(rest, size) > room:
                count = max(1, len(rest) * room // max(1, self._letters.width(rest, size)) - 1)
                lines += [line] if line else []
                lines.append(rest[:count])
                line, rest = "", rest[count:]
            tried = f"{line} {rest}" if line else rest
            if line and self._letters.width(tried, size) > room:
                lines.append(line)
                line = rest
            else:
                line = tried
        return [*lines, line]

    def _both(self, text: Text, size: int, x: int) -> None:
        vi, small = _nfc(text.vi), round(size * 0.6)
        self.write(vi, x, self.y + size, size)
        self.write(text.en, x + self._letters.width(vi, size) + 24, self.y + size, small, FAINT)
        self.space(round(size * 1.3))

    def _finish(self) -> None:
        number = len(self._done) + 1
        self.write(self._footer, LEFT, HEIGHT - 80, SMALL, FAINT)
        self.write(str(number), WIDTH - RIGHT - 20, HEIGHT - 80, SMALL, FAINT)
        self._done.append(Picture(jpeg(self.sheet, QUALITY), WIDTH, HEIGHT))


def _blank() -> Pixels:
    return np.full((HEIGHT, WIDTH, 3), WHITE, np.uint8)


def _nfc(text: str) -> str:
    """The font has whole letters, not loose accents."""
    return unicodedata.normalize("NFC", text)
