"""Further scenes for the rules that are hardest to get right: fights, collisions, jams, and what only looks like them.

Who hugs, runs past or talks does not fight; who overtakes, queues or stops for somebody does not collide; a queue that
flows is no jam. Ways and seeds are others than those on which the rules were made.
"""

import math

from tests.scenes.catalogue.moves import passes, scuffles, visits
from tests.scenes.catalogue.rules import LANES, PLAZA, zone
from tests.scenes.values import Actor, Scene, TrueEvent, Way

Spot = tuple[float, float]
RIGHT, LEFT = ((0.5, 1.25), (0.83, 0.04)), ((0.3, 1.25), (0.77, 0.04))  # lanes
LOOKS = ("car-white", "car-light", "car-silver")


def brakes(at_s: float, took_s: float, start: Spot, stop: Spot, over_s: float) -> tuple[Way, ...]:
    """Comes evenly and slows down evenly within the last `over_s`, as drivers do."""
    even_s = took_s - over_s
    whole = even_s + over_s / 2  # seconds that the way takes at full speed
    parts = [min(even_s + share * over_s, took_s) for share in (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)]
    ways = [Way(at_s, *start)]
    for at in parts:
        slowing = at - even_s
        gone = (even_s + slowing - slowing**2 / (2 * over_s)) / whole
        ways.append(Way(at_s + at, start[0] + gone * (stop[0] - start[0]), start[1] + gone * (stop[1] - start[1])))
    return tuple(ways)


def flows(at_s: float, start: Spot, end: Spot, speed: float) -> tuple[Way, ...]:
    """Drives away on the road at `speed` of its own lengths a second, at whatever distance it is."""
    ways, y, now = [Way(at_s, *start)], start[1], at_s
    while y > end[1]:
        y -= speed * (0.13 + 0.14 * max(y - 0.1, 0.0)) * 0.5
        now += 0.5
        share = (start[1] - max(y, end[1])) / (start[1] - end[1])
        ways.append(Way(now, start[0] + share * (end[0] - start[0]), max(y, end[1])))
    return tuple(ways)


def _fight(name: str, seed: int, people: tuple[Actor, ...], told: tuple[float, float] | None, light: str) -> Scene:
    who = tuple(actor.id for actor in people)
    events = (TrueEvent("fight", told[0], told[0] + 3.0, told[1], who),) if told else ()
    camera = zone(PLAZA, rule="fight", after="3s")
    return Scene(name, "rules", seed, 26.0, "yard", light, people, events=events, camera=camera)


def _two_fight(name: str, seed: int, light: str, spots: tuple[Spot, Spot], looks: tuple[str, str]) -> Scene:
    people = []
    for index, (look, spot) in enumerate(zip(looks, spots, strict=True)):
        come = passes(3.0 + index, 3.0, (1.05, 0.55 + 0.1 * index), spot)
        talk_s = 8.0  # they talk first
        stay = scuffles(talk_s, 18.0, spot, seed + index)
        leave = Way(22.0 + index, 1.05, 0.6)
        people.append(Actor(f"one-{index + 1}", look, (*come, *stay, leave), towards=1 if index == 0 else -1))
    return _fight(name, seed, tuple(people), (8.2, 18.2), light)


def _hug() -> Scene:
    # They meet, hold each other and sway a little, and go on together.
    def sways(spot: Spot) -> tuple[Way, ...]:
        return tuple(Way(7.0 + 0.5 * i, spot[0] + 0.006 * math.sin(1.7 * i), spot[1]) for i in range(20))

    left, right = (0.66, 0.62), (0.69, 0.625)
    people = (
        Actor("one", "person-jeans", (Way(3.0, -0.05, 0.4), *sways(left), Way(22.0, 1.05, 0.62)), towards=1),
        Actor("other", "person-red", (Way(3.5, 1.05, 0.65), *sways(right), Way(22.2, 1.05, 0.66)), towards=-1),
        Actor("passer", "person-paper", passes(9.0, 7.0, (-0.05, 0.42), (1.05, 0.75))),
    )
    return _fight("fight-hug", 543, people, None, "day")


def _run_past() -> Scene:
    # Three run one after the other, one comes the other way right between them, and two stand beside it.
    people = (
        *(
            Actor(
                f"runner-{i + 1}",
                look,
                passes(7.0 + 0.5 * i, 3.2, (-0.05, 0.5 + 0.04 * i), (1.05, 0.66 + 0.04 * i)),
            )
            for i, look in enumerate(("person-black", "person-leather", "person-sports"))
        ),
        Actor("against", "person-cap", passes(7.5, 3.4, (1.05, 0.62), (-0.05, 0.48))),
        *(
            Actor(f"stands-{i + 1}", look, visits(passes(2.5, 3.0, (1.05, 0.8), spot), 12.0, 3.0, (1.05, 0.8)))
            for i, (look, spot) in enumerate((("person-jeans", (0.72, 0.72)), ("person-blonde", (0.78, 0.74))))
        ),
        Actor("back", "person-black", passes(14.0, 3.0, (1.05, 0.7), (-0.05, 0.5))),
    )
    return _fight("fight-running-past", 544, people, None, "day")


