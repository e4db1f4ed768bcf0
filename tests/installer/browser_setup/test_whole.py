"""From the code of the label to "saved": two zones, a line, a mask and a rule, once by touch and once by keys alone."""

from typing import Any

from tests.installer.browser_setup.node import CODES, Node, Server
from tests.installer.browser_setup.visitor import Visitor

YARD = ((0.42, 0.66), (0.74, 0.66), (0.8, 0.94), (0.36, 0.94))
PAVEMENT = ((0.02, 0.6), (0.3, 0.6), (0.3, 0.7), (0.02, 0.7))
GATE = ((0.47, 0.62), (0.70, 0.62))
WINDOW = ((0.02, 0.22), (0.24, 0.22), (0.24, 0.5), (0.02, 0.5))
TAPS, LETTERS = 37, 9  # all that a person does who makes no mistake and asks for everything


def near(points: Any, wanted: Any) -> bool:
    return len(points) == len(wanted) and all(
        abs(a - b) < 0.006 for one, other in zip(points, wanted, strict=True) for a, b in zip(one, other, strict=True)
    )


def test_by_touch_on_a_phone(phone: Visitor, node: Node, server: Server) -> None:
    phone.enter(server, "7k3m 9qxz")
    phone.tap("#next")
    phone.draw("zone", *YARD)
    phone.tap(".chip >> text=Sân")
    phone.draw("zone", *PAVEMENT)
    phone.tap(".chip >> text=Vỉa hè")
    phone.draw("line", *GATE)
    phone.tap("[data-id=flip]")
    phone.draw("mask", *WINDOW)
    assert sorted(phone.names()) == ["che-1", "san", "vach-1", "via-he"]
    phone.tap("#next")
    phone.tap("[data-id=add-rule]")
    phone.tap('[data-id="pick.intrusion"]')
    phone.page.locator("#field-zone").select_option("san")
    phone.taps += 2  # the list, and the name in it
    phone.tap(".chip >> text=Ban đêm 22–5 giờ")
    phone.tap("#next")
    phone.page.locator(".checks li").first.wait_for()
    phone.tap("#send")
    phone.page.locator("#test", has_text="84 ms").wait_for()
    phone.tap("#take")
    phone.page.locator(".photo").wait_for()
    phone.tap("#next")
    phone.tap("#save-now")
    phone.page.locator(".done", has_text="2 vùng, 1 vạch, 1 vùng che, 1 luật").wait_for()
    camera = node.running[0]
    assert near(camera["zones"]["san"], YARD)
    assert near(camera["zones"]["via-he"], PAVEMENT)
    assert near(camera["lines"]["vach-1"], GATE[::-1])
    assert near(camera["privacy_masks"]["che-1"], WINDOW)
    night = {"days": ["mon", "tue", "wed", "thu", "fri", "sat", "sun"], "hours": "22:00-05:00"}
    assert camera["rules"] == [{"rule": "intrusion", "zone": "san", "schedule": night}]
    assert node.photos["gate"].startswith(b"\xff\xd8")
    assert (phone.taps, phone.typed) == (TAPS, LETTERS), "the guide tells these numbers"
    phone.tap("[data-id=finish]")
    phone.page.locator("#done", has_text="đã đóng").wait_for()
    assert phone.page.evaluate("document.documentElement.scrollWidth") <= 360


class Keys:
    """Nothing but a keyboard: what has the focus, and the next key."""

    def __init__(self, visitor: Visitor) -> None:
        self.visitor = visitor
        self.page = visitor.page

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)

    def to(self, selector: str) -> None:
        """Tab until it has the focus; fails when it never gets it."""
        for _ in range(90):
            if self.page.evaluate("what => document.activeElement?.matches(what) ?? false", selector):
                return
            self.page.keyboard.press("Tab")
        raise AssertionError(f"{selector} cannot be reached with Tab")

    def step(self, name: str) -> None:
        self.to("#next")
        self.press("Enter")
        self.page.locator(f'[data-id={name}][aria-current="step"]').wait_for()

    def shape(self, kind: str, *moves: tuple[str, int]) -> None:
        """Draw: from the middle, move the cross and set a corner after each move."""
        self.to(f".tool.{kind}")
        self.press("Enter")
        for key, times in moves:
            self.press(*[key] * times, "Space")
        if kind != "line":
            self.press("Enter")
        self.page.locator("#shape-name").wait_for()


def test_by_keyboard_alone_at_a_desk(desk: Visitor, node: Node, server: Server) -> None:
    keys = Keys(desk)
    desk.page.goto(server.url)
    keys.to("[data-language=en]")
    keys.press("Enter")
    keys.to("#code")
    desk.page.keyboard.type(CODES[0])
    keys.press("Enter")
    desk.page.locator(".meter").first.wait_for()
    keys.step("draw")
    down, up, left, right = (f"Shift+Arrow{way}" for way in ("Down", "Up", "Left", "Right"))
    keys.shape("zone", (left, 5), (right, 9), (down, 4), (left, 9))
    keys.shape("zone", (up, 3), (right, 4), (down, 2))
    keys.shape("line", (right, 2), (up, 4))
    keys.shape("mask", (left, 11), (up, 5), (right, 4))
    keys.to("[data-id='shape-name']")
    keys.press("Control+A")
    desk.page.keyboard.type("Their window")
    keys.press("Tab")
    keys.to("[data-corner='0']")
    keys.press("ArrowRight", "ArrowRight", "Shift+ArrowUp", "Control+z")
    keys.step("rules")
    keys.to("[data-id=add-rule]")
    keys.press("Enter")
    keys.to('[data-id="pick.line_crossing"]')
    keys.press("Enter")
    keys.step("check")
    keys.step("save")
    keys.to("#save-now")
    keys.press("Enter")
    desk.page.locator(".done", has_text="2 zones, 1 line, 1 mask, 1 rule").wait_for()
    camera = node.running[0]
    assert near(camera["zones"]["zone-1"], ((0.3, 0.5), (0.66, 0.5), (0.66, 0.784), (0.3, 0.784)))
    assert len(camera["zones"]["zone-2"]) == 3
    assert near(camera["lines"]["line-1"], ((0.58, 0.5), (0.58, 0.216)))
    assert list(camera["privacy_masks"]) == ["their-window"]
    assert camera["rules"] == [{"rule": "line_crossing", "line": "line-1"}]
