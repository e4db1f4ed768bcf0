"""A person in front of the page, with a thumb, a mouse or keys: only what is seen on the page is touched."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from tests.installer.browser_setup.node import CODES, Server

PHONE = {"width": 360, "height": 740}
LYING = {"width": 740, "height": 360}
DESK = {"width": 1280, "height": 800}
PATIENCE_MS = 30_000
# 600 ms: a long press, as gestures.js has it.
NEVER_LONG = """() => {
    window.hurried = window.setTimeout;
    window.setTimeout = (act, ms, ...more) => (ms === 600 ? 0 : window.hurried(act, ms, ...more));
}"""
Place = tuple[float, float]


class Visitor:
    """One tab. `taps` counts what a person did on the page; `complaints` what the browser found wrong with it."""

    def __init__(self, browser: Any, size: dict[str, int], **more: Any) -> None:
        self.phone = size != DESK
        touch = {"has_touch": True, "is_mobile": True} if self.phone else {}
        self.context = browser.new_context(
            viewport=size, ignore_https_errors=True, reduced_motion="reduce", **(touch | more)
        )
        self.page = self.context.new_page()
        self.page.set_default_timeout(PATIENCE_MS)
        self.protocol = self.context.new_cdp_session(self.page)
        self.taps = 0
        self.typed = 0
        self.complaints: list[str] = []
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("console", self._heard)

    def _heard(self, said: Any) -> None:
        # What the server refuses on purpose, and a line that is down, are told by the page itself.
        if said.type == "error" and "Failed to load resource" not in said.text:
            self.complaints.append(said.text)

    def enter(self, server: Server, code: str = CODES[0]) -> None:
        """Open the page and type the code of the label."""
        self.page.goto(server.url)
        self.type("#code", code)
        self.tap(".entrance .main")
        self.page.locator(".meter").first.wait_for()

    def tap(self, what: str) -> None:
        """Touch or click something that can be seen."""
        place = self.page.locator(what)
        self.taps += 1
        if self.phone:
            place.tap()
        else:
            place.click()

    def type(self, what: str, text: str) -> None:
        """Write into a field."""
        self.typed += len(text)
        self.page.locator(what).fill(text)

    def point(self, *places: Place) -> None:
        """Touch or click the picture, at shares of its width and height."""
        for place in places:
            x, y = self.seen_at(place)
            self.taps += 1
            if self.phone:
                self.page.touchscreen.tap(x, y)
            else:
                self.page.mouse.click(x, y)

    def drag(self, start: Place, end: Place) -> None:
        """With the mouse, from one place of the picture to another."""
        first, *others = map(self.seen_at, (start, ((start[0] + end[0]) / 2, (start[1] + end[1]) / 2), end))
        with self.unhurried():
            self.page.mouse.move(*first)
            self.page.mouse.down()
            for place in others:
                self.page.mouse.move(*place)
            self.page.mouse.up()

    @contextmanager
    def unhurried(self) -> Iterator[None]:
        """However slow the machine moves the finger: it drags, and the page does not take it for a long press."""
        self.page.evaluate(NEVER_LONG)
        yield
        self.page.evaluate("() => { window.setTimeout = window.hurried; }")

    def seen_at(self, place: Place) -> tuple[float, float]:
        """Where on the screen a place of the picture is now."""
        box = self.page.locator("#board").bounding_box()
        return (box["x"] + place[0] * box["width"], box["y"] + place[1] * box["height"])

    def draw(self, kind: str, *corners: Place) -> None:
        """Choose a kind and set its corners; zones and masks are closed with the button."""
        self.tap(f".tool.{kind}")
        self.point(*corners)
        if kind != "line":
            self.tap("[data-id=finish]")
        self.page.locator("#shape-name").wait_for()

    def go(self, step: str) -> None:
        """To a step by its name in the row on top."""
        self.tap(f"#steps [data-id={step}]")
        self.page.locator(f'[data-id={step}][aria-current="step"]').wait_for()

    def names(self) -> list[str]:
        """What the list of drawn shapes says."""
        found: list[str] = self.page.locator(".rows b").all_inner_texts()
        return found

    def close(self) -> None:
        """The browser found nothing wrong."""
        self.context.close()
        assert self.complaints == []
