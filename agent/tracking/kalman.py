"""Where a box will be: four constant-velocity Kalman filters, for its centre and its size.

Lengths are picture heights, times seconds. The noise model is SORT's and ByteTrack's (Bewley et al. 2016; Zhang et al.
2022): standard deviations in proportion to the box's height. Both keep the four coordinates independent, so scalar
arithmetic gives the same result as their 8x8 matrices at a fraction of the time.
"""

from dataclasses import dataclass

from agent.values import Box

MEASURE = 1 / 20  # of the height: how far a detection is off, in one coordinate
ACCELERATION = 0.6  # heights per second, per root second: how a walking person's speed wanders
DRIFT = 0.05  # heights per root second: position noise that is not speed
FIRST_SPEED = 2.0  # heights per second: what we know of the speed at first sight; who runs, or is close, is as fast
SIZE_ACCELERATION = 0.08
FIRST_SIZE_SPEED = 0.1


@dataclass(slots=True)
class Filter:
    """Position and speed of one coordinate, with their covariance."""

    at: float
    speed: float
    var: float
    cov: float
    speed_var: float

    def predict(self, seconds: float, drift: float, acceleration: float) -> None:
        """Move on by `seconds`; `drift` and `acceleration` are standard deviations per root second."""
        self.at += self.speed * seconds
        self.var += seconds * (2 * self.cov + seconds * self.speed_var) + drift * drift * seconds
        self.cov += seconds * self.speed_var
        self.speed_var += acceleration * acceleration * seconds

    def correct(self, measured: float, deviation: float) -> None:
        """Take in a measurement with this standard deviation."""
        total = self.var + deviation * deviation
        gain, speed_gain = self.var / total, self.cov / total
        off = measured - self.at
        self.at += gain * off
        self.speed += speed_gain * off
        self.speed_var -= speed_gain * self.cov
        self.cov *= 1 - gain
        self.var *= 1 - gain


class BoxFilter:
    """A box with speed. `aspect` is the picture's width / height, so that both axes have one unit."""

    def __init__(self, box: Box, aspect: float) -> None:
        self._aspect = aspect
        height = max(box.height, 1e-6)
        spread, speed = (2 * MEASURE * height) ** 2, (FIRST_SPEED * height) ** 2
        size_speed = (FIRST_SIZE_SPEED * height) ** 2
        centre = box.centre
        self._x = Filter(centre.x * aspect, 0.0, spread, 0.0, speed)
        self._y = Filter(centre.y, 0.0, spread, 0.0, speed)
        self._w = Filter(box.width * aspect, 0.0, spread, 0.0, size_speed)
        self._h = Filter(box.height, 0.0, spread, 0.0, size_speed)

    def predict(self, seconds: float) -> None:
        """Where the box is `seconds` later."""
        height = max(self._h.at, 1e-6)
        for place in (self._x, self._y):
            place.predict(seconds, DRIFT * height, ACCELERATION * height)
        for size in (self._w, self._h):
            size.predict(seconds, DRIFT * height, SIZE_ACCELERATION * height)
            size.at = max(size.at, 1e-3)

    def correct(self, box: Box, trust: float) -> None:
        """Take in a detection; `trust` 0..1 makes unsure ones count less (as in StrongSORT's NSA filter)."""
        deviation = MEASURE * max(self._h.at, 1e-6) * (2.0 - trust)
        centre = box.centre
        self._x.correct(centre.x * self._aspect, deviation)
        self._y.correct(centre.y, deviation)
        self._w.correct(box.width * self._aspect, deviation)
        self._h.correct(box.height, deviation)
        for size in (self._w, self._h):
            size.at = max(size.at, 1e-3)

    def brake(self, keep: float) -> None:
        """Nothing confirms the speed: keep this share of it, and none of the growth."""
        self._x.speed *= keep
        self._y.speed *= keep
        self._w.speed = self._h.speed = 0.0

    def ahead(self, seconds: float) -> Box:
        """The box as it will be in `seconds`, 0..1 of the picture (may reach over the edge). Changes nothing."""
        x = (self._x.at + self._x.speed * seconds) / self._aspect
        y = self._y.at + self._y.speed * seconds
        half_w, half_h = self._w.at / self._aspect / 2, self._h.at / 2
        return Box(x - half_w, y - half_h, x + half_w, y + half_h)

    @property
    def box(self) -> Box:
        """The box now."""
        return self.ahead(0.0)
