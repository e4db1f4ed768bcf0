"""Drawing by mouse and finger: corners are dragged, added and removed, everything can be undone, names are followed."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.installer.browser_setup.node import CODES, Node, Server, serving
from tests.installer.browser_setup.visitor import DESK, LYING, PHONE, Visitor

SQUARE = [[0.3, 0.3], [0.6, 0.3], [0.6, 0.7], [0.3, 0.7]]


@pytest.fixture
def drawing(desk: Visitor, node: Node, server: Server) -> Visitor:
    """At the desk, with one zone that a rule uses."""
    node.running[0] |= {"zones": {"yard": SQUARE}, "rules": [{"rule": "intrusion", "zone": "yard"}]}
    desk.enter(server)
    desk.go("draw")
    desk.page.locator(".shape.zone").wait_for()
    return desk


def corners(visitor: Visitor) -> list[list[float]]:
    """Of the only shape, as the page keeps it for the next time."""
    found: list[list[float]] = visitor.page.evaluate(
        "JSON.parse(sessionStorage.getItem('draft.gate')).state.shapes[0].points"
    )
    return found


def test_corners_are_dragged_added_and_taken_back(drawing: Visitor) -> None:
    drawing.point((0.45, 0.5))
    assert drawing.page.locator(".corner").count() == 4
    drawing.drag((0.6, 0.3), (0.7, 0.2))
    assert corners(drawing)[1] == pytest.approx([0.7, 0.2], abs=0.01)
    drawing.drag((0.45, 0.7), (0.45, 0.8))
    assert len(corners(drawing)) == 5
    assert corners(drawing)[3] == pytest.approx([0.45, 0.8], abs=0.01)
    drawing.drag((0.45, 0.5), (0.1, 0.5))
    moved = corners(drawing)
    assert min(x for x, _ in moved) == 0, "a shape that is dragged stays in the picture, and keeps its form"
    assert max(x for x, _ in moved) == pytest.approx(0.4, abs=0.01)
    for _ in range(3):
        drawing.page.keyboard.press("Control+z")
    assert corners(drawing) == SQUARE
    drawing.page.keyboard.press("Control+y")
    assert corners(drawing)[1] == pytest.approx([0.7, 0.2], abs=0.01)
    drawing.tap("[data-id=undo]")
    assert corners(drawing) == SQUARE


def test_what_the_rules_watch_follows_its_new_name_and_is_missed_when_it_goes(drawing: Visitor) -> None:
    drawing.tap(".rows button")
    drawing.type("#shape-name", "Sân sau Đình")
    drawing.page.locator("#shape-name-hint", has_text="san-sau-dinh").wait_for()
    drawing.page.keyboard.press("Enter")
    drawing.go("rules")
    drawing.page.locator(".rules .row", has_text="san-sau-dinh").wait_for()
    drawing.go("draw")
    drawing.tap(".rows button")
    drawing.tap("[data-id=remove]")
    drawing.page.locator("#draw-panel", has_text="Chưa vẽ gì").wait_for()
    drawing.go("rules")
    drawing.page.locator(".rules .wrong", has_text="san-sau-dinh").wait_for()
    drawing.page.keyboard.press("Control+z")
    drawing.page.locator(".rules .wrong").wait_for(state="detached")


def test_corners_can_be_written_as_numbers(drawing: Visitor) -> None:
    drawing.tap(".rows button")
    drawing.tap("summary")
    drawing.type('[data-id="number.0.0"]', "12.5")
    drawing.page.keyboard.press("Tab")
    assert corners(drawing)[0] == [0.125, 0.3]
    drawing.tap("[data-id=add-corner]")
    assert len(corners(drawing)) == 5
    drawing.tap(".numbers > div:first-child button")
    drawing.tap(".numbers > div:first-child button")
    drawing.page.locator(".numbers button").first.wait_for(state="detached")
    assert len(corners(drawing)) == 3, "three is the least"
    drawing.type('[data-id="number.0.0"]', "140")
    drawing.page.keyboard.press("Tab")
    assert max(x for x, _ in corners(drawing)) <= 1


def test_what_was_just_unfolded_stays_so_when_the_panel_is_drawn_anew_at_once(drawing: Visitor) -> None:
    drawing.tap(".rows button")
    change = """() => {
        document.querySelector("summary").click();
        const number = document.querySelector('[data-id="number.0.0"]');
        number.value = "12.5";
        number.dispatchEvent(new Event("change"));
    }"""
    drawing.page.evaluate(change)
    assert corners(drawing)[0] == [0.125, 0.3]
    drawing.tap("[data-id=add-corner]")
    assert len(corners(drawing)) == 5
    drawing.tap("summary")
    drawing.page.locator("[data-id=add-corner]").wait_for(state="hidden")
    drawing.page.keyboard.press("Control+z")
    assert not drawing.page.locator("[data-id=add-corner]").is_visible(), "what was folded stays so too"


def test_crossing_edges_are_said_while_they_are_drawn(drawing: Visitor) -> None:
    drawing.point((0.45, 0.5))
    drawing.drag((0.3, 0.3), (0.75, 0.5))
    drawing.page.locator('.shape[data-wrong="true"]').wait_for()
    drawing.page.locator(".wrong", has_text="cắt nhau").wait_for()
    drawing.go("save")
    drawing.page.locator(".mistakes", has_text="các cạnh của vùng cắt nhau").wait_for()
    drawing.tap(".mistakes button")
    drawing.page.locator('.shape[data-own="true"]').wait_for()
    drawing.page.keyboard.press("Control+z")
    drawing.go("save")
    drawing.page.locator("#save", has_text="Không có gì khác").wait_for()


@pytest.fixture
def finger(browser: Any, server: Server, node: Node) -> Iterator[Visitor]:
    """A phone, with one zone."""
    node.running[0]["zones"] = {"yard": SQUARE}
    visitor = Visitor(browser, PHONE)
    visitor.enter(server)
    visitor.go("draw")
    visitor.page.locator(".shape.zone").wait_for()
    yield visitor
    visitor.close()


def touch(visitor: Visitor, kind: str, *places: tuple[float, float]) -> None:
    """One finger on the screen, by the browser's own protocol: playwright can only tap."""
    points = [{"x": x, "y": y} for x, y in map(visitor.seen_at, places)]
    visitor.protocol.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})


