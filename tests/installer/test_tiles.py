"""Health in tiles: each trouble gets its colour and its words, and nothing that is missing breaks the page."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.installer.doors import CameraView
from agent.installer.tiles import Tile, tiles
from tests.installer.node import GATE, HEALTH


def tile(key: str, **changes: Any) -> Tile:
    return next(one for one in tiles(HEALTH | changes, (GATE,)) if one.key == key)


def test_a_healthy_node_is_good_all_over() -> None:
    assert {one.level for one in tiles(HEALTH, (GATE,))} == {"good"}


def test_before_the_first_health_message_nothing_is_claimed() -> None:
    assert {one.level for one in tiles({}, (GATE, CameraView("yard", "")))} == {"unknown"}


@pytest.mark.parametrize(
    ("key", "changes", "level", "words"),
    [
        ("disk", {"disk": {"free_mb": 900.0}}, "mind", "900 MB free"),
        ("disk", {"disk": {"free_mb": 100.0}}, "broken", "100 MB free"),
        ("disk", {"disk": {"free_mb": 9000.0, "readonly": True}}, "broken", "change the card"),
        ("temperature", {"board": {"temp_c": 75.0}}, "mind", "75 °C"),
        ("temperature", {"board": {"temp_c": 85.0}}, "broken", "85 °C"),
        ("temperature", {"board": {"temp_c": 50.0, "undervoltage": True}}, "broken", "use the board's own supply"),
        ("link", {"net": {"connected": False}}, "broken", "events are kept and sent later"),
        ("clock", {"clock": {"trusted": False}}, "mind", "times are corrected later"),
        ("spool", {"spool": {"messages": 9, "clips": 0, "oldest_age_s": 20.0}}, "good", "oldest 20 s"),
        ("spool", {"spool": {"messages": 9, "clips": 0, "oldest_age_s": 7300.0}}, "mind", "oldest 2 h"),
        ("spool", {"spool": {"messages": 9, "clips": 1, "dropped_total": 4}}, "broken", "4 lost for want of room"),
        ("camera-gate", {"cams": [{"id": "gate", "state": "lost", "frame_age_s": 180}]}, "broken",
         "last picture 3 min ago"),
        ("camera-gate", {"cams": [{"id": "gate", "state": "lost", "cause": "camera_auth"}]}, "broken",
         "The camera refuses the user name or password"),
        ("camera-gate", {"cams": [{"id": "gate", "state": "ok", "frame_age_s": 44.0}]}, "broken",
         "last picture 44 s ago"),
        ("camera-gate", {"cams": [{"id": "gate", "state": "ok", "vision": "motion_only"}]}, "mind",
         "the model is missing; objects are not told apart"),
        ("camera-gate", {"cams": [{"id": "gate", "state": "ok", "view": "moved"}]}, "broken", "clean or turn it back"),
        ("camera-gate", {"cams": [{"id": "gate", "state": "starting"}]}, "mind", ""),
        ("camera-gate", {"cams": [{"id": "gate", "state": "ended"}]}, "mind", ""),
        ("watched-gate", {"cams": [{"id": "gate", "state": "ok", "watched": True}]}, "mind",
         "who it is: camera-agent access-log"),
    ],
)  # fmt: skip
def test_each_trouble_has_its_level_and_words(key: str, changes: dict[str, Any], level: str, words: str) -> None:
    shown = tile(key, **changes)
    assert (shown.level, shown.detail.en) == (level, words)
    assert shown.value.vi
    assert shown.value.vi != shown.value.en
    assert bool(shown.detail.vi) == bool(words)


@pytest.mark.parametrize(
    ("told", "seen_s", "level"),
    [("ok", 30.0, "broken"), ("lost", 0.2, "good"), ("starting", 0.2, "good"), ("lost", 30.0, "broken"),
     ("ended", 0.2, "mind"), ("ok", 0.2, "good")],
)  # fmt: skip
def test_the_newest_picture_knows_better_than_an_old_health_message(told: str, seen_s: float, level: str) -> None:
    health = HEALTH | {"cams": [{"id": "gate", "state": told, "frame_age_s": 5.0}]}
    assert tiles(health, (GATE,), {"gate": seen_s})[0].level == level


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(
        ["free_mb", "connected", "temp_c", "messages", "oldest_age_s", "id", "state", "frame_age_s", "trusted"]
    ), inner, max_size=5),
    max_leaves=12,
)  # fmt: skip


@given(st.dictionaries(st.sampled_from(["disk", "board", "net", "clock", "spool", "cams"]), JSON))
def test_whatever_health_says_there_are_tiles(health: dict[str, Any]) -> None:
    assert len(tiles(health, (GATE,))) == 6
