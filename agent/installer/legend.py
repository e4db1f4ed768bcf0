"""One picture of a replayed film: the overlay of the live page, what lasts and what is going on, and a legend below.

Comes in: one analysed frame and what each rule knows, in words and 0..1. Goes out: a BGR picture, always of one size
for frames of one size. The legend stands below the picture, so that it hides nothing of it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil

import cv2
import numpy as np

from agent.i18n import Language, Text
from agent.installer.doors import CameraView, LiveView
from agent.installer.letters import PLATE_RIM, Colour, Letters, Plate, letter_size
from agent.installer.overlay import Overlay, bgr, draw_box, pixels_of
from agent.values import Box, ChangeKind, Picture, Point, StaticChange, View, ViewState

NARROWEST, WIDEST = 640, 1920
SENTENCES = 2  # the newest events
ROW = 1.6  # of a letter's height
PAPER: Colour = (32, 28, 24)
PALE: Colour = (225, 225, 225)
GREY: Colour = (140, 140, 140)
OPEN: Colour = (60, 60, 245)
FRESH: Colour = (40, 170, 255)
CHANGE: Colour = (80, 230, 230)
VIEWS = {
    ViewState.OK: Text(en="view clear", vi="nhìn rõ"),
    ViewState.COVERED: Text(en="VIEW COVERED", vi="BỊ CHE"),
    ViewState.MOVED: Text(en="CAMERA MOVED", vi="BỊ XOAY"),
    ViewState.BLURRED: Text(en="VIEW BLURRED", vi="BỊ MỜ"),
    ViewState.DARK: Text(en="TOO DARK", vi="QUÁ TỐI"),
    ViewState.BLINDED: Text(en="BLINDED", vi="BỊ CHÓI"),
}
CHANGES = {
    ChangeKind.APPEARED: Text(en="new {:.0f} s", vi="mới có {:.0f} giây"),
    ChangeKind.VANISHED: Text(en="gone {:.0f} s", vi="mất {:.0f} giây"),
}
RESTS = Text(
    en="|| nothing moves: not looked at for {:.1f} s",
    vi="|| không có gì động: {:.1f} giây không phân tích",
)


@dataclass(frozen=True, slots=True)
class RuleRow:
    """One rule: its id, its counts in words, and whether events of it are open or have just begun."""

    rule_id: str
    counts: Text
    open: bool = False
    fresh: bool = False


@dataclass(frozen=True, slots=True)
class Marked:
    """A box that an open event is about."""

    box: Box
    rule_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """Everything about one frame that is drawn; `rests_s`: so long nothing is analysed after it."""

    at_s: float
    live: LiveView
    view: View
    inferences: int = 0
    changes: tuple[StaticChange, ...] = ()
    rules: tuple[RuleRow, ...] = ()
    marked: tuple[Marked, ...] = ()
    sentences: tuple[Text, ...] = ()  # of the last events, newest first
    rests_s: float = 0.0


class Legend:
    """Draws the pictures of one camera's film. Used by one thread at a time, like `Letters`."""

    def __init__(self, language: Language, camera: CameraView) -> None:
        self._language = language
        self._camera = camera
        self._letters = Letters()
        self._overlay = Overlay(language, scores=True)

    def draw(self, page: Page) -> Picture:
        """(height, width, 3) BGR, both even."""
        picture = sized(bgr(page.live.frame, WIDEST))
        plates = self._overlay.outlines_on(picture, self._camera, page.live)
        thick = max(2, picture.shape[1] // 400)
        plates += [self._change(picture, change, thick) for change in page.changes]
        plates += self._mark(picture, page.marked, thick + 1)
        self._letters.plates(picture, plates)
        if page.view.state is not ViewState.OK:
            draw_box(picture, Box(0.0, 0.0, 1.0, 1.0), OPEN, 2 * thick)
        return np.vstack([picture, self._strip(page, picture)])

    def _mark(self, picture: Picture, marked: tuple[Marked, ...], thick: int) -> list[Plate]:
        rules: dict[Box, list[str]] = {}
        for each in marked:
            told = rules.setdefault(each.box, [])
            if each.rule_id not in told:
                told.append(each.rule_id)
        row = letter_size(picture) + PLATE_RIM
        plates: list[Plate] = []
        for box, told in rules.items():  # one below the other: a box that many rules tell of names them all
            draw_box(picture, box, OPEN, thick)
            left, top = pixels_of(picture, (Point(box.left, box.bottom),))[0]
            top = min(top, max(0, picture.shape[0] - row * len(told)))
            plates += [Plate(rule_id, int(left), top + number * row, OPEN) for number, rule_id in enumerate(told)]
        return plates

    def _change(self, picture: Picture, change: StaticChange, thick: int) -> Plate:
        draw_box(picture, change.box, CHANGE, thick)
        told = CHANGES[change.kind].say(self._language).format(change.stood_s)
        if change.label:
            told = f"{change.label}: {told}"
        left, top = pixels_of(picture, (change.box.foot,))[0]
        return Plate(told, int(left), int(top), CHANGE)

    def _strip(self, page: Page, picture: Picture) -> Picture:
        size, width = letter_size(picture), picture.shape[1]
        row, across = round(size * ROW), 2 if len(page.rules) > 1 else 1
        rule_rows = ceil(len(page.rules) / across)
        rows = 1 + rule_rows + (SENTENCES if page.rules else 0)
        strip = np.full((ceil(rows * row / 2) * 2, width, 3), PAPER, np.uint8)
        self._head(strip, page, size)
        for number, rule in enumerate(page.rules):
            column, line = number // rule_rows, 1 + number % rule_rows
            place = (column * (width // across) + size // 2, line * row + size)
            self._rule(strip, rule, place, width // across - size)
        for number, sentence in enumerate(page.sentences[:SENTENCES]):
            told = self._letters.fitted(sentence.say(self._language), size, width - size)
            self._letters.write(strip, told, (size // 2, (1 + rule_rows + number) * row + size), size, PALE)
        return strip

    def _head(self, strip: Picture, page: Page, size: int) -> None:
        good = page.view.state is ViewState.OK
        words: list[tuple[str, Colour]] = [
            (clock_words(page.at_s), PALE),
            (self._camera.label, PALE),
            (VIEWS[page.view.state].say(self._language), GREY if good else OPEN),
            (Text(en=f"model ×{page.inferences}", vi=f"mô hình ×{page.inferences}").say(self._language), GREY),
        ]
        if page.rests_s:
            words.append((RESTS.say(self._language).format(page.rests_s), FRESH))
        left = size // 2
        for word, colour in words:
            room = strip.shape[1] - left - size // 2
            if room > 2 * size:
                told = self._letters.fitted(word, size, room)
                left = self._letters.write(strip, told, (left, size + 2), size, colour) + size

    def _rule(self, strip: Picture, rule: RuleRow, place: tuple[int, int], room: int) -> None:
        size = letter_size(strip)
        colour = OPEN if rule.open else FRESH if rule.fresh else GREY
        radius = max(3, size // 3)
        middle = (place[0] + radius, place[1] - size // 2 + 1)
        cv2.circle(strip, middle, radius, colour, cv2.FILLED if rule.open or rule.fresh else 1, cv2.LINE_AA)
        told = f"{rule.rule_id}  {rule.counts.say(self._language)}"
        left = place[0] + 3 * radius
        ink = PALE if colour == GREY else colour
        self._letters.write(strip, self._letters.fitted(told, size, room - 3 * radius), (left, place[1]), size, ink)


def sized(picture: Picture) -> Picture:
    """Small pictures in double, or more, so that words on them can be read."""
    times = ceil(NARROWEST / picture.shape[1])
    if times < 2:
        return picture
    size = (picture.shape[1] * times, picture.shape[0] * times)
    return np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_LINEAR), np.uint8)


def clock_words(at_s: float) -> str:
    """Media time as 1:02:03.4."""
    tenths = int(at_s * 10)
    return f"{tenths // 36000}:{tenths // 600 % 60:02}:{tenths // 10 % 60:02}.{tenths % 10}"


def counts_words(parts: Sequence[tuple[Text, int]]) -> Text:
    """ "3 events, in 2, out 1": a number behind each word."""
    return Text(
        en=", ".join(f"{word.en} {number}" for word, number in parts),
        vi=", ".join(f"{word.vi} {number}" for word, number in parts),
    )
