"""A real Chromium without a window, or the reason why there is none. It talks to the page only."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

CHROMIUM = Path("/usr/bin/chromium")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-domain-reliability",
    "--disable-sync",
    "--no-default-browser-check",
    "--no-first-run",
    "--no-pings",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
]
DESK = {"width": 1440, "height": 900}
PHONE = {"width": 390, "height": 844}


def missing() -> str | None:
    """Why no browser can be started here."""
    try:
        import playwright.sync_api  # noqa: F401, PLC0415
    except ImportError:
        return "playwright is not installed"
    return None if CHROMIUM.exists() else f"{CHROMIUM} is not installed (Debian package chromium)"


@contextmanager
def chromium() -> Iterator[Any]:
    """A browser."""
    from playwright.sync_api import sync_playwright  # noqa: PLC0415

    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS)
        try:
            yield browser
        finally:
            browser.close()


def started() -> Iterator[Any]:
    """For a fixture: a browser, or the test is skipped. Not for long: beside its driver no loop of asyncio can run."""
    why = missing()
    if why is not None:
        pytest.skip(why)
    with chromium() as one:
        yield one


def picture_seen(page: Any) -> tuple[int, int]:
    """Wait until the live picture has pixels; its size."""
    size = page.locator("#live").evaluate(
        """image => new Promise(done => {
            const look = () =>
                image.naturalWidth ? done([image.naturalWidth, image.naturalHeight]) : setTimeout(look, 50);
            look();
        })"""
    )
    return (size[0], size[1])


def played(page: Any, seconds: float) -> dict[str, float]:
    """Wait until the open clip has played so far; what the video element says then."""
    told: dict[str, float] = page.locator("video").evaluate(
        """(video, seconds) => new Promise((done, fail) => {
            const look = () => video.currentTime > seconds && done(
                {time: video.currentTime, ready: video.readyState, width: video.videoWidth, length: video.duration});
            video.addEventListener("timeupdate", look);
            video.addEventListener("error", () => fail(new Error(video.error?.message ?? "no video")));
            look();
        })""",
        seconds,
    )
    return told
