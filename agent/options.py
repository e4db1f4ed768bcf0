"""Numbers that options of a command line take. Needs no package, as the ward's authority has none of the agent's."""

import argparse
from collections.abc import Callable

from agent.i18n import Text


def number(low: float, high: float, like: str, *, whole: bool = False) -> Callable[[str], float]:
    """A `type` for an option that takes a number from `low` to `high`; nan and inf are none."""

    def read(word: str) -> float:
        try:
            value = int(word) if whole else float(word)
        except ValueError:
            value = low - 1
        if low <= value <= high:
            return value
        kind = Text(en="whole number", vi="số nguyên") if whole else Text(en="number", vi="số")
        told = Text(
            en=f"write a {kind.en} from {low:g} to {high:g}, like {like}, not {word!r}",
            vi=f"hãy ghi một {kind.vi} từ {low:g} đến {high:g}, ví dụ {like}, không phải {word!r}",
        )
        raise argparse.ArgumentTypeError(str(told))

    return read
