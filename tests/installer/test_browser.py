"""The page in a real browser: what an installer sees and does. Any word in the console is a failure."""

from collections.abc import Iterator
from typing import Any

import pytest

from agent.errors import StorageError
from agent.i18n import Text
from agent.installer.doors import CameraView, PageFault, Shape
from agent.values import Point, Severity
from tests.installer.browser import DESK, PHONE, missing, picture_seen, played
from tests.installer.node import GATE, HEALTH, Node, event, serving

pytestmark = [pytest.mark.real, pytest.mark.skipif(missing() is not None, reason=missing() or "")]


class Tab:
    """A page of the browser that remembers what went wrong in it."""

    def __init__(self, browser: Any, viewport: dict[str, int]) -> None:
        self.context = browser.new_context(viewport=viewport, locale="vi-VN")
        self.page = self.context.new_page()
        self.page.set_default_timeout(20_000)
        self.complaints: list[str] = []
        self.asked: list[str] = []
        self.page.on("console", lambda message: self.complaints.append(f"{message.type}: {message.text}"))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("request", lambda request: self.asked.append(request.url))


@pytest.fixture
def tab(browser: Any, address: str) -> Iterator[Tab]:  # closed before the server is
    made = Tab(browser, DESK)
    yield made
    made.context.close()
    assert made.complaints == []


def test_picture_events_and_health_are_there(tab: Tab, node: Node, address: str) -> None:
    node.add(event(1))
    tab.page.goto(address)
    assert picture_seen(tab.page) == (960, 540)
    assert tab.page.locator(".event .sentence").inner_text() == "Người trong vùng cấm 'san-truoc'"
    assert tab.page.locator(".event .clip").inner_text().endswith("Clip đã gửi về phường")
    tab.page.locator(".event .thumb img").evaluate("image => image.decode()")
    assert tab.page.locator(".tile").count() == 6
    assert set(tab.page.locator(".tile").evaluate_all("tiles => tiles.map(t => t.dataset.level)")) == {"good"}
    assert tab.page.locator("#overall").inner_text() == "Mọi thứ đều tốt"
    assert tab.page.title() == "Ngõ 12 Nguyễn Trãi"
    tab.page.locator("summary").click()
    tab.page.locator("#raw-text", has_text='"rss_mb": 168.2').wait_for()
    assert {url.split("/")[2] for url in tab.asked} == {address.split("/")[2]}, "nothing comes from elsewhere"


def test_a_clip_plays_in_place_and_can_be_sought(tab: Tab, node: Node, address: str) -> None:
    node.add(event(1))
    node.add(event(2, clip_state="recording", phase="update"))
    tab.page.goto(address)
    tab.page.locator(".event").nth(1).locator(".thumb").click()
    told = played(tab.page, 0.2)
    assert told["ready"] >= 2
    assert told["width"] == 640
    assert told["length"] == pytest.approx(2.0, abs=0.2)
    tab.page.locator("video").evaluate(
        "video => new Promise(done => { video.pause(); video.onseeked = done; video.currentTime = 1.5; })"
    )
    assert tab.page.locator("video").evaluate("video => video.currentTime") == pytest.approx(1.5, abs=0.1)
    node.add(event(3))  # the list grows above it: the same video goes on
    tab.page.locator(".event").nth(2).wait_for()
    assert tab.page.locator("video").evaluate("video => video.currentTime") == pytest.approx(1.5, abs=0.1)
    tab.page.locator(".event").nth(2).locator(".thumb").click()
    assert tab.page.locator("video").count() == 0
    assert tab.page.locator(".event").nth(1).locator(".thumb").is_disabled(), "still being recorded"


def test_what_a_closed_clip_tells_late_is_not_taken_for_the_next(tab: Tab, node: Node, address: str) -> None:
    node.add(event(1))
    tab.page.goto(address)
    thumb = tab.page.locator(".event .thumb")
    thumb.click()
    closed = tab.page.locator("video").element_handle()
    thumb.click()
    thumb.click()
    closed.evaluate("video => video.dispatchEvent(new Event('error'))")
    assert tab.page.locator("video").count() == 1


def test_the_language_switches_and_is_remembered(tab: Tab, node: Node, address: str) -> None:
    node.add(event(1))
    tab.page.goto(address)
    tab.page.locator(".event").wait_for()
    for _ in range(2):
        tab.page.get_by_role("button", name="English").click()
        tab.page.locator("#health-heading", has_text="Health of the node").wait_for()
        assert tab.page.locator(".event .sentence").inner_text() == "Person in the forbidden zone 'san-truoc'"
        assert tab.page.locator("#overall").inner_text() == "All is well"
        assert tab.page.locator("html").get_attribute("lang") == "en"
        tab.page.reload()
        tab.page.locator("#health-heading", has_text="Health of the node").wait_for()
        tab.page.locator(".event").wait_for()
    assert any("lang=en" in url for url in tab.asked if ".mjpeg" in url)


