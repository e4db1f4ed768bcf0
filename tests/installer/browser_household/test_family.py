"""The household's page in Chromium, on a phone: read and paused in both languages; axe finds nothing, day and night."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from agent.installer.household import page as page_job
from agent.installer.household.doors import CameraLine, PauseNow
from tests.installer.household.node import CODE, Node

PHONE = {"width": 360, "height": 740}
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
AXE = "tags => axe.run(document, {runOnly: {type: 'tag', values: tags}, resultTypes: ['violations']})"
WIDE = "() => document.documentElement.scrollWidth > document.documentElement.clientWidth"
WORDS = """async () => { const { WORDS } = await import("/words.js");
const keys = (words, path) => Object.entries(words).flatMap(([name, word]) =>
    word && typeof word === "object" ? keys(word, `${path}${name}.`) : [`${path}${name}:${typeof word}`]);
return [keys(WORDS.vi, ""), keys(WORDS.en, "")]; }"""


@pytest.fixture
def node(home: Path, monkeypatch: pytest.MonkeyPatch) -> Node:
    monkeypatch.setattr(page_job, "SLICE_S", 0.03)
    return Node(home)


def test_the_family_reads_and_pauses(browser: Any, node: Node, address: str, axe: str, tmp_path: Path) -> None:
    context = browser.new_context(
        viewport=PHONE, ignore_https_errors=True, reduced_motion="reduce", has_touch=True, is_mobile=True,
        device_scale_factor=2,
    )  # fmt: skip
    page = context.new_page()
    page.set_default_timeout(10_000)
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))

    def look(name: str) -> None:
        """No finding of axe by day or night, and nothing that has to be pushed sideways."""
        if not page.evaluate("() => 'axe' in window"):
            page.evaluate(axe)
        for scheme in ("dark", "light"):
            page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
            found = page.evaluate(AXE, TAGS)["violations"]
            assert [(each["id"], [one["target"] for one in each["nodes"]]) for each in found] == [], (name, scheme)
            page.screenshot(path=str(tmp_path / f"{name}-{scheme}.png"), full_page=True)
        assert not page.evaluate(WIDE), name

    page.goto(address)
    page.locator("#code").wait_for()
    look("code")
    page.locator("#code").fill("wrong-code-1")
    page.locator(".entrance .main").tap()
    page.get_by_text("Mã này không đúng").wait_for()
    page.locator("#code").fill(CODE)
    page.locator(".entrance .main").tap()
    assert page.locator("#state").inner_text() == "Đang ghi hình"
    assert "Mất xe máy" in page.locator("#asked").inner_text() and "O-17" in page.locator("#asked").inner_text()
    assert "22/11/26 08:00:00 – 08:00:30" in page.locator("#asked").inner_text(), "in the node's time zone"
    assert "84 lần" in page.locator("#sent").inner_text()
    assert page.locator("img, video, canvas").count() == 0, "no picture"
    page.locator("#sent summary").tap()
    look("records")

    page.locator("#begin").tap()
    page.locator("#resume").wait_for()
    assert page.locator("#state").inner_text() == "Đang tạm dừng" and node.home.state == "paused"
    assert "12:01" in page.locator("#until").inner_text(), "in the node's time zone"
    look("paused")
    page.locator("#resume").tap()
    page.locator("#begin").wait_for()

    watched = (CameraLine("Cổng", "ok", True), CameraLine("Sân sau", "lost", False))
    node.home = replace(node.home, state="partly", cameras=watched, pause=PauseNow(0.0, 0, 0), asked=(), newest=())
    page.reload()
    page.locator("#watched").wait_for()
    assert page.locator("#begin").count() == 0, "not allowed by the ward"
    page.locator("[data-language=en]").tap()
    assert "The ward looks at the live picture: Cổng" in page.locator("#watched").inner_text()
    look("watched-en")
    vi, en = page.evaluate(WORDS)
    assert sorted(vi) == sorted(en) and len(vi) > 60

    page.locator("#logout").tap()
    page.locator("#code").wait_for()
    context.close()
    assert complaints == []
