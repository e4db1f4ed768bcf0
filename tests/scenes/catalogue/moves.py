"""Ways that actors go, and when they are inside a zone or over a line: so that the truth follows from the script."""

import random
from collections.abc import Callable

from tests.scenes.script import place
from tests.scenes.values import Actor, Way

STEP_S = 0.02
Corners = list[list[float]]
Holds = Callable[[float, float], bool]


def passes(at_s: float, took_s: float, start: tuple[float, float], end: tuple[float, float]) -> tuple[Way, ...]:
    """Straight through, even."""
    return Way(at_s, *start), Way(at_s + took_s, *end)


def visits(come: tuple[Way, ...], stay_s: float, go_s: float, end: tuple[float, float]) -> tuple[Way, ...]:
    """Comes, stands for `stay_s`, goes within `go_s`."""
    last = come[-1]
    left_s = last.at_s + stay_s
    return *come, Way(left_s, last.x, last.y), Way(left_s + go_s, *end)


def wanders(at_s: float, until_s: float, centre: tuple[float, float], seed: int) -> tuple[Way, ...]:
    """To and fro around a place, a few steps and a stop at a time."""
    chance = random.Random(seed)
    ways, now = [Way(at_s, *centre)], at_s
    while now < until_s - 3:
        x, y = centre[0] + chance.uniform(-0.09, 0.09), centre[1] + chance.uniform(-0.07, 0.07)
        took = max(abs(x - ways[-1].x), 1.5 * abs(y - ways[-1].y)) / 0.06 + 0.3
        now += took
        ways.append(Way(now, x, y))
        now += chance.uniform(0.4, 1.2)
        ways.append(Way(now, x, y))
    return *ways, Way(max(until_s, now + 0.1), ways[-1].x, ways[-1].y)


def scuffles(at_s: float, until_s: float, centre: tuple[float, float], seed: int) -> tuple[Way, ...]:
    """Quick steps forwards, backwards and aside, with no pause: what two who fight do."""
    chance = random.Random(seed)
    ways, now = [Way(at_s, *centre)], at_s
    while now < until_s:
        now += chance.uniform(0.2, 0.4)
        ways.append(Way(now, centre[0] + chance.uniform(-0.055, 0.055), centre[1] + chance.uniform(-0.04, 0.04)))
    return tuple(ways)


def inside(actor: Actor, corners: Corners) -> list[tuple[float, float]]:
    """When its foot is in the zone: from, to."""
    return _spans(actor, lambda x, y: _within(x, y, corners))


def crossings(actor: Actor, line: Corners) -> list[float]:
    """When its foot passes from one side of the line to the other, between the line's ends."""
    (x1, y1), (x2, y2) = line
    times: list[float] = []
    before: tuple[float, float] | None = None
    at_s = actor.way[0].at_s
    while at_s <= actor.way[-1].at_s:
        spot = place(actor, at_s)
        if spot and before:
            sides = [(x2 - x1) * (y - y1) - (y2 - y1) * (x - x1) for x, y in (before, spot)]
            along = ((spot[0] - x1) * (x2 - x1) + (spot[1] - y1) * (y2 - y1)) / ((x2 - x1) ** 2 + (y2 - y1) ** 2)
            if sides[0] * sides[1] < 0 and 0 <= along <= 1:
                times.append(round(at_s, 2))
        before, at_s = spot, at_s + STEP_S
    return times


def _spans(actor: Actor, holds: Holds) -> list[tuple[float, float]]:
    spans: list[tuple[float, float]] = []
    at_s, began = actor.way[0].at_s, None
    while at_s <= actor.way[-1].at_s:
        spot = place(actor, at_s)
        if spot and holds(*spot):
            began = at_s if began is None else began
        elif began is not None:
            spans.append((round(began, 2), round(at_s, 2)))
            began = None
        at_s += STEP_S
    if began is not None:
        spans.append((round(began, 2), round(actor.way[-1].at_s, 2)))
    return spans


def _within(x: float, y: float, corners: Corners) -> bool:
    odd = False
    for (x1, y1), (x2, y2) in zip(corners, corners[1:] + corners[:1], strict=True):
        if (y1 > y) != (y2 > y) and x < x1 + (y - y1) / (y2 - y1) * (x2 - x1):
            odd = not odd
    return odd
