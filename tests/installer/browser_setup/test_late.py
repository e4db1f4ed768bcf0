"""Answers that come late, twice or out of turn, and what the person did meanwhile: the later wish holds."""

import io
import json
from typing import Any

import pytest
from PIL import Image

from agent.installer.setup.doors import Saved
from tests.installer.browser_setup.node import CODES, Node, Server
from tests.installer.browser_setup.visitor import Visitor
from tests.installer.held import Held

CORNERS = ((0.2, 0.4), (0.7, 0.4), (0.7, 0.8))
NO_SESSION = {"error": {"code": "login", "text": {"en": "Log in", "vi": "Hãy nhập mã"}}}
SOURCES = """() => {
    window.sources = [];
    new MutationObserver((all) => all.forEach((each) => window.sources.push(each.target.src)))
        .observe(document.getElementById("live"), { attributes: true, attributeFilter: ["src"] });
}"""


def coloured(width: int) -> bytes:
    """A picture of that many columns."""
    data = io.BytesIO()
    Image.new("RGB", (width, width // 2), "red").save(data, "JPEG")
    return data.getvalue()


@pytest.fixture
def two(node: Node) -> None:
    """A node with two cameras."""
    node.running.append({"id": "yard", "label": "Sân sau", "source": "/dev/video1"})


def test_the_button_after_a_field_is_heard(phone: Visitor, server: Server) -> None:
    phone.enter(server)
    phone.go("draw")
    phone.draw("zone", *CORNERS)
    phone.page.locator("#shape-name").focus()
    phone.page.keyboard.type("-hai")
    phone.tap("[data-id=shape-done]")
    phone.page.locator("#shape-name").wait_for(state="detached")
    assert phone.names() == ["vung-1-hai"]
    phone.tap(".rows button")
    phone.page.locator("#shape-name").focus()
    phone.page.keyboard.type("-ba")
    phone.page.locator("#draw-panel h3").click()  # beside all buttons: what was written is shown all the same
    phone.page.locator(".rows b", has_text="vung-1-hai-ba").wait_for()
    phone.page.locator("#panel").dispatch_event("mousedown")  # a press whose end is not told, as by a list that opened
    phone.page.keyboard.press("Tab")
    phone.page.keyboard.press("Control+z")
    phone.page.locator(".rows b", has_text="-ba").wait_for(state="detached")
    assert phone.names() == ["vung-1-hai"]


def test_a_page_that_began_on_a_lost_line_does_all_things_once(phone: Visitor, server: Server) -> None:
    lost: list[Any] = []

    def once(route: Any) -> None:
        lost.append(route)
        route.abort() if len(lost) == 1 else route.continue_()

    phone.page.route("**/api/session", once)
    phone.enter(server)
    phone.go("draw")
    phone.tap("#next")
    phone.page.locator('[data-id=rules][aria-current="step"]').wait_for()


def test_the_step_that_was_wished_last_is_shown(desk: Visitor, server: Server) -> None:
    held = Held(desk.page, "**/api/schema")
    desk.enter(server)
    desk.tap("#steps [data-id=draw]")
    held.wait()
    desk.tap("#steps [data-id=aim]")
    held.give()
    desk.page.evaluate("import('/step_draw.js')")
    held.settle()
    assert desk.page.locator('[data-id=aim][aria-current="step"]').count() == 1
    desk.go("draw")


def test_an_answer_to_the_session_before_asks_for_no_second_code(phone: Visitor, server: Server) -> None:
    phone.enter(server)
    held = Held(phone.page, "**/api/look?*", 2)
    held.wait()
    phone.tap("[data-language=en]")  # a step that begins anew asks beside the one that waits
    held.wait(2)
    held.give(0, status=401, json=NO_SESSION)
    phone.page.locator("dialog[open]").wait_for()
    phone.type("dialog #code", CODES[1])
    phone.tap("dialog .main")
    phone.page.locator("dialog[open]").wait_for(state="hidden")
    held.give(1, status=401, json=NO_SESSION)
    assert phone.page.locator("dialog[open]").count() == 0


def test_a_late_picture_of_the_camera_before_is_not_shown(phone: Visitor, two: None, server: Server) -> None:
    phone.enter(server)
    phone.page.locator('body[data-picture="yes"]').wait_for()
    before = Held(phone.page, "**/api/cameras/gate/picture.jpg*")
    before.wait()
    after = Held(phone.page, "**/api/cameras/yard/picture.jpg*", 2)
    phone.page.evaluate(SOURCES)
    phone.page.locator("#camera").select_option("yard")
    after.wait()
    after.give(0, body=coloured(64), content_type="image/jpeg")
    after.wait(2)
    before.give(0, body=coloured(32), content_type="image/jpeg")
    after.give(1, body=coloured(48), content_type="image/jpeg")
    phone.page.wait_for_function("document.getElementById('live').naturalWidth === 48")
    assert len(phone.page.evaluate("window.sources")) == 2


def test_a_photo_is_of_the_camera_before_which_it_was_asked(phone: Visitor, two: None, server: Server) -> None:
    phone.enter(server)
    phone.go("check")
    held = Held(phone.page, "**/api/cameras/gate/reference")
    phone.tap("#take")
    held.wait()
    phone.page.locator("#camera").select_option("yard")
    held.give()
    assert phone.page.locator(".photo").count() == 0
    phone.page.locator("#camera").select_option("gate")
    phone.page.locator(".photo").wait_for()


def test_the_walk_test_ends_where_it_began(phone: Visitor, two: None, server: Server) -> None:
    phone.enter(server)
    told: list[tuple[str, Any]] = []
    phone.page.on("request", lambda one: told.append((one.url, one.post_data_json)) if "/walk" in one.url else None)
    phone.tap("#walk-button")
    phone.page.locator("#walk-button", has_text="Dừng").wait_for()
    phone.page.locator("#camera").select_option("yard")
    held = Held(phone.page, "**/api/cameras/yard/walk")
    phone.tap("#walk-button")
    held.wait()
    phone.go("check")
    held.give()
    phone.go("aim")
    assert phone.page.locator("#walk-button", has_text="Dừng").count() == 0
    ended = [url.split("/")[-2] for url, body in told if not body["on"]]
    assert ended == ["gate", "yard"]


def test_what_is_drawn_during_a_trial_is_there_after_it(phone: Visitor, node: Node, server: Server) -> None:
    node.ends = None
    phone.enter(server)
    phone.go("draw")
    phone.draw("zone", *CORNERS)
    phone.go("save")
    phone.tap("#save-now")
    phone.page.locator(".trial", has_text="90 giây").wait_for()
    phone.go("draw")
    phone.draw("line", (0.3, 0.3), (0.6, 0.3))
    node.ends = Saved("kept", "job-1")
    phone.go("save")
    phone.page.locator(".changes li", has_text="vach-1").wait_for()
    assert phone.page.locator(".changes li").count() == 1
    phone.tap("#save-now")
    phone.page.locator(".done").wait_for()
    assert list(node.running[0]["zones"]) == ["vung-1"] and list(node.running[0]["lines"]) == ["vach-1"]


def trial_whose_answer_is_held(phone: Visitor, server: Server) -> Held:
    """A zone is drawn and saved; what became of it is not heard yet."""
    phone.enter(server)
    phone.go("draw")
    phone.draw("zone", *CORNERS)
    phone.go("save")
    held = Held(phone.page, "**/api/config")
    phone.tap("#save-now")
    held.wait()
    return held


def test_the_end_of_a_trial_calls_nobody_away(phone: Visitor, node: Node, server: Server) -> None:
    held = trial_whose_answer_is_held(phone, server)
    phone.go("draw")
    held.give()
    assert phone.page.locator('[data-id=draw][aria-current="step"]').count() == 1
    phone.go("save")
    phone.page.locator("#save", has_text="Không có gì khác").wait_for()


def test_a_trial_whose_end_could_not_be_read_is_asked_for_again(phone: Visitor, node: Node, server: Server) -> None:
    held = trial_whose_answer_is_held(phone, server)
    held.waiting[0].abort()
    phone.page.locator(".done").wait_for()


def test_a_trial_of_somebody_else_is_waited_for(phone: Visitor, node: Node, server: Server) -> None:
    phone.enter(server)
    phone.go("draw")
    phone.draw("zone", *CORNERS)
    node.ends = None
    trial = {"hash": node.hash, "source": "file", "trial": True, "cameras": list(node.drawn().cameras)}
    held = Held(phone.page, "**/api/config", 2)
    phone.go("save")
    phone.tap("#save-now")
    phone.page.locator(".trial", has_text="90 giây").wait_for()
    node.saved = Saved()  # the node knows of no trial of a page, and yet there is one
    held.wait()
    held.give(0, body=json.dumps(trial), content_type="application/json")
    held.wait(2)
    held.give(1)
    phone.page.locator("#save-now").wait_for()
