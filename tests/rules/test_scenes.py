"""Rendered scenes through the whole pipeline, with the shipped model: each rule tells its event, when it should."""

from collections.abc import Callable
from functools import cache

import pytest

from agent.config.rules import RULES
from agent.pipeline import SeesObjects, load_eyes
from agent.values import Role
from bench.found_events import Found, Score, config
from bench.rule_scenes import scene_score
from deploy.assets import AssetError, ssd_model
from tests import scenes
from tests.scenes.looks import look
from tests.scenes.plates import plate

Told = Callable[[str], tuple[Score, list[Found]]]
# How far off the start may be: what is seen late by the model, and what a lasting change needs to be believed.
WITHIN_S = {
    "intrusion-day": 1.0,
    "line-crossing": 1.0,
    "loitering": 2.0,
    "crowd": 2.0,
    "parking-day": 4.0,
    "wrong-way": 2.0,
    "congestion": 6.0,
    "collision": 6.0,
    "fight": 10.0,
    "dumping-from-car": 11.0,  # an idle camera looks every ten seconds
    "encroachment-stall": 6.0,
    "object-removed-car": 11.0,
    "tamper-cover-hand": 11.0,
}
NOTHING = ("dumping-picked-up", "collision-passing", "fight-talking")


@pytest.fixture(scope="module")
def eyes() -> SeesObjects:
    if plate("yard").drawn or look("person-jeans").drawn or look("car-white").drawn:
        pytest.skip("not all real clips are here, and models do not know drawn people and cars")
    try:
        return load_eyes(config({}, ssd_model()).detection)
    except AssetError as error:
        pytest.skip(str(error))


@pytest.fixture(scope="module")
def told(eyes: SeesObjects) -> Told:
    """Each scene is played once, whoever asks."""

    @cache
    def play(name: str) -> tuple[Score, list[Found]]:
        scores, found = scene_score(scenes.named(name), ssd_model(), eyes)
        (score,) = scores.values()
        return score, found

    return play


@pytest.mark.parametrize("name", WITHIN_S)
def test_it_tells_its_event_once_and_in_time(name: str, told: Told) -> None:
    score, _ = told(name)
    assert (score.missed, score.false) == (0, 0), score
    assert all(abs(late_s) <= WITHIN_S[name] for late_s in score.late_s), score


@pytest.mark.parametrize("name", NOTHING)
def test_what_only_looks_alike_is_not_told(name: str, told: Told) -> None:
    assert told(name)[1] == []


@pytest.mark.parametrize("name", ["object-removed-car", "dumping-bag-day"])
def test_who_was_near_is_told(name: str, told: Told) -> None:
    _, (found,) = told(name)
    assert "person" in [one.label for one in found.event.objects if one.role is Role.NEAR]
    assert found.event.started.mono_s < found.at_s


def test_each_rule_has_its_scene() -> None:
    assert {scenes.named(name).camera["rules"][0]["rule"] for name in WITHIN_S} == set(RULES)
