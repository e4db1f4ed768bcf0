"""Takes the picture of the page for the README: `python -m tests.installer.screenshot docs/images/page.png`.

The lane in it is drawn by `scene.py`. `--phone`, `--dark` and `--language en` take the other looks,
`--play` opens a clip.
"""

import argparse
import tempfile
from datetime import datetime, timedelta, timezone
from pathlib import Path

from agent.i18n import Text
from agent.installer.doors import PageFault
from agent.values import Severity
from tests.installer import scene
from tests.installer.browser import DESK, PHONE, chromium, picture_seen, played
from tests.installer.node import HEALTH, Node, event, serving

FAULT = PageFault(
    "undervoltage",
    Text("The power supply is too weak", "Nguồn điện quá yếu"),
    Text("Use the board's own supply and a short cable", "Hãy dùng đúng bộ nguồn của bo mạch và dây ngắn"),
)


def busy_node(clip: Path, ill: bool) -> Node:
    """A node on an ordinary evening; `ill`: with a few things wrong."""
    node = Node(clip)
    now = datetime.now(timezone.utc)
    stories = (
        (70, Severity.INFO, "Person crossed the line 'vao-ngo' (in)", "Người đi qua vạch 'vao-ngo' (chiều vào)",
         "none"),
        (52, Severity.WARNING, "Person lingering in the zone 'san-truoc'", "Người nán lại lâu trong vùng 'san-truoc'",
         "uploaded"),
        (31, Severity.INFO, "Motorcycle crossed the line 'vao-ngo' (out)", "Xe máy đi qua vạch 'vao-ngo' (chiều ra)",
         "none"),
        (17, Severity.WARNING, "Motorcycle parked in the zone 'san-truoc'", "Xe máy đỗ lâu trong vùng 'san-truoc'",
         "dropped" if ill else "uploaded"),
        (6, Severity.ALERT, "Person in the forbidden zone 'san-truoc'", "Người trong vùng cấm 'san-truoc'", "queued"),
        (1, Severity.ALERT, "Person in the forbidden zone 'san-truoc', 2 people",
         "Người trong vùng cấm 'san-truoc', 2 người",
         "recording"),
    )  # fmt: skip
    for number, (minutes, severity, en, vi, clip_state) in enumerate(stories):
        node.show(number * 1.3, number)
        started = (now - timedelta(minutes=minutes, seconds=7 * number)).isoformat(timespec="seconds")
        phase = "update" if clip_state == "recording" else "end"
        node.add(event(number, text=Text(en, vi), severity=severity, started_utc=started, phase=phase,
                       clip_state=clip_state))  # fmt: skip
    if ill:
        node.faults = (FAULT,)
        node.health = HEALTH | {
            "board": {"temp_c": 74.0, "undervoltage": True},
            "net": {"connected": False},
            "clock": {"trusted": False, "source": "none"},
            "spool": {"messages": 42, "oldest_age_s": 1260.0, "clips": 3, "dropped_total": 2},
        }
    node.show(3.0, 99)
    return node


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    for flag in ("phone", "dark", "play", "ill", "whole"):
        parser.add_argument(f"--{flag}", action="store_true")
    parser.add_argument("--language", choices=("vi", "en"), default="vi")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        clip = Path(folder) / "clip.mp4"
        scene.write_clip(clip, 4.0)
        node = busy_node(clip, given.ill)
        with serving(node, given.language) as address, chromium() as browser:
            page = browser.new_page(
                viewport=PHONE if given.phone else DESK,
                device_scale_factor=2 if given.phone else 1,
                color_scheme="dark" if given.dark else "light",
                locale="vi-VN" if given.language == "vi" else "en-GB",
            )
            page.goto(address)
            page.wait_for_selector(".event .thumb img")
            picture_seen(page)
            if given.play:
                page.click(".thumb:enabled")
                played(page, 0.5)
            page.wait_for_selector("#age[data-level=good]", state="visible")
            page.screenshot(path=str(given.out), full_page=given.whole)


if __name__ == "__main__":
    main()
