"""How much of its inferences a node may make: less when the board is hot or has more to do than it can.

Steps down quickly and up slowly, with a gap between the two thresholds, so that it does not swing. Time is handed in.
A Raspberry Pi slows all of itself down from 80 °C on; stepping back before that keeps footage at full speed.
"""

from agent.contract.health import BoardHealth

STEPS = (1.0, 0.7, 0.5, 0.35, 0.25)
WARM_C, COOL_C = 75.0, 70.0
BUSY, FREE = 1.5, 1.0  # load over one minute, per core; 1 is a machine that is just full
DOWN_S, UP_S = 20.0, 60.0  # between two steps


class Pace:
    """The share of the configured rate that may be spent. `cores` of the machine."""

    def __init__(self, cores: int) -> None:
        self._cores = max(cores, 1)
        self._step = 0
        self._stepped_s: float | None = None

    def update(self, now_s: float, board: BoardHealth) -> float:
        """The share after a look at the board; what it cannot measure holds nothing back."""
        since_s = float("inf") if self._stepped_s is None else now_s - self._stepped_s
        temp_c = COOL_C - 1.0 if board.temp_c is None else board.temp_c
        load = 0.0 if board.load is None else board.load / self._cores
        if (temp_c >= WARM_C or load >= BUSY) and since_s >= DOWN_S:
            self._go(now_s, min(self._step + 1, len(STEPS) - 1))
        elif temp_c < COOL_C and load < FREE and since_s >= UP_S:
            self._go(now_s, max(self._step - 1, 0))
        return STEPS[self._step]

    def _go(self, now_s: float, step: int) -> None:
        if step != self._step:
            self._step, self._stepped_s = step, now_s
