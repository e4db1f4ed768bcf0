"""Words on a picture, in any language: the font has Vietnamese letters, unlike OpenCV's Hershey fonts."""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

import cv2

from agent.values import Picture

Colour = tuple[int, int, int]  # blue, green, red
INK: Colour = (24, 20, 16)
WEIGHT = 400
PLATE_RIM = 6  # pixels that a plate is higher than its letters
ROWS = 6  # so far a plate gives way to another
MORE = "..."  # the font has no ellipsis
MISDRAWN = "ờ"  # OpenCV 5.0 has the picture of ớ in its place: written as its two halves, one over the other
HALVES = ("ò", "ơ")


@dataclass(frozen=True, slots=True)
class Plate:
    """A word on a coloured plate: where its top left should be, and where it goes when a word stands there already."""

    text: str
    left: int
    top: int
    colour: Colour
    upwards: bool = False


class Letters:
    """Used by one thread at a time: OpenCV's font keeps a cache of glyphs."""

    def __init__(self) -> None:
        self._font = cv2.FontFace("sans")

    def width(self, text: str, size: int) -> int:
        """Pixels that `text` takes across."""
        drawn = _composed(text).replace(MISDRAWN, HALVES[1])
        _, _, wide, _ = cv2.getTextSize((4096, 64), drawn, (0, 0), self._font, size, WEIGHT)
        return int(wide)

    def fitted(self, text: str, size: int, room: int) -> str:
        """`text`, cut off at its end so that it takes at most `room` pixels."""
        if self.width(text, size) <= room:
            return text
        while text and self.width(text + MORE, size) > room:
            text = text[:-1]
        return text + MORE

    def write(self, picture: Picture, text: str, place: tuple[int, int], size: int, colour: Colour) -> int:
        """`place` is the left end of the base line; gives where the word ends."""
        pen = place
        for index, part in enumerate(_composed(text).split(MISDRAWN)):
            if index:
                cv2.putText(picture, HALVES[0], pen, colour, self._font, size, WEIGHT)
                pen = self._put(picture, HALVES[1], pen, size, colour)
            pen = self._put(picture, part, pen, size, colour) if part else pen
        return place[0] + self.width(text, size)

    def _put(self, picture: Picture, text: str, pen: tuple[int, int], size: int, colour: Colour) -> tuple[int, int]:
        (right, base), _ = cv2.putText(picture, text, pen, colour, self._font, size, WEIGHT)
        return int(right), int(base)

    def plates(self, picture: Picture, wanted: Sequence[Plate]) -> None:
        """Dark words, each inside the picture and, where there is room within `ROWS`, over none of those before it."""
        height, width = picture.shape[:2]
        size = letter_size(picture)
        high = size + PLATE_RIM
        taken: list[tuple[int, int, int]] = []  # left, right, top
        for each in wanted:
            wide = self.width(each.text, size) + 8
            left = max(0, min(each.left, width - wide))
            row = -high if each.upwards else high
            tops = [max(0, min(each.top + row * number, height - high)) for number in range(ROWS)]
            hit = [any(a < left + wide and left < b and abs(c - top) < high for a, b, c in taken) for top in tops]
            top = tops[hit.index(False) if False in hit else 0]
            taken.append((left, left + wide, top))
            cv2.rectangle(picture, (left, top), (left + wide, top + high), each.colour, cv2.FILLED)
            self.write(picture, each.text, (left + 4, top + size), size, INK)


def _composed(text: str) -> str:
    """One sign for each letter with its marks: the font has none that stand alone."""
    return unicodedata.normalize("NFC", text)


def letter_size(picture: Picture) -> int:
    """Pixels of a letter's height that can be read on this picture."""
    width: int = picture.shape[1]
    return max(11, round(width / 54))
