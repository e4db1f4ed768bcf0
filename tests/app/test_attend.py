"""What vision tells capture of a frame."""

import pytest

from agent.app.attend import LOOKED_S, Attending
from agent.capture.attention import Attention, Told
from agent.clock import Moment
from agent.config.camera import CameraSection
from agent.config.devices import IdleSection
from agent.pipeline import Analysis, Timings
from agent.values import Box, Motion, Track, View

HERE, THERE = Box(0.1, 0.1, 0.2, 0.3), Box(0.6, 0.6, 0.7, 0.9)
MOVING = Motion((THERE,), 0.01)
AT = Moment(5_000_000_000, 0, True, "boot")
CAMERA = CameraSection.model_validate(
    {
        "id": "gate",
        "source": "street.mp4",
        "zones": {"road": [[0, 0], [1, 0], [1, 1]]},
        "rules": [{"rule": "intrusion", "zone": "road", "classes": ["person"]}],
    }
)


class Ear(Attention):
    """Keeps what it is told."""

    def __init__(self) -> None:
        super().__init__(IdleSection(), lambda small: Motion((), 0.0))
        self.heard: list[Told] = []

    def tell(self, told: Told) -> None:
        self.heard.append(told)


def analysis(inferences: int, *labels: str, at: Moment = AT, motion: Motion = MOVING) -> Analysis:
    tracks = tuple(Track(number, label, 0.9, HERE, AT, AT, 1.0, 0.0) for number, label in enumerate(labels))
    return Analysis(at, 1, motion, View(), tracks, (), (), inferences, Timings(0, 0, 0, 0, 0, 0, 0))


@pytest.mark.parametrize(
    ("seen", "has_model", "told"),
    [
        (analysis(1, "person"), True, Told(5.0, (HERE,), (THERE,))),
        (analysis(1, "car", "cell phone"), True, Told(5.0, (), (THERE,))),  # no rule asks about them
        (analysis(0), True, Told(5.0, (), ())),  # the model did not look
        (analysis(0, "motion"), False, Told(5.0, (HERE,), ())),
    ],
)
def test_whom_a_rule_asks_about_and_where_the_model_looked(seen: Analysis, has_model: bool, told: Told) -> None:
    ear = Ear()
    Attending(ear, CAMERA, has_model=has_model).tell(seen)
    assert ear.heard == [told]


@pytest.mark.parametrize(
    ("seen", "has_model", "still"),
    [
        (analysis(0, motion=Motion((), 0.0)), True, True),
        (analysis(0, "car", motion=Motion((), 0.0)), True, True),  # parked, and no rule asks
        (analysis(0, "person", motion=Motion((), 0.0)), True, False),
        (analysis(0, motion=Motion((), 0.0, ready=False)), True, False),  # it cannot tell yet
        (analysis(0), True, False),
        (analysis(0, motion=Motion((), 0.0)), False, False),
    ],
)
def test_that_nothing_moved_is_told(seen: Analysis, has_model: bool, still: bool) -> None:
    ear = Ear()
    Attending(ear, CAMERA, has_model=has_model).tell(seen)
    assert ear.heard[0].still is still


def test_a_look_speaks_for_what_moves_a_little_later_too() -> None:
    ear = Ear()
    attending = Attending(ear, CAMERA, has_model=True)
    for inferences, mono_ns in ((1, 0), (0, round(1e9 * LOOKED_S)), (0, round(1e9 * LOOKED_S) + 1)):
        attending.tell(analysis(inferences, at=Moment(mono_ns, 0, True, "boot")))
    assert [told.looked for told in ear.heard] == [(THERE,), (THERE,), ()]
