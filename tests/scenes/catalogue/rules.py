"""Scenes for the rules about people and vehicles, with the camera's zones and rules and the events that must come.

Times of waiting (`after`) are short, so that a scene takes well under a minute.
"""

from typing import Any

from tests.scenes.catalogue.moves import Corners, crossings, inside, passes, scuffles, visits, wanders
from tests.scenes.values import Actor, Scene, TrueEvent, Way

PLAZA: Corners = [[0.45, 0.3], [0.99, 0.3], [0.99, 0.97], [0.9, 0.97], [0.5, 0.66]]
LAWN: Corners = [[0.02, 0.45], [0.3, 0.58], [0.58, 0.98], [0.02, 0.98]]
GATE: Corners = [[0.6, 0.2], [0.6, 0.98]]
LANES: Corners = [[0.2, 0.99], [0.75, 0.05], [0.93, 0.05], [0.78, 0.99]]


def zone(corners: Corners, **rule: Any) -> dict[str, Any]:
    """A camera with one zone and one rule about it."""
    return {"zones": {"place": corners}, "rules": [{"zone": "place", **rule}]}


def _intrusion(light: str, seed: int) -> Scene:
    passer = Actor("passer", "person-jeans", passes(3.0, 6.5, (-0.05, 0.33), (1.05, 0.5)))
    intruder = Actor(
        "intruder",
        "person-paper",
        (Way(12.0, -0.05, 0.36), Way(15.0, 0.22, 0.4), Way(19.0, 0.26, 0.85), Way(23.0, 0.85, 0.9)),
    )
    events = tuple(TrueEvent("intrusion", began, began, to, ("intruder",)) for began, to in inside(intruder, LAWN))
    return Scene(
        f"intrusion-{light}",
        "rules",
        seed,
        27.0,
        "yard",
        light,
        (passer, intruder),
        events=events,
        camera=zone(LAWN, rule="intrusion"),
    )


def _line_crossing() -> Scene:
    actors = (
        Actor("to-the-right", "person-black", passes(4.0, 7.0, (-0.05, 0.38), (1.05, 0.62))),
        Actor("to-the-left", "person-red", passes(14.0, 7.5, (1.05, 0.7), (-0.05, 0.4))),
        Actor("turns-back", "person-brown", (Way(19.0, 1.05, 0.5), Way(22.0, 0.7, 0.5), Way(25.0, 1.05, 0.52))),
    )
    events = tuple(
        TrueEvent("line_crossing", at_s, at_s, at_s, (actor.id,)) for actor in actors for at_s in crossings(actor, GATE)
    )
    camera = {"lines": {"gate": GATE}, "rules": [{"rule": "line_crossing", "line": "gate"}]}
    return Scene("line-crossing", "rules", 503, 28.0, "yard", "day", actors, events=events, camera=camera)


def _loitering() -> Scene:
    come = passes(3.0, 4.0, (1.05, 0.45), (0.72, 0.55))
    stay = wanders(7.0, 27.0, (0.72, 0.55), 5)
    actors = (
        Actor("loiterer", "person-leather", (*come[:1], *stay, Way(stay[-1].at_s + 4.5, 1.05, 0.45))),
        Actor("passer", "person-blonde", passes(11.0, 7.5, (1.05, 0.8), (-0.05, 0.4))),
    )
    began, to = inside(actors[0], PLAZA)[0]
    events = (TrueEvent("loitering", began, began + 12, to, ("loiterer",)),)
    camera = zone(PLAZA, rule="loitering", after="12s")
    return Scene("loitering", "rules", 504, 35.0, "yard", "day", actors, events=events, camera=camera)


def _crowd() -> Scene:
    looks = ("person-black", "person-jeans", "person-red", "person-paper", "person-leather")
    spots = ((0.56, 0.5), (0.66, 0.56), (0.76, 0.5), (0.86, 0.58), (0.73, 0.7))
    actors = []
    for index, (look, spot) in enumerate(zip(looks, spots, strict=True)):
        start = (1.05, spot[1] - 0.05)
        took = 0.6 + (start[0] - spot[0]) / 0.14
        come = passes(3.0 + 1.2 * index, took, start, spot)
        until = 24.0 + 0.8 * index
        actors.append(Actor(f"one-{index + 1}", look, visits(come, until - come[-1].at_s, took, start)))
    spans = sorted(span for actor in actors for span in inside(actor, PLAZA))
    began, to = sorted(span[0] for span in spans)[3], sorted((span[1] for span in spans), reverse=True)[3]
    events = (TrueEvent("crowd", began, began + 6, to, tuple(actor.id for actor in actors)),)
    camera = zone(PLAZA, rule="crowd", count=4, after="6s")
    return Scene("crowd", "rules", 505, 36.0, "yard", "day", tuple(actors), events=events, camera=camera)


def _parking(light: str, seed: int) -> Scene:
    come = (Way(10.0, -0.15, 0.42), Way(14.0, 0.68, 0.58))
    actors = (
        Actor("passes", "car-silver", passes(3.0, 4.5, (-0.15, 0.42), (1.2, 0.72))),
        Actor("parks", "car-white" if light == "day" else "car-light", visits(come, 18.0, 3.0, (1.2, 0.72))),
        Actor("walker", "person-jeans", passes(17.0, 8.0, (1.05, 0.9), (-0.05, 0.36))),
    )
    events = (TrueEvent("parking", 14.0, 24.0, 32.2, ("parks",)),)
    camera = zone(PLAZA, rule="parking", after="10s")
    return Scene(f"parking-{light}", "rules", seed, 38.0, "yard", light, actors, events=events, camera=camera)