def test_a_finger_drags_under_a_loupe_and_a_long_press_takes_a_corner_away(finger: Visitor) -> None:
    finger.point((0.45, 0.5))
    finger.page.locator(".corner").first.wait_for()
    assert finger.page.locator(".corner .hit").first.bounding_box()["width"] >= 44
    with finger.unhurried():
        touch(finger, "touchStart", (0.6, 0.3))
        touch(finger, "touchMove", (0.65, 0.25))
        touch(finger, "touchMove", (0.7, 0.2))
        finger.page.locator('#loupe[data-side="left"]').wait_for()
        touch(finger, "touchEnd")
    finger.page.locator("#loupe").wait_for(state="hidden")
    assert corners(finger)[1] == pytest.approx([0.7, 0.2], abs=0.02)
    touch(finger, "touchStart", (0.3, 0.7))
    finger.page.locator(".corner").nth(3).wait_for(state="detached")
    touch(finger, "touchEnd")
    assert len(corners(finger)) == 3
    finger.tap("[data-id=undo]")
    assert len(corners(finger)) == 4


def test_masks_ask_for_what_they_need(browser: Any, papers: Any, tmp_path: Any) -> None:
    node = Node(may_mask=False)
    visitor = Visitor(browser, PHONE)
    with serving(node, papers, tmp_path) as server:
        visitor.enter(server, CODES[0])
        visitor.go("draw")
        visitor.draw("mask", (0.1, 0.2), (0.4, 0.2), (0.4, 0.6))
        visitor.page.locator(".notice", has_text="mã hoá lại").wait_for()
        asked, foot = (visitor.page.locator(what).bounding_box() for what in ('[for="transcode"]', "#foot"))
        assert asked["y"] + asked["height"] <= foot["y"], "seen without scrolling"
        visitor.go("save")
        visitor.page.locator(".mistakes li").wait_for()
        visitor.tap(".mistakes button")
        visitor.page.locator("#transcode").check()
        visitor.go("save")
        visitor.tap("#save-now")
        visitor.page.locator(".done").wait_for()
        assert node.running[0]["transcode"] is True
        visitor.close()


def test_a_phone_on_its_side_shows_picture_and_tools_together(browser: Any, server: Server) -> None:
    visitor = Visitor(browser, LYING)
    visitor.enter(server)
    visitor.go("draw")
    seen = [visitor.page.locator(what).bounding_box() for what in ("#board", ".tool.zone", "#next")]
    assert all(box["y"] >= 0 and box["y"] + box["height"] <= LYING["height"] for box in seen)
    assert visitor.page.evaluate("document.documentElement.scrollWidth") <= LYING["width"]
    visitor.close()


def test_the_screen_of_a_desk_is_used(desk: Visitor, server: Server) -> None:
    desk.enter(server)
    panel, picture = (desk.page.locator(what).bounding_box() for what in ("#panel", "#figure"))
    assert picture["width"] > DESK["width"] / 2
    assert panel["x"] >= picture["x"] + picture["width"], "side by side"