def test_both_languages_have_every_word(tab: Tab, address: str) -> None:
    tab.page.goto(address)
    vi, en = tab.page.evaluate(
        """async () => { const { WORDS } = await import("/words.js");
        const keys = (words) => Object.entries(words).flatMap(([name, word]) =>
            typeof word === "object" ? Object.keys(word).map((inner) => `${name}.${inner}`) : [name]);
        return [keys(WORDS.vi), keys(WORDS.en)]; }"""
    )
    assert sorted(vi) == sorted(en)
    assert len(vi) > 30


def test_trouble_is_told_in_words_with_its_remedy(tab: Tab, node: Node, address: str) -> None:
    node.health = HEALTH | {"net": {"connected": False}}
    node.faults = (PageFault("camera_lost", Text("No picture", "Camera mất hình"), Text("Check", "Kiểm tra dây mạng")),)
    node.live.clear()
    tab.page.goto(address)
    tab.page.locator("#faults", has_text="Kiểm tra dây mạng").wait_for()
    assert tab.page.locator("#overall").get_attribute("data-level") == "broken"
    assert tab.page.locator("#overall").inner_text() == "1 mục đang hỏng"
    assert tab.page.locator("#no-picture").inner_text() == "Camera chưa có hình"
    assert tab.page.locator("#no-events").is_visible()
    assert not any(".mjpeg" in url for url in tab.asked), "no picture is asked for where there is none"
    node.show(1.0, 7)
    assert picture_seen(tab.page) == (960, 540), "and it comes as soon as there is one"


def test_what_only_needs_a_mind_is_not_called_broken(tab: Tab, node: Node, address: str) -> None:
    node.faults = (PageFault("insecure_link", Text("Open line", "Chưa mã hoá"), severity=Severity.WARNING),)
    tab.page.goto(address)
    tab.page.locator("#faults li[data-level=mind]", has_text="Chưa mã hoá").wait_for()
    assert tab.page.locator("#overall").get_attribute("data-level") == "mind"


def test_when_events_cannot_be_read_the_picture_goes_on(tab: Tab, node: Node, address: str) -> None:
    node.add(event(1))
    tab.page.goto(address)
    tab.page.locator(".event").wait_for()
    node.broken = StorageError(Text("The database is damaged", "Cơ sở dữ liệu bị hỏng"))
    tab.page.locator("#events-trouble", has_text=str(node.broken)).wait_for()
    node.broken = None
    tab.page.locator("#events-trouble").wait_for(state="hidden")
    assert tab.page.locator("#lost").is_hidden()
    assert picture_seen(tab.page) == (960, 540)
    assert tab.page.locator(".event").count() == 1
    assert all("503" in complaint for complaint in tab.complaints)
    tab.complaints.clear()


EVIL = "<img src=x onerror=\"document.title='taken'\"><script>document.title='taken'</script>"


def test_names_are_only_ever_text(tab: Tab, node: Node, address: str) -> None:
    zone = Shape(EVIL, (Point(0.1, 0.1), Point(0.5, 0.1), Point(0.3, 0.6)))
    node.cameras = (CameraView("gate", EVIL, zones=(zone,)), CameraView("yard", EVIL))
    node.faults = (PageFault(EVIL, Text(EVIL, EVIL), Text(EVIL, EVIL)),)
    node.add(event(1, text=Text(EVIL, EVIL), clip_state=EVIL, started_utc=EVIL, phase=EVIL))
    tab.page.goto(address)
    picture_seen(tab.page)
    assert tab.page.locator(".event .sentence").inner_text() == EVIL
    assert tab.page.locator("#cameras button").first.inner_text() == EVIL
    assert tab.page.locator("#faults strong").inner_text() == EVIL
    assert tab.page.locator("script").count() == 1
    assert tab.page.locator("img[src=x]").count() == 0
    assert tab.page.title() == "Ngõ 12 Nguyễn Trãi"


def test_cameras_can_be_chosen(tab: Tab, node: Node, address: str) -> None:
    node.cameras = (GATE, CameraView("yard", "Sân sau"))
    node.live["yard"] = node.live["gate"]
    tab.page.goto(address)
    picture_seen(tab.page)
    with tab.page.expect_request(lambda request: "/live/yard.mjpeg" in request.url):
        tab.page.get_by_role("button", name="Sân sau").click()
    tab.page.locator("#cameras [aria-pressed=true]", has_text="Sân sau").wait_for()


def test_it_fits_a_phone(browser: Any, node: Node, address: str) -> None:
    for number in range(3):
        node.add(event(number))
    phone = Tab(browser, PHONE)
    phone.page.goto(address)
    picture_seen(phone.page)
    phone.page.locator(".event").nth(2).wait_for()
    assert phone.page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    picture = phone.page.locator("#live").bounding_box()
    assert picture["width"] == pytest.approx(PHONE["width"], abs=1)
    assert picture["y"] + picture["height"] < 400, "the picture is on the first screen, with events below it"
    phone.context.close()
    assert phone.complaints == []


def test_a_node_that_goes_away_is_said_at_once(browser: Any, node: Node) -> None:
    tab = Tab(browser, DESK)
    with serving(node) as url:
        tab.page.goto(url)
        picture_seen(tab.page)
        assert tab.page.locator("#lost").is_hidden()
    tab.page.locator("#lost", has_text="Mất liên lạc").wait_for()
    tab.context.close()
