"""Answers that come late: what the family did since is what they see."""

from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from agent.installer.household import page as page_job
from tests.installer.held import Held
from tests.installer.household.node import CODE, HOME, Node

LOOK = "() => document.dispatchEvent(new Event('visibilitychange'))"


@pytest.fixture
def node(home: Path, monkeypatch: pytest.MonkeyPatch) -> Node:
    monkeypatch.setattr(page_job, "SLICE_S", 0.03)
    return Node(home)


@pytest.fixture
def page(browser: Any, address: str) -> Iterator[Any]:
    """Of somebody who is logged in."""
    context = browser.new_context(ignore_https_errors=True, reduced_motion="reduce")
    complaints: list[str] = []
    context.on("weberror", lambda error: complaints.append(str(error.error)))
    page = context.new_page()
    page.set_default_timeout(30_000)
    page.goto(address)
    page.locator("#code").fill(CODE)
    page.locator(".entrance .main").click()
    page.locator("#state").wait_for()
    yield page
    context.close()
    assert complaints == []


@pytest.mark.parametrize("answer", [{"json": asdict(HOME)}, {"status": 401, "json": {"error": {"code": "login"}}}])
def test_nothing_disturbs_whoever_has_logged_out(page: Any, answer: dict[str, Any]) -> None:
    held = Held(page, "**/api/home")
    page.evaluate(LOOK)
    held.wait()
    page.locator("#logout").click()
    page.locator("#code").fill("HNH")
    held.give(**answer)
    assert page.locator("#code").input_value() == "HNH"
    assert page.locator(".card").count() == 0


def test_what_was_asked_before_a_pause_does_not_end_it(page: Any) -> None:
    held = Held(page, "**/api/home")
    page.evaluate(LOOK)
    held.wait()
    page.locator("#begin").click()
    page.locator("#resume").wait_for()
    held.give(json=asdict(HOME))
    assert page.locator("#resume").is_visible()
    with page.expect_response("**/api/home"):
        page.evaluate(LOOK)


def test_a_refusal_stands_on_the_card_that_is_there_now(page: Any, node: Node) -> None:
    held = Held(page, "**/api/pause")
    page.locator("#begin").click()
    held.wait()
    node.pause(600)
    page.evaluate(LOOK)
    page.locator("#resume").focus()
    told = {"code": "pause", "text": {"vi": "Không được nữa", "en": "No more"}}
    held.give(status=409, json={"error": told})
    page.locator("#pause .wrong", has_text="Không được nữa").wait_for()
    node.resume()
    node.pause(1200)
    page.evaluate(LOOK)
    page.locator("#left", has_text="0").wait_for()
    assert page.evaluate("document.activeElement.id") == "resume", "drawn anew, and still under the finger"