def _stroll() -> Scene:
    # Four stand close, change places and wander about slowly: a queue at a stall.
    spots = ((0.6, 0.58), (0.66, 0.6), (0.72, 0.63), (0.78, 0.66))
    looks = ("person-paper", "person-cap", "person-red", "person-brown")
    people = []
    for index, look in enumerate(looks):
        ways = list(passes(2.5 + 0.7 * index, 3.5, (1.05, 0.7), spots[index]))
        for turn in range(1, 4):  # each moves up one place, the first goes to the end
            spot = spots[(index - turn) % 4]
            ways += [Way(5.5 + 4.0 * turn, *spots[(index - turn + 1) % 4]), Way(7.5 + 4.0 * turn, *spot)]
        people.append(Actor(f"one-{index + 1}", look, (*ways, Way(25.0, 1.05, 0.7))))
    return _fight("fight-queue", 545, tuple(people), None, "day")


def _collision(name: str, seed: int, actors: tuple[Actor, ...], told: TrueEvent | None, light: str = "day") -> Scene:
    camera = zone(PLAZA, rule="collision", after="8s")
    events = (told,) if told else ()
    return Scene(name, "rules", seed, 32.0, "yard", light, actors, events=events, camera=camera)


def _hits_walker() -> Scene:
    # He is hit while he crosses, stays where he is, and people come. Nobody told the driver to brake before.
    stop = (0.66, 0.62)
    walker = (Way(4.0, 0.9, 0.95), Way(9.0, 0.755, 0.64), Way(40.0, 0.755, 0.64))
    actors = (
        Actor("walker", "person-red", walker),
        Actor("car", "car-white", visits(passes(6.0, 3.0, (-0.2, 0.45), stop), 40.0, 1.0, stop)),
        *(
            Actor(f"helper-{i + 1}", look, visits(passes(12.0 + i, 4.0, (1.05, 0.8), spot), 30.0, 1.0, spot))
            for i, (look, spot) in enumerate((("person-jeans", (0.84, 0.72)), ("person-paper", (0.8, 0.8))))
        ),
    )
    return _collision("collision-walker", 551, actors, TrueEvent("collision", 9.0, 17.0, 32.0, ("walker", "car")))


def _runs_into(light: str, seed: int) -> Scene:
    # One waits, the other does not see it.
    looks = ("car-white", "car-light")
    actors = (
        Actor("waits", looks[0], visits(brakes(3.0, 4.0, (-0.2, 0.44), (0.78, 0.62), 2.5), 40.0, 1.0, (0.78, 0.62))),
        Actor("hits", looks[1], visits(passes(10.0, 2.5, (-0.2, 0.46), (0.59, 0.6)), 40.0, 1.0, (0.59, 0.6))),
    )
    told = TrueEvent("collision", 12.5, 20.5, 32.0, ("waits", "hits"))
    return _collision(f"collision-rear-{light}", seed, actors, told, light)


def _runs_into_on_the_road() -> Scene:
    # Away from the camera: the one that hits hides the other in part.
    start, stop, hit = (0.57, 1.3), (0.71, 0.5), (0.675, 0.66)
    actors = (
        Actor("waits", "car-light", visits(brakes(3.0, 4.0, start, stop, 2.5), 40.0, 1.0, stop)),
        Actor("hits", "car-silver", visits(passes(10.0, 2.2, start, hit), 40.0, 1.0, hit)),
        Actor("passes", "car-white", passes(14.0, 4.0, (0.3, 1.25), (0.77, 0.04))),
    )
    told = TrueEvent("collision", 12.2, 20.2, 32.0, ("waits", "hits"))
    camera = zone(LANES, rule="collision", after="8s")
    return Scene("collision-road", "rules", 556, 32.0, "road", "day", actors, events=(told,), camera=camera)


def _queues_on_the_road() -> Scene:
    # Four brake behind each other in two lanes, as close, and go on.
    stops = ((0.76, 0.33), (0.71, 0.5), (0.66, 0.68), (0.55, 0.66))
    actors = tuple(
        Actor(
            f"queues-{i + 1}",
            LOOKS[i % 3],
            visits(brakes(3.0 + 2.0 * i, 4.0, (stop[0] - 0.2, 1.3), stop, 1.8), 20.0 - i, 3.0, (0.8, 0.04)),
        )
        for i, stop in enumerate(stops)
    )
    camera = zone(LANES, rule="collision", after="8s")
    return Scene("collision-queue", "rules", 557, 32.0, "road", "day", actors, camera=camera)


