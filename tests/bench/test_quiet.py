from dataclasses import replace
from itertools import islice

import numpy as np
import pytest

from agent.config.rules import RULES
from bench.quiet import Result, Told, counted
from bench.quiet_films import FPS, MAKERS, Film, pictures, quiet_film, varied
from tests import scenes
from tests.scenes.disturb import KINDS, disturber
from tests.scenes.plates import plate
from tests.scenes.values import HEIGHT, WIDTH, Disturbance

ALERTS = frozenset({"intrusion", "tamper"})
HALF_AN_HOUR_S = 1800.0


def result(rules: frozenset[str], *told: str) -> Result:
    return Result("code", "film", HALF_AN_HOUR_S, tuple(rules), tuple(Told(rule, 1.0, "person") for rule in told))


def first(film: Film, count: int) -> list[np.ndarray]:
    return list(islice(pictures(film), count))


def test_an_hour_counts_for_alerts_where_none_of_them_has_anything_to_tell() -> None:
    results = [
        result(frozenset(RULES), "tamper", "parking"),
        result(frozenset(RULES), "intrusion"),
        result(frozenset(RULES) - {"intrusion"}, "tamper"),
    ]
    alerts, tamper = counted(results, ALERTS), counted(results, frozenset({"tamper"}))
    assert (alerts.alarms, alerts.seconds, alerts.per_hour) == (2, 2 * HALF_AN_HOUR_S, 2.0)
    assert (tamper.alarms, tamper.seconds) == (2, 3 * HALF_AN_HOUR_S)
    assert alerts.upper_per_hour > alerts.per_hour


def test_fifteen_hours_without_an_alarm_show_less_than_one_in_five_hours() -> None:
    hours = counted([result(frozenset(RULES))] * 30, ALERTS)
    assert hours.seconds == 15 * 3600
    assert hours.upper_per_hour < 0.2 < counted([result(frozenset(RULES))] * 29, ALERTS).upper_per_hour


@pytest.mark.parametrize("number", range(2 * len(MAKERS)))
def test_a_film_is_of_one_place_and_as_long_as_asked_for(number: int) -> None:
    film = quiet_film(number, 600.0)
    assert film.seconds == 600.0
    assert film.name == quiet_film(number, 600.0).name
    assert len({(spell.plate, spell.light) for spell in film.spells}) == 1
    assert {spell.fps for spell in film.spells} == {FPS}
    assert {spell.disturbance.kind for spell in film.spells} <= set(KINDS)
    people = any(look.startswith("person") for spell in film.spells for look in {a.look for a in spell.actors})
    assert people != ("intrusion" in film.rules)


def test_the_same_number_gives_the_same_pictures_and_another_number_others() -> None:
    one, again, other = (first(quiet_film(number, 30.0), 3) for number in (0, 0, 2))
    assert one[0].shape == (HEIGHT, WIDTH, 3)
    assert all(np.array_equal(a, b) for a, b in zip(one, again, strict=True))
    assert not any(np.array_equal(a, b) for a, b in zip(one, other, strict=True))


def test_a_gentler_disturbance_changes_the_picture_less() -> None:
    scene = replace(scenes.named("rain-day-quiet"), plate="yard")
    empty = plate("yard").picture
    changes = []
    for strength in (0.5, 1.0, 1.5):
        weather = disturber(replace(scene, disturbance=Disturbance(varied("rain", strength))))
        changes.append(float(np.abs(weather.lens(empty.copy(), 3.0) - empty.astype(float)).mean()))
    assert changes[0] < 0.7 * changes[1] < 0.7 * changes[2]
