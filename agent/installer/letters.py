"""Words on a picture, in any language: the font has Vietnamese letters, unlike OpenCV's Hershey fonts."""

import cv2
import numpy as np
import numpy.typing as npt

from agent.values import Picture

Colour = tuple[int, int, int]  # blue, green, red
INK: Colour = (24, 20, 16)
WEIGHT = 400
PLATE_RIM = 6  # pixels that a plate is higher than its letters
MORE = "..."  # the font has no ellipsis


class Letters:
    """Used by one thread at a time: OpenCV's font keeps a cache of glyphs."""

    def __init__(self) -> None:
        self._font = cv2.FontFace("sans")

    def width(self, text: str, size: int) -> int:
        """Pixels that `text` takes across."""
        _, _, wide, _ = cv2.getTextSize((4096, 64), text, (0, 0), self._font, size, WEIGHT)
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
        cv2.putText(picture, text, place, colour, self._font, size, WEIGHT)
        return place[0] + self.width(text, size)

    def plate(self, picture: Picture, text: str, corner: npt.NDArray[np.generic], colour: Colour) -> None:
        """A dark word on a coloured plate whose top left is `corner`, pushed inside the picture."""
        height, width = picture.shape[:2]
        size = letter_size(picture)
        wide = self.width(text, size)
        left = int(np.clip(corner[0], 0, max(0, width - wide - 8)))
        top = int(np.clip(corner[1], 0, max(0, height - size - PLATE_RIM)))
        cv2.rectangle(picture, (left, top), (left + wide + 8, top + size + PLATE_RIM), colour, cv2.FILLED)
        self.write(picture, text, (left + 4, top + size), size, INK)


def letter_size(picture: Picture) -> int:
    """Pixels of a letter's height that can be read on this picture."""
    width: int = picture.shape[1]
    return max(11, round(width / 54))
