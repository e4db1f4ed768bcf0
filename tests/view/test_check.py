from collections.abc import Callable
from dataclasses import replace

import cv2
import numpy as np
import pytest

from agent.shrink import shrunk
from agent.values import Picture, ViewState
from agent.view import ViewCheck
from agent.view.check import ACCEPTED_S, UNSURE_S
from tests.view.pictures import STILL, Watch, bagged, bus, dazzled, defocused, frame_of, grainy, street, turned

Change = Callable[[Picture], Picture]


def learnt(picture: Picture) -> Watch:
    watch = Watch()
    assert watch.show(picture, 20).state is ViewState.OK
    return watch


@pytest.mark.parametrize(
    ("change", "state"),
    [
        (bagged, ViewState.COVERED),
        (lambda picture: turned(picture, 0.15), ViewState.MOVED),
        (defocused, ViewState.BLURRED),
        (dazzled, ViewState.BLINDED),
        (lambda picture: (picture * 0.03 + 16).astype(np.uint8), ViewState.DARK),
    ],
)
def test_what_is_done_to_cameras_is_told_within_ten_seconds_and_forgotten_when_over(
    change: Change, state: ViewState
) -> None:
    watch = learnt(street())
    began_s = watch.now_s
    assert watch.show(change(street()), 2).state is ViewState.OK
    view = watch.show(change(street()), 8)
    assert view.state is state
    assert view.since is not None
    assert 0 <= view.since.mono_s - began_s <= 3
    assert watch.show(street(), 6).state is ViewState.OK


@pytest.mark.parametrize(
    "change",
    [
        lambda picture: (picture * 0.45).astype(np.uint8),
        lambda picture: np.clip(picture * 0.6 + 80, 0, 255).astype(np.uint8),
        lambda picture: 255 - picture,
        lambda picture: grainy(picture, 99, 10.0),
        lambda picture: np.roll(picture, 2, axis=1),
        lambda picture: defocused(picture, 0.5),
    ],
    ids=["lamp-off", "lamp-on", "infrared", "grain", "shake", "soft"],
)
def test_light_grain_and_shake_are_no_tampering(change: Change) -> None:
    watch = learnt(street())
    assert watch.show(change(street()), 90).state is ViewState.OK


def test_dusk_is_followed() -> None:
    watch = learnt(street())
    for step in range(60):
        dimmed = (street() * (1 - 0.012 * step)).astype(np.uint8)
        assert watch.show(dimmed, 10).state is ViewState.OK


def test_a_bus_that_waits_is_no_tampering_but_a_wall_is() -> None:
    watch = learnt(street())
    assert watch.show(bus(street()), UNSURE_S - 5).state is ViewState.OK
    assert watch.show(street(), 5).state is ViewState.OK
    assert watch.show(bus(street()), UNSURE_S + 5).state is ViewState.MOVED


def test_half_a_cover_that_comes_and_goes_is_no_tampering() -> None:
    watch = learnt(street())
    half = street()
    half[:, :300] = 60
    for _ in range(5):
        assert watch.show(half, 20).state is ViewState.OK
        assert watch.show(street(), 4).state is ViewState.OK


def test_a_turned_camera_is_accepted_after_a_while() -> None:
    watch = learnt(street())
    assert watch.show(turned(street(), 0.2), 20).state is ViewState.MOVED
    assert watch.show(turned(street(), 0.2), ACCEPTED_S).state is ViewState.OK
    assert watch.show(bagged(street()), 12).state is ViewState.COVERED


def test_an_idle_camera_is_told_of_by_three_looks() -> None:
    watch = learnt(street())
    watch.now_s += 10
    assert watch.show(bagged(street()), 20, every_s=10).state is ViewState.OK
    assert watch.show(bagged(street()), 10, every_s=10).state is ViewState.COVERED


def test_a_black_picture_is_dark_even_when_the_view_is_not_known() -> None:
    assert Watch().show(np.full((360, 640), 16, np.uint8), 12).state is ViewState.DARK


def test_a_plain_wall_tells_nothing() -> None:
    watch = learnt(np.full((360, 640), 120, np.uint8))
    assert watch.show(np.full((360, 640), 90, np.uint8), 90).state is ViewState.OK


def test_after_a_break_the_view_is_still_known() -> None:
    watch = learnt(street())
    watch.check.reset()
    watch.now_s += 300
    assert watch.show(turned(street(), 0.15), 10).state is ViewState.MOVED


def test_the_view_in_infrared_light_is_learnt_beside_the_one_in_colour() -> None:
    """Infrared light: softer, other contrasts, no colour; at dawn colour comes back."""
    check, at_s = ViewCheck(), 0
    night = np.asarray(cv2.GaussianBlur(255 - street(), (0, 0), 3.0), dtype=np.uint8)
    for picture, chroma in ((street(), 134), (night, 128), (street(), 134)):
        for second in range(40):
            frame = frame_of(grainy(picture, second), at_s + second)
            coloured = replace(frame, u=np.full_like(frame.u, chroma), v=np.full_like(frame.v, chroma))
            assert check.update(coloured, shrunk(frame), STILL).state is ViewState.OK
        at_s += 40


def test_a_tiny_picture_tells_nothing() -> None:
    assert Watch().show(np.full((8, 16), 16, np.uint8), 20).state is ViewState.OK
