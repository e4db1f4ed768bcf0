"""What goes wrong on a ladder: wrong codes, a session that ends, a node that begins again, two phones."""

from typing import Any

from agent.i18n import Text
from agent.installer.setup.doors import Saved
from tests.installer.browser_setup.node import CODES, Node, Server
from tests.installer.browser_setup.visitor import PHONE, Visitor

CORNERS = ((0.2, 0.4), (0.7, 0.4), (0.7, 0.8))


def with_a_zone(visitor: Visitor, server: Server, code: str = CODES[0]) -> None:
    """Logged in, and one zone drawn."""
    visitor.enter(server, code)
    visitor.go("draw")
    visitor.draw("zone", *CORNERS)


def test_wrong_codes_are_said_and_then_locked(phone: Visitor, server: Server) -> None:
    phone.page.goto(server.url)
    phone.tap(".entrance .main")
    phone.page.locator("#code-wrong", has_text="nhãn").wait_for()
    for number in range(5):
        phone.type("#code", f"0000-000{number}")
        phone.tap(".entrance .main")
        phone.page.locator("#code-wrong", has_text="Mã này" if number < 4 else "giây").wait_for()
    phone.page.locator("#code-wrong", has_text="Hãy chờ").wait_for()
    assert phone.page.locator(".entrance .main").is_disabled()
    phone.page.reload()
    phone.page.locator("#code-wrong", has_text="Hãy chờ").wait_for()


def test_a_session_that_ends_asks_for_a_code_and_keeps_the_drawing(phone: Visitor, node: Node, server: Server) -> None:
    with_a_zone(phone, server)
    server.end()
    server.change(sessions=())
    server.begin()
    phone.page.locator("dialog[open]", has_text="Bản vẽ vẫn còn").wait_for()
    phone.type("dialog #code", CODES[1])
    phone.tap("dialog .main")
    phone.page.locator("dialog[open]").wait_for(state="hidden")
    assert phone.names() == ["vung-1"]
    phone.go("save")
    phone.tap("#save-now")
    phone.page.locator(".done").wait_for()
    assert list(node.running[0]["zones"]) == ["vung-1"]


def test_a_lost_line_is_said_and_drawing_goes_on(phone: Visitor, server: Server) -> None:
    with_a_zone(phone, server)
    server.end()
    phone.page.locator("#lost", has_text="Mất liên lạc").wait_for()
    phone.draw("line", (0.3, 0.3), (0.6, 0.3))
    assert phone.names() == ["vung-1", "vach-1"]
    server.begin()
    phone.page.locator("#lost").wait_for(state="hidden")
    phone.page.reload()
    phone.page.locator(".rows b").first.wait_for()
    assert phone.names() == ["vung-1", "vach-1"], "kept by the browser over a reload, at the same step"
    phone.go("save")
    phone.page.locator("#save", has_text="vẫn còn đây").wait_for()


def test_the_node_begins_again_during_the_trial(phone: Visitor, node: Node, server: Server) -> None:
    node.ends = None
    with_a_zone(phone, server)
    phone.go("save")
    phone.tap("#save-now")
    phone.page.locator(".trial", has_text="90 giây").wait_for()
    server.end()
    phone.page.locator(".trial", has_text="khởi động lại").wait_for()
    assert phone.page.locator("#lost").is_hidden()
    node.ends = Saved("kept", "job-1")
    server.begin()
    phone.page.locator(".done", has_text="Xong").wait_for()


def test_a_trial_that_fails_says_why_and_leaves_the_drawing(phone: Visitor, node: Node, server: Server) -> None:
    node.ends = Saved("undone", "job-1", None, Text("No picture came", "Không có hình nào tới"))
    with_a_zone(phone, server)
    phone.go("save")
    phone.tap("#save-now")
    phone.page.locator("#save .notice", has_text="Không có hình nào tới").wait_for()
    phone.go("draw")
    assert phone.names() == ["vung-1"]
    assert "zones" not in node.running[0]


def test_two_phones_at_once(phone: Visitor, browser: Any, node: Node, server: Server) -> None:
    with_a_zone(phone, server)
    other = Visitor(browser, PHONE)
    with_a_zone(other, server, CODES[1])
    other.tap(".chip >> text=Cổng")
    other.go("save")
    other.tap("#save-now")
    other.page.locator(".done").wait_for()
    other.close()
    phone.go("save")
    phone.tap("#save-now")
    phone.page.locator("#save", has_text="Điện thoại khác").wait_for()
    phone.tap("[data-id=theirs]")
    phone.page.locator("#save", has_text="Không có gì khác").wait_for()
    phone.go("draw")
    assert phone.names() == ["cong"]
    phone.tap("[data-id=undo]")
    assert phone.names() == ["vung-1"], "what was drawn here is one step back"


def test_mistakes_stand_at_their_field_and_saving_leads_there(phone: Visitor, node: Node, server: Server) -> None:
    node.running[0] |= {"zones": {"yard": [list(each) for each in CORNERS]}}
    phone.enter(server)
    phone.go("rules")
    phone.tap("[data-id=add-rule]")
    phone.tap('[data-id="pick.crowd"]')
    phone.type("#field-count", "1")
    phone.page.locator('[data-field="count"]', has_text="2").wait_for()
    phone.go("save")
    phone.page.locator(".mistakes li").wait_for()
    assert phone.page.locator("#save-now").count() == 0
    phone.tap(".mistakes button")
    phone.page.locator('[data-field="count"]:not(:empty)').wait_for()
    phone.type("#field-count", "12")
    phone.tap('[data-id="field-clip-false"]')
    phone.go("save")
    phone.tap("#save-now")
    phone.page.locator(".done").wait_for()
    assert node.running[0]["rules"] == [{"rule": "crowd", "zone": "yard", "count": 12, "clip": False}]


def test_a_camera_without_a_picture_is_said(phone: Visitor, node: Node, server: Server) -> None:
    node.pictures = False
    phone.enter(server)
    phone.page.locator("#no-picture", has_text="chưa có hình").wait_for()
    node.pictures = True
    phone.page.locator("#no-picture").wait_for(state="hidden")


def test_what_people_are_called_is_only_ever_text(phone: Visitor, node: Node, server: Server) -> None:
    evil = "<img src=x onerror=\"document.title='taken'\">"
    node.checks = (*node.checks, node.checks[0].__class__("camera", "broken", Text(evil, evil), Text(evil, evil)))
    node.running[0]["rules"] = [{"rule": "tamper"}]
    phone.enter(server)
    phone.go("check")
    phone.page.locator(".checks", has_text="onerror").first.wait_for()
    assert phone.page.locator("img[src=x]").count() == 0
    assert "taken" not in phone.page.title()
