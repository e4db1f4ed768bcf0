"""One disturbance each: with people who come and go (what must be found), and with nobody (what must not)."""

import random
from collections.abc import Iterator

from tests.scenes.values import Actor, Disturbance, Scene, Way

LENGTH_S, QUIET_S = 32.0, 60.0
WALKERS = ("person-black", "person-jeans", "person-brown", "person-paper", "person-red", "person-cap")

# Kind, when it makes sense, from when to when it goes on (None: always).
KINDS: tuple[tuple[str, tuple[str, ...], tuple[float, float] | None], ...] = (
    ("none", ("day", "night"), None),
    ("rain", ("day", "night"), None),
    ("insects", ("day", "night"), None),
    ("web", ("day", "night"), None),
    ("trees", ("day", "night"), None),
    ("clouds", ("day",), None),
    ("tree-shade", ("day",), None),
    ("headlights", ("night",), None),
    ("lamp", ("night",), None),
    ("exposure", ("day", "night"), None),
    ("noise", ("day", "night"), None),
    ("shake", ("day", "night"), None),
    ("ir-switch", ("day",), (13.0, 24.0)),
)


def visitors(seed: int) -> tuple[Actor, ...]:
    """Somebody walks across, somebody runs, two walk and one of them waits: three visits with pauses between."""
    chance = random.Random(seed)
    first, second, third, fourth = chance.sample(WALKERS, 4)
    left = chance.random() < 0.5
    ends = (-0.06, 1.06) if left else (1.06, -0.06)
    far, near, middle = chance.uniform(0.36, 0.42), chance.uniform(0.72, 0.95), chance.uniform(0.5, 0.62)
    at = [4 + chance.uniform(0, 1), 15.5 + chance.uniform(0, 1), 22 + chance.uniform(0, 0.8)]
    return (
        Actor("walker", first, (Way(at[0], ends[0], far), Way(at[0] + 7.5, ends[1], middle))),
        Actor("runner", second, (Way(at[1], ends[1], near), Way(at[1] + 2.6, ends[0], near - 0.1))),
        Actor("pair-1", third, (Way(at[2], ends[0], middle), Way(at[2] + 7.5, ends[1], near))),
        Actor(
            "pair-2",
            fourth,
            (
                Way(at[2] + 0.4, ends[0], middle - 0.06),
                Way(at[2] + 3.4, 0.5, middle + 0.05),
                Way(at[2] + 5.4, 0.5, middle + 0.05),
                Way(at[2] + 8.6, ends[1], near - 0.1),
            ),
        ),
    )


def _motion() -> Iterator[Scene]:
    seed = 100
    for kind, lights, span in KINDS:
        for light in lights:
            seed += 1
            what = Disturbance(kind, *span) if span else Disturbance(kind)
            actors = visitors(seed)
            yield Scene(f"{kind}-{light}", "motion", seed, LENGTH_S, "yard", light, actors, what)
    yield Scene("road-day", "motion", 140, LENGTH_S, "road", "day", _traffic())
    yield Scene("lot-day", "motion", 141, LENGTH_S, "lot", "day", _parkers())


def _quiet() -> Iterator[Scene]:
    seed = 200
    for kind, lights, span in KINDS:
        for light in lights:
            seed += 1
            what = Disturbance(kind, span[0], 3 * span[1]) if span else Disturbance(kind)
            plate = "road" if seed % 3 == 0 else "yard"
            yield Scene(f"{kind}-{light}-quiet", "quiet", seed, QUIET_S, plate, light, (), what)


def _traffic() -> tuple[Actor, ...]:
    # Away from the camera in the right half, as on the clip itself.
    return (
        Actor("white", "car-white", (Way(4.0, 0.28, 1.2), Way(7.5, 0.88, 0.06))),
        Actor("red", "car-red", (Way(13.0, 0.55, 1.2), Way(17.0, 0.91, 0.06))),
        Actor("truck", "truck-white", (Way(21.0, 0.6, 1.5), Way(27.0, 0.91, 0.1))),
        Actor("cyclist", "cyclist", (Way(20.0, 0.8, 1.2), Way(31.0, 0.93, 0.25))),
    )


def _parkers() -> tuple[Actor, ...]:
    return (
        Actor("white", "lot-white", (Way(4.0, 0.5, 1.6), Way(8.0, 0.56, -0.1))),
        Actor(
            "red", "lot-red", (Way(13.0, 0.3, 1.6), Way(16.0, 0.3, 0.75), Way(22.0, 0.3, 0.75), Way(26.0, 0.3, -0.1))
        ),
    )


MOTION, QUIET = tuple(_motion()), tuple(_quiet())