def _overtakes() -> Scene:
    # It overtakes closely and cuts in; then both brake for a light, bumper to bumper, and go on.
    slow = brakes(3.0, 8.0, (-0.2, 0.42), (0.62, 0.58), 3.0)
    fast = (Way(5.0, -0.2, 0.5), Way(7.5, 0.5, 0.66), *brakes(7.5, 3.0, (0.5, 0.66), (0.83, 0.64), 2.0)[1:])
    actors = (
        Actor("slow", "car-silver", visits(slow, 9.0, 3.0, (1.25, 0.72))),
        Actor("fast", "car-white", visits(fast, 9.0, 2.0, (1.25, 0.72))),
        Actor("against", "car-light", passes(4.0, 5.0, (1.25, 0.95), (-0.2, 0.6))),
    )
    return _collision("collision-overtaking", 554, actors, None)


def _picks_up() -> Scene:
    # A taxi stops beside who waits for it; another parks right behind it; both go.
    waits = visits(passes(2.5, 4.0, (1.05, 0.75), (0.8, 0.66)), 8.0, 0.5, (0.76, 0.64))
    actors = (
        Actor("waits", "person-jeans", waits),
        Actor("taxi", "car-white", visits(brakes(6.0, 4.5, (-0.2, 0.44), (0.68, 0.61), 1.8), 12.0, 3.0, (1.25, 0.75))),
        Actor(
            "behind", "car-light", visits(brakes(9.0, 5.0, (-0.2, 0.44), (0.48, 0.55), 2.0), 13.0, 3.0, (1.25, 0.75))
        ),
    )
    return _collision("collision-taxi", 555, actors, None)


def _road(name: str, seed: int, actors: tuple[Actor, ...], told: TrueEvent | None, light: str = "day") -> Scene:
    camera = zone(LANES, rule="congestion", count=4, after="8s")
    events = (told,) if told else ()
    return Scene(name, "rules", seed, 44.0, "road", light, actors, events=events, camera=camera)


def _crawl(light: str, seed: int) -> Scene:
    # All creep: a length in seven seconds.
    actors = []
    for index in range(6):
        start, end = (RIGHT, LEFT)[index % 2]
        spot_y = 0.3 + 0.22 * (index // 2)
        share = (start[1] - spot_y) / (start[1] - end[1])
        spot = (start[0] + share * (end[0] - start[0]), spot_y)
        come = brakes(3.0 + 1.5 * index, 3.0, start, spot, 2.0)
        creep = flows(come[-1].at_s, spot, end, 0.14)
        shown = [way for way in creep if way.at_s <= 36.0]
        leave = Way(shown[-1].at_s + 3.0, *end)
        actors.append(Actor(f"creeps-{index + 1}", LOOKS[index % 3], (*come, *shown[1:], leave)))
    told = TrueEvent("congestion", 10.5, 18.5, 28.0, tuple(actor.id for actor in actors))
    return _road(f"congestion-crawl-{light}", seed, tuple(actors), told, light)


def _flowing() -> Scene:
    # A dense queue that flows, at most a length in two seconds: slow, and no jam.
    actors = tuple(
        Actor(f"flows-{i + 1}", LOOKS[i % 3], flows(2.0 + 1.4 * i, *(RIGHT, LEFT)[i % 2], 0.6)) for i in range(18)
    )
    return _road("congestion-flowing", 563, actors, None)


def _light_turns() -> Scene:
    # Five wait at a light for six seconds, and once more.
    actors = []
    for turn in range(2):
        for index in range(5):
            start, end = (RIGHT, LEFT)[index % 2]
            spot_y = 0.3 + 0.22 * (index // 2)
            share = (start[1] - spot_y) / (start[1] - end[1])
            spot = (start[0] + share * (end[0] - start[0]), spot_y)
            come = brakes(3.0 + 20.0 * turn + 0.5 * index, 3.0, start, spot, 2.0)
            leave_s = 13.0 + 20.0 * turn + 0.6 * index
            go = (Way(leave_s, *spot), Way(leave_s + 3.0, *end))
            actors.append(Actor(f"waits-{5 * turn + index + 1}", LOOKS[index % 3], (*come, *go)))
    return _road("congestion-light", 564, tuple(actors), None)


ALIKE = (
    _two_fight("fight-two", 541, "day", ((0.62, 0.6), (0.7, 0.62)), ("person-black", "person-cap")),
    _two_fight("fight-two-night", 542, "night", ((0.7, 0.66), (0.77, 0.69)), ("person-jeans", "person-red")),
    # These four were made after the last change of the rules.
    _two_fight("fight-near", 546, "day", ((0.78, 0.74), (0.86, 0.78)), ("person-paper", "person-brown")),
    _two_fight("fight-far-night", 547, "night", ((0.6, 0.54), (0.66, 0.56)), ("person-leather", "person-blonde")),
    _runs_into_on_the_road(),
    _queues_on_the_road(),
    _hug(),
    _run_past(),
    _stroll(),
    _hits_walker(),
    _runs_into("day", 552),
    _runs_into("night", 553),
    _overtakes(),
    _picks_up(),
    _crawl("day", 561),
    _crawl("night", 562),
    _flowing(),
    _light_turns(),
)
