"""Where vision looks in vain, and where it once found somebody."""

from agent.capture.vain import FRUITFUL, HALF_S, LOOKS, MOST_LOOKS, VainPlaces
from agent.values import Box

TREE = Box(0.1, 0.1, 0.3, 0.4)
PATH = Box(0.6, 0.5, 0.8, 0.9)


def looked(places: VainPlaces, times: float, at_s: float = 0.0) -> None:
    for number in range(round(times)):
        places.looked(at_s + number * 0.01, [TREE], [])


def test_nothing_is_expected_where_enough_looks_were_in_vain() -> None:
    places = VainPlaces()
    looked(places, LOOKS)  # the first is forgotten a little by now
    assert not places.all_in_vain([TREE])
    looked(places, 1)
    assert places.all_in_vain([TREE])


def test_another_place_is_new_also_beside_a_known_one() -> None:
    places = VainPlaces()
    looked(places, LOOKS + 1)
    assert not places.all_in_vain([PATH])
    assert not places.all_in_vain([TREE, PATH])


def test_what_has_grown_beyond_the_known_place_is_new() -> None:
    places = VainPlaces()
    looked(places, LOOKS + 1)
    assert places.all_in_vain([Box(0.1, 0.1, 0.32, 0.42)])
    assert not places.all_in_vain([Box(0.1, 0.1, 0.6, 0.8)])


def test_where_somebody_was_followed_it_takes_far_more() -> None:
    places = VainPlaces()
    looked(places, MOST_LOOKS)
    places.looked(1.0, [TREE], [TREE])
    looked(places, LOOKS - FRUITFUL - 1, at_s=2.0)
    assert not places.all_in_vain([TREE])
    looked(places, 3, at_s=4.0)
    assert places.all_in_vain([TREE])


def test_it_forgets() -> None:
    places = VainPlaces()
    looked(places, 3 * MOST_LOOKS)
    places.looked(HALF_S, [], [PATH])
    assert places.all_in_vain([TREE])
    places.looked(2.5 * HALF_S, [], [PATH])
    assert not places.all_in_vain([TREE])


def test_a_box_at_the_edge_and_one_without_area() -> None:
    places = VainPlaces()
    corner, point = Box(0.99, 0.99, 1.0, 1.0), Box(0.5, 0.5, 0.5, 0.5)
    for number in range(round(LOOKS) + 1):
        places.looked(number * 0.1, [corner, point], [])
    assert places.all_in_vain([corner, point])
