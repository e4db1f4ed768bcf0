"""Scenes for the rules about what lies, stands or is gone, and about the camera's own view."""

from agent.values import ViewState
from tests.scenes.catalogue.moves import inside, passes, visits
from tests.scenes.catalogue.rules import PLAZA, zone
from tests.scenes.values import Actor, Disturbance, Scene, TrueEvent, ViewSpan, Way

ENDS_S = 99.0  # stays: longer than any scene


def _bring(thing: str, look: str, carrier: str, drop_s: float, light: str, seed: int) -> tuple[Actor, ...]:
    """Somebody carries a thing in from the right, puts it down at `drop_s`, and leaves without it."""
    spot, start = (0.68, 0.62), (1.08, 0.55)
    come = (Way(drop_s - 4.0, *start), Way(drop_s, *spot))
    beside = 0.045
    carried = (Way(come[0].at_s, start[0] - beside, start[1]), Way(drop_s, spot[0] - beside, spot[1] + 0.01))
    return (
        Actor("bringer", carrier, visits(come, 1.5, 4.5, (1.08, 0.72))),
        Actor(thing, look, (*carried, Way(ENDS_S, spot[0] - beside, spot[1] + 0.01))),
    )


def _dumping(look: str, light: str, seed: int) -> Scene:
    actors = _bring("thing", look, "person-jeans", 8.0, light, seed)
    gone_s = inside(actors[0], PLAZA)[-1][1]
    events = (TrueEvent("dumping", 8.0, gone_s + 8, 38.0, ("thing", "bringer")),)
    camera = zone(PLAZA, rule="dumping", after="8s")
    return Scene(f"dumping-{look}-{light}", "rules", seed, 38.0, "yard", light, actors, events=events, camera=camera)


def _dumping_from_car() -> Scene:
    come = (Way(4.0, 1.2, 0.7), Way(7.0, 0.72, 0.6))
    actors = (
        Actor("van", "car-silver", visits(come, 6.0, 3.0, (-0.2, 0.44))),
        Actor(
            "driver",
            "person-brown",
            (Way(9.0, 0.83, 0.66), Way(10.0, 0.86, 0.72), Way(12.0, 0.86, 0.72), Way(13.0, 0.83, 0.64)),
        ),
        Actor("heap", "heap", (Way(11.0, 0.88, 0.74), Way(ENDS_S, 0.88, 0.74))),
    )
    gone_s = inside(actors[0], PLAZA)[-1][1]
    events = (TrueEvent("dumping", 11.0, gone_s + 8, 40.0, ("heap", "van", "driver")),)
    camera = zone(PLAZA, rule="dumping", after="8s")
    return Scene("dumping-from-car", "rules", 523, 40.0, "yard", "day", actors, events=events, camera=camera)


def _no_dumping() -> Scene:
    come = (Way(4.0, 1.08, 0.55), Way(8.0, 0.68, 0.62))
    bag = (Way(4.0, 1.035, 0.56), Way(8.0, 0.635, 0.63), Way(20.0, 0.635, 0.63), Way(24.5, 1.06, 0.73))
    actors = (Actor("owner", "person-jeans", visits(come, 12.0, 4.5, (1.1, 0.72))), Actor("bag", "bag", bag))
    camera = zone(PLAZA, rule="dumping", after="8s")
    return Scene("dumping-picked-up", "rules", 524, 36.0, "yard", "day", actors, camera=camera)


def _encroachment(look: str, seed: int) -> Scene:
    spot = (0.74, 0.58)
    thing = (Way(4.0, 1.2, 0.52), Way(9.0, *spot), Way(ENDS_S, *spot))
    pusher = visits((Way(4.0, 1.3, 0.52), Way(9.0, spot[0] + 0.1, spot[1])), 1.5, 4.0, (1.1, 0.75))
    actors = (
        Actor("thing", look, thing),
        Actor("pusher", "person-black", pusher),
        Actor("passer", "person-red", passes(18.0, 7.0, (-0.05, 0.36), (1.05, 0.8))),
    )
    events = (TrueEvent("encroachment", 9.0, 21.0, 36.0, ("thing",)),)
    camera = zone(PLAZA, rule="encroachment", after="12s")
    return Scene(f"encroachment-{look}", "rules", seed, 36.0, "yard", "day", actors, events=events, camera=camera)


def _removed_car() -> Scene:
    actors = (
        Actor("car", "car-white", (Way(0.0, 0.7, 0.58), Way(24.0, 0.7, 0.58), Way(28.0, 1.2, 0.75))),
        Actor(
            "thief",
            "person-cap",
            (Way(14.0, -0.05, 0.4), Way(21.0, 0.6, 0.6), Way(23.0, 0.62, 0.6), Way(23.5, 0.65, 0.59)),
        ),
    )
    events = (TrueEvent("object_removed", 24.0, 24.0, 36.0, ("car", "thief")),)
    camera = zone(PLAZA, rule="object_removed", stood="10s")
    return Scene("object-removed-car", "rules", 527, 36.0, "yard", "day", actors, events=events, camera=camera)


def _removed_box(light: str, seed: int) -> Scene:
    spot = (0.72, 0.6)
    box = (Way(0.0, *spot), Way(21.0, *spot), Way(26.0, 1.05, 0.75))
    actors = (
        Actor("box", "box", box),
        Actor("thief", "person-paper", visits((Way(14.0, -0.05, 0.4), Way(20.0, 0.67, 0.595)), 1.0, 5.0, (1.0, 0.745))),
        Actor("passer", "person-red", passes(5.0, 7.0, (-0.05, 0.36), (1.05, 0.8))),
    )
    events = (TrueEvent("object_removed", 21.0, 21.0, 40.0, ("box", "thief")),)
    camera = zone(PLAZA, rule="object_removed", stood="10s")
    return Scene(
        f"object-removed-box-{light}", "rules", seed, 40.0, "yard", light, actors, events=events, camera=camera
    )


def _tamper(kind: str, state: ViewState, seed: int) -> Scene:
    passer = Actor("passer", "person-jeans", passes(3.0, 6.5, (-0.05, 0.33), (1.05, 0.5)))
    view = (ViewSpan(state, 12.0, 30.0),)
    events = (TrueEvent("tamper", 12.0, 17.0, 30.0),)
    camera = {"rules": [{"rule": "tamper", "after": "5s"}]}
    what = Disturbance(kind, 12.0, 30.0)
    return Scene(f"tamper-{kind}", "rules", seed, 42.0, "yard", "day", (passer,), what, view, events, camera)


THINGS = (
    _dumping("bag", "day", 521),
    _dumping("bag", "night", 522),
    _dumping_from_car(),
    _no_dumping(),
    _encroachment("stall", 525),
    _encroachment("box", 526),
    _removed_car(),
    _removed_box("day", 528),
    _removed_box("night", 529),
    _tamper("cover-hand", ViewState.COVERED, 530),
    _tamper("turn", ViewState.MOVED, 531),
)
