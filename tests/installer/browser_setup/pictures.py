"""Takes the pictures of the guide: `python -m tests.installer.browser_setup.pictures docs/guide/pictures`.

A phone walks through the page, once in each language. What the camera sees is drawn by `tests/installer/scene.py`.
`--looks FOLDER` writes other looks (dark, on its side, at a desk) for somebody who works on the page.
"""

import argparse
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from tests.installer.browser import chromium
from tests.installer.browser_setup.node import Node, serving
from tests.installer.browser_setup.test_whole import GATE, PAVEMENT, WINDOW, YARD
from tests.installer.browser_setup.visitor import DESK, LYING, PHONE, Visitor

QUALITY = 72
CHIPS = {"vi": ("Sân", "Vỉa hè", "Cổng", "Cửa sổ"), "en": ("Yard", "Pavement", "Gate", "Window")}
NIGHT = {"vi": "Ban đêm", "en": "Night"}


class Photographer:
    """Photographs what a visitor sees, by number and name."""

    def __init__(self, visitor: Visitor, folder: Path, ending: str) -> None:
        self.visitor = visitor
        self.folder = folder
        self.ending = ending

    def take(self, name: str) -> None:
        """WebP; the sizes are of an ordinary phone."""
        self.visitor.page.evaluate("() => document.activeElement?.blur()")
        png = self.visitor.page.screenshot()
        picture = cv2.imdecode(np.frombuffer(png, np.uint8), cv2.IMREAD_COLOR)
        assert picture is not None
        target = self.folder / f"setup-{name}.{self.ending}.webp"
        cv2.imwrite(str(target), picture, [cv2.IMWRITE_WEBP_QUALITY, QUALITY])


def main(arguments: Sequence[str] | None = None) -> None:
    """Write them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--looks", action="store_true")
    chosen = parser.parse_args(arguments)
    chosen.folder.mkdir(parents=True, exist_ok=True)
    with chromium() as browser:
        if chosen.looks:
            walk(browser, chosen.folder, "vi", "dark", size=PHONE, device_scale_factor=1.5, color_scheme="dark")
            walk(browser, chosen.folder, "en", "lying", size=LYING)
            walk(browser, chosen.folder, "en", "desk", size=DESK)
        else:
            walk(browser, chosen.folder, "vi", "vi", size=PHONE, device_scale_factor=1.5)
            walk(browser, chosen.folder, "en", "en", size=PHONE, device_scale_factor=1.5)


def walk(browser: Any, folder: Path, language: str, ending: str, **look: Any) -> None:
    """From the code to the end, with a picture at each step."""
    with tempfile.TemporaryDirectory() as told:
        cert, key = Path(told) / "cert.pem", Path(told) / "key.pem"
        command = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=node"
        subprocess.run([*command.split(), "-keyout", key, "-out", cert], check=True, capture_output=True)

        with serving(Node(), (cert, key), Path(told)) as server:
            visitor = Visitor(browser, look.pop("size"), **look)
            _walk(visitor, Photographer(visitor, folder, ending), server.url, language)
            visitor.close()


def _walk(visitor: Visitor, photos: Photographer, url: str, language: str) -> None:
    page = visitor.page
    page.goto(url)
    visitor.tap(f"[data-language={language}]")
    visitor.type("#code", "7K3M-9QXZ")
    photos.take("1-code")
    visitor.tap(".entrance .main")
    page.locator('body[data-picture="yes"]').wait_for()
    page.locator(".meter").first.wait_for()
    photos.take("2-aim")
    page.locator("#lens").select_option("4 mm")
    visitor.tap("#walk-button")
    page.locator("#walk-seen .far").wait_for()
    page.locator("#walk").scroll_into_view_if_needed()
    photos.take("3-walk")
    visitor.go("draw")
    visitor.tap(".tool.zone")
    visitor.point(*YARD)
    photos.take("4-zone")
    visitor.tap("[data-id=finish]")
    yard, pavement, gate, window = CHIPS[language]
    visitor.tap(f".chip >> text={yard}")
    visitor.draw("zone", *PAVEMENT)
    visitor.tap(f".chip >> text={pavement}")
    visitor.draw("line", *GATE)
    visitor.tap(f".chip >> text={gate}")
    visitor.tap("[data-id=flip]")
    photos.take("5-line")
    visitor.draw("mask", *WINDOW)
    visitor.tap(f".chip >> text={window}")
    visitor.tap("[data-id=shape-done]")
    photos.take("6-drawn")
    visitor.go("rules")
    visitor.tap("[data-id=add-rule]")
    visitor.tap('[data-id="pick.intrusion"]')
    page.locator("#field-zone").select_option(index=1)
    visitor.tap(f".chip >> text={NIGHT[language]}")
    page.locator(".schedule").scroll_into_view_if_needed()
    photos.take("7-rule")
    visitor.go("check")
    page.locator(".checks li").first.wait_for()
    visitor.tap("#send")
    page.locator("#test", has_text="84").wait_for()
    photos.take("8-check")
    visitor.go("save")
    page.locator("#save-now").wait_for()
    photos.take("9-save")
    visitor.tap("#save-now")
    page.locator(".done").wait_for()
    photos.take("10-done")


if __name__ == "__main__":
    main()
