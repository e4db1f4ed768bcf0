"""Nobody is shut out: axe finds nothing serious on any step, in both languages, light and dark."""

from typing import Any

import pytest

from tests.installer.browser_setup.node import CODES, Node, Server
from tests.installer.browser_setup.visitor import DESK, PHONE, Visitor

TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
SQUARE = [[0.3, 0.5], [0.6, 0.5], [0.6, 0.9], [0.3, 0.9]]
ALL = "tags => axe.run(document, {runOnly: {type: 'tag', values: tags}, resultTypes: ['violations']})"
COLOURS = "() => axe.run(document, {runOnly: {type: 'rule', values: ['color-contrast']}, resultTypes: ['violations']})"


class Inspector:
    """Looks at what a visitor sees: everything by day, the colours by night as well."""

    def __init__(self, visitor: Visitor, script: str) -> None:
        self.page = visitor.page
        self.script = script
        self.seen: list[str] = []

    def look(self, name: str) -> None:
        """Fails with what was found, and where."""
        if not self.page.evaluate("() => 'axe' in window"):
            self.page.evaluate(self.script)
        found = [self.page.evaluate(ALL, TAGS)]
        self.page.emulate_media(color_scheme="dark", reduced_motion="reduce")
        found.append(self.page.evaluate(COLOURS))
        self.page.emulate_media(color_scheme="light", reduced_motion="reduce")
        told = [
            f"{name}: {each['id']}: {node['target']} {node['failureSummary']}"
            for one in found
            for each in one["violations"]
            if each["impact"] in ("serious", "critical")
            for node in each["nodes"]
        ]
        assert told == []
        self.seen.append(name)


@pytest.mark.parametrize(
    ("language", "size"),
    [
        pytest.param("vi", PHONE, id="vi-phone"),
        pytest.param("en", DESK, id="en-desk", marks=pytest.mark.long("the same steps in English, at a desk")),
    ],
)
def test_axe_finds_nothing_serious(
    browser: Any, node: Node, server: Server, axe: str, language: str, size: dict[str, int]
) -> None:
    node.running[0] |= {"zones": {"yard": SQUARE}, "lines": {"gate": [[0.1, 0.5], [0.25, 0.9]]}}
    node.running[0]["rules"] = [{"rule": "intrusion", "zone": "yard"}]
    visitor = Visitor(browser, size)
    inspector = Inspector(visitor, axe)
    visitor.page.goto(server.url)
    visitor.tap(f"[data-language={language}]")
    visitor.tap(".entrance .main")
    inspector.look("code")
    visitor.type("#code", CODES[0])
    visitor.tap(".entrance .main")
    visitor.page.locator(".meter").first.wait_for()
    node.walks = True
    visitor.tap("#walk-button")
    visitor.page.locator(".walker").first.wait_for()
    inspector.look("aim")
    visitor.go("draw")
    visitor.draw("mask", (0.05, 0.1), (0.25, 0.1), (0.25, 0.3))
    visitor.tap("summary")
    inspector.look("draw")
    visitor.tap(".tool.zone")
    visitor.point((0.5, 0.2), (0.7, 0.2), (0.7, 0.4))
    inspector.look("draw, a zone half done")
    visitor.tap("[data-id=finish]")
    visitor.go("rules")
    visitor.tap("[data-id=add-rule]")
    inspector.look("rules, choosing")
    visitor.tap('[data-id="pick.wrong_way"]')
    visitor.page.locator('[data-field="direction"]:not(:empty)').wait_for()
    inspector.look("rules, a form with a mistake")
    visitor.go("check")
    visitor.page.locator(".checks li").first.wait_for()
    visitor.tap("#take")
    visitor.page.locator(".photo").wait_for()
    inspector.look("check")
    visitor.go("save")
    visitor.page.locator(".mistakes").wait_for()
    inspector.look("save, with a mistake")
    visitor.tap(".mistakes button")
    visitor.tap('[data-id="field-direction-0"]')
    visitor.go("save")
    node.ends = None
    visitor.tap("#save-now")
    visitor.page.locator(".trial").wait_for()
    inspector.look("save, on trial")
    node.ends = node.saved.__class__("kept", "job-1")
    visitor.page.locator(".done").wait_for()
    inspector.look("done")
    visitor.close()
    assert len(inspector.seen) == 10


def test_both_languages_have_every_word(desk: Visitor, server: Server) -> None:
    desk.page.goto(server.url)
    vi, en = desk.page.evaluate(
        """async () => { const { WORDS } = await import("/words.js");
        const keys = (words, path) => Object.entries(words).flatMap(([name, word]) =>
            word && typeof word === "object" ? keys(word, `${path}${name}.`) : [`${path}${name}:${typeof word}`]);
        return [keys(WORDS.vi, ""), keys(WORDS.en, "")]; }"""
    )
    assert sorted(vi) == sorted(en)
    assert len(vi) > 200
