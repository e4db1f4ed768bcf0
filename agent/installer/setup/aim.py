"""Is the picture sharp, is it bright enough: two hints from the brightness of one analysed picture.

Sharpness is the variance of the Laplacian after a 3x3 blur (Pech-Pacheco et al., "Diatom autofocusing in brightfield
microscopy", ICPR 2000; the blur takes the sensor's noise out at night). It depends on what the camera looks at, so it
is told as a share of the best that was seen since the lens was last touched. Pure but for that memory.
"""

from collections import deque
from dataclasses import dataclass
from statistics import median

import cv2
import numpy as np

from agent.i18n import Text
from agent.installer.setup.doors import Level
from agent.values import Frame

SHARP, SOFT = 0.85, 0.6  # of the best
FLAT = 6.0  # variance: below this there is nothing in the picture that could be sharp
OVER = 3  # pictures of which the middle value counts: somebody who walks by is no sharpness
BLACK, WHITE = 20, 232  # of the limited range 16..235: nothing can be told apart there
DARK_MEAN, BRIGHT_MEAN = 0.15, 0.8
LOST_BRIGHT, LOST_DARK = 0.12, 0.55  # shares of the picture


@dataclass(frozen=True, slots=True)
class Focus:
    """`share` is `value` of `best`."""

    level: Level
    value: float
    best: float
    share: float
    text: Text


@dataclass(frozen=True, slots=True)
class Exposure:
    """0..1 each: how bright on average, and the shares without detail."""

    level: Level
    mean: float
    dark: float
    bright: float
    text: Text


class FocusMeter:
    """Of one camera."""

    def __init__(self) -> None:
        self._recent: deque[float] = deque(maxlen=OVER)
        self._best = 0.0

    def read(self, frame: Frame) -> Focus:
        """One more picture."""
        self._recent.append(sharpness(frame))
        value = median(self._recent)
        self._best = max(self._best, value)
        share = value / self._best if self._best > 0 else 0.0
        level, text = _judged(value, share)
        return Focus(level, round(value, 1), round(self._best, 1), round(share, 3), text)


def sharpness(frame: Frame) -> float:
    """Variance of the Laplacian of the brightness; larger is sharper."""
    smooth = cv2.GaussianBlur(frame.luma, (3, 3), 0)
    _, deviation = cv2.meanStdDev(cv2.Laplacian(smooth, cv2.CV_16S))
    return float(deviation[0, 0]) ** 2


def exposure(frame: Frame) -> Exposure:
    """How bright one picture is."""
    counts = np.bincount(frame.luma[::2, ::2].ravel(), minlength=256)
    shares = counts / counts.sum()
    mean = float((shares * np.arange(256)).sum() - 16) / 219
    dark, bright = float(shares[: BLACK + 1].sum()), float(shares[WHITE:].sum())
    level, text = _lit(mean, dark, bright)
    return Exposure(level, round(min(1.0, max(0.0, mean)), 3), round(dark, 3), round(bright, 3), text)


def _judged(value: float, share: float) -> tuple[Level, Text]:
    if value < FLAT:
        return "mind", Text(
            en="Nothing in the picture that could be sharp: too dark, covered, or far out of focus",
            vi="Hình không có chi tiết: quá tối, bị che hoặc lệch nét nhiều",
        )
    told = f"{share:.0%}".replace("%", " %")
    if share >= SHARP:
        return "good", Text(en=f"Sharp: {told} of the best so far", vi=f"Nét: {told} so với lúc nét nhất")
    if share >= SOFT:
        return "mind", Text(
            en=f"A little soft: {told} of the best so far; turn the lens back a little",
            vi=f"Hơi mờ: {told} so với lúc nét nhất; hãy xoay ống kính lại một chút",
        )
    return "broken", Text(
        en=f"Out of focus: {told} of the best so far; turn the lens back",
        vi=f"Mất nét: chỉ {told} so với lúc nét nhất; hãy xoay ống kính lại",
    )


def _lit(mean: float, dark: float, bright: float) -> tuple[Level, Text]:
    if mean < DARK_MEAN or dark > LOST_DARK:
        return "mind", Text(
            en="Too dark: by night a lamp is needed, by day look for what covers the lens",
            vi="Quá tối: ban đêm cần thêm đèn, ban ngày hãy xem có gì che ống kính",
        )
    if mean > BRIGHT_MEAN or bright > LOST_BRIGHT:
        return "mind", Text(
            en="Too bright in places: turn the camera away from sky, lamp or glare",
            vi="Có chỗ quá sáng: hãy xoay camera tránh trời, đèn hoặc chỗ chói",
        )
    return "good", Text(en="Well lit", vi="Đủ sáng")