def _wrong_way() -> Scene:
    actors = (
        Actor("right-1", "car-silver", passes(3.0, 4.0, (-0.15, 0.42), (1.2, 0.72))),
        Actor("right-2", "car-light", passes(8.5, 4.5, (-0.15, 0.42), (1.2, 0.7))),
        Actor("wrong", "car-white", passes(15.0, 6.0, (1.2, 0.7), (-0.15, 0.42))),
    )
    began, to = inside(actors[2], PLAZA)[0]
    events = (TrueEvent("wrong_way", began, began + 1, to, ("wrong",)),)
    camera = zone(PLAZA, rule="wrong_way", direction=[[0.45, 0.5], [0.95, 0.65]])
    return Scene("wrong-way", "rules", 508, 24.0, "yard", "day", actors, events=events, camera=camera)


def _congestion() -> Scene:
    looks = ("car-white", "car-light", "car-white", "car-light", "car-silver", "car-white")
    stops = ((0.78, 0.3), (0.665, 0.31), (0.71, 0.52), (0.57, 0.53), (0.64, 0.76), (0.46, 0.77))
    flow = [
        Actor("free-1", "car-grey", passes(2.0, 4.0, (0.45, 1.25), (0.82, 0.05))),
        Actor("free-2", "car-white", passes(5.0, 4.0, (0.3, 1.25), (0.77, 0.05))),
    ]
    jam = []
    for index, (look, stop) in enumerate(zip(looks, stops, strict=True)):
        start = (stop[0] - 0.14, 1.3) if index % 2 == 0 else (stop[0] - 0.2, 1.3)
        come = (Way(9.0 + 1.3 * index, *start), Way(12.0 + 1.3 * index, *stop))
        jam.append(
            Actor(
                f"jam-{index + 1}", look, visits(come, 20.0 - 0.5 * index, 3.0, (0.83 + 0.02 * (index % 2 == 0), 0.03))
            )
        )
    began = jam[3].way[1].at_s  # the fourth stands
    to = sorted(actor.way[2].at_s for actor in jam)[-4]
    events = (TrueEvent("congestion", began, began + 8, to, tuple(actor.id for actor in jam)),)
    camera = zone(LANES, rule="congestion", count=4, after="8s")
    return Scene("congestion", "rules", 509, 44.0, "road", "day", (*flow, *jam), events=events, camera=camera)


def _collision(meets: bool) -> Scene:
    first, second = (0.6, 0.6), (0.73, 0.605)
    if meets:
        come = (Way(5.0, -0.2, 0.42), Way(9.0, *first))
        came = (Way(5.5, 1.25, 0.75), Way(9.0, *second))
        actors = (
            Actor("one", "car-white", visits(come, 40.0, 1.0, first)),
            Actor("other", "car-silver", visits(came, 40.0, 1.0, second)),
            Actor(
                "helper", "person-jeans", visits(passes(14.0, 5.0, (1.05, 0.85), (0.82, 0.72)), 30.0, 1.0, (0.82, 0.72))
            ),
        )
        events: tuple[TrueEvent, ...] = (TrueEvent("collision", 9.0, 17.0, 30.0, ("one", "other")),)
    else:
        actors = (
            Actor("one", "car-white", passes(5.0, 5.0, (-0.2, 0.42), (1.25, 0.66))),
            Actor("other", "car-silver", passes(5.5, 5.0, (1.25, 0.9), (-0.2, 0.52))),
            Actor("third", "car-light", visits((Way(14.0, 1.25, 0.75), Way(18.0, 0.7, 0.6)), 8.0, 3.0, (-0.2, 0.42))),
        )
        events = ()
    camera = zone(PLAZA, rule="collision", after="8s")
    name = "collision" if meets else "collision-passing"
    return Scene(name, "rules", 510 if meets else 511, 30.0, "yard", "day", actors, events=events, camera=camera)


def _fight(fights: bool) -> Scene:
    actors = []
    for index, (look, spot, side) in enumerate(
        (
            ("person-leather", (0.64, 0.62), 1.05),
            ("person-sports", (0.72, 0.64), 1.05),
            ("person-red", (0.68, 0.7), 1.05),
        )
    ):
        come = passes(3.0 + 0.6 * index, 4.0, (side, 0.6), spot)
        at_s = come[-1].at_s
        stay = scuffles(at_s, 18.0, spot, 40 + index) if fights else (Way(18.0, *spot),)
        # Who talks or fights looks at the other.
        leave = Way(22.0 + 0.5 * index, side, 0.62)
        actors.append(Actor(f"one-{index + 1}", look, (*come, *stay, leave), towards=1 if index == 0 else -1))
    events = (TrueEvent("fight", 8.2, 11.2, 18.2, ("one-1", "one-2", "one-3")),) if fights else ()
    camera = zone(PLAZA, rule="fight", after="3s")
    name = "fight" if fights else "fight-talking"
    return Scene(
        name, "rules", 512 if fights else 513, 26.0, "yard", "day", tuple(actors), events=events, camera=camera
    )


TRAFFIC = (
    _intrusion("day", 501),
    _intrusion("night", 502),
    _line_crossing(),
    _loitering(),
    _crowd(),
    _parking("day", 506),
    _parking("night", 507),
    _wrong_way(),
    _congestion(),
    _collision(True),
    _collision(False),
    _fight(True),
    _fight(False),
)
