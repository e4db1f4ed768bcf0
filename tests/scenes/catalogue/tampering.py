"""What people do to cameras, and what only looks like it."""

from agent.values import ViewState
from tests.scenes.catalogue.disturbances import visitors
from tests.scenes.values import Actor, Disturbance, Scene, ViewSpan, Way

BEGINS_S, ENDS_S, LENGTH_S = 12.0, 32.0, 45.0


def _tamper(kind: str, light: str, state: ViewState, seed: int, begins_s: float = BEGINS_S) -> Scene:
    what = Disturbance(kind, BEGINS_S, ENDS_S)
    span = ViewSpan(state, begins_s, ENDS_S)
    passer = visitors(seed)[0]
    return Scene(f"tamper-{kind}-{light}", "tamper", seed, LENGTH_S, "yard", light, (passer,), what, (span,))


TAMPER = (
    _tamper("cover-bag", "day", ViewState.COVERED, 301),
    _tamper("cover-bag", "night", ViewState.COVERED, 302),
    _tamper("cover-hand", "day", ViewState.COVERED, 303),
    _tamper("cover-slow", "day", ViewState.COVERED, 304, BEGINS_S + 5.0),  # paint needs six seconds to cover all
    _tamper("turn", "day", ViewState.MOVED, 305),
    _tamper("turn", "night", ViewState.MOVED, 306),
    _tamper("defocus", "day", ViewState.BLURRED, 307),
    _tamper("defocus", "night", ViewState.BLURRED, 308),
    _tamper("blind", "day", ViewState.BLINDED, 309),
    _tamper("blind", "night", ViewState.BLINDED, 310),
    _tamper("dark", "day", ViewState.DARK, 311),
    _tamper("dark", "night", ViewState.DARK, 312),
)

# Crosses within six seconds; then one stands before the lens for eight.
_BUS = (
    Actor("bus", "bus", (Way(8.0, -0.95, 1.16), Way(14.0, 1.95, 1.16)), 2.0),
    Actor(
        "bus-waits",
        "bus",
        (Way(20.0, -0.95, 1.16), Way(23.0, 0.5, 1.16), Way(31.0, 0.5, 1.16), Way(34.0, 1.95, 1.16)),
        2.0,
    ),
)

BENIGN = (
    Scene("bus-day", "benign", 401, 45.0, "yard", "day", _BUS),
    Scene("bus-night", "benign", 402, 45.0, "yard", "night", _BUS),
    Scene("dusk", "benign", 403, 90.0, "yard", "day", visitors(403), Disturbance("dusk")),
    Scene("lamp-off-night", "benign", 404, 40.0, "yard", "night", visitors(404), Disturbance("lamp-off", 12.0)),
    Scene("headlights-benign", "benign", 405, 60.0, "street", "night", visitors(405), Disturbance("headlights")),
    Scene("crowded-day", "benign", 406, 32.0, "street", "day", (*visitors(406), *visitors(407)), Disturbance()),
)
