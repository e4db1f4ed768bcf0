"""The setup page on a phone as slow as an old one: how many bytes it takes, and how long until it can be used.

The real server with TLS on one core, and the real page in Chromium on one core (the other one, where there are two: a
phone and a node are two machines), slowed down by the browser to a quarter (CDP `Emulation.setCPUThrottlingRate` 4).
The cache is empty and the browser's process for the page is a new one; `floor_ms` is what a page with nothing but one
word and one script takes in the same way: so much of `load_ms` is the browser's own.

`kb` is everything that the browser received until the page could be used, headers and the first picture included, in
kilobytes of 1000 bytes. `load_ms` is from the address to the moment at which the first picture stands there and a
button that was pressed has answered on the screen, for somebody who is logged in; `code_ms` until the field for the
code takes a letter; `enter_ms` from the code's button to the same moment as `load_ms`. Medians; `worst_ms` is the
slowest load.
"""

import os
import statistics
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil

from bench.truth import Absent
from tests.installer.browser import chromium, missing
from tests.installer.browser_setup.node import CODES, Node, Server, serving
from tests.installer.browser_setup.visitor import PHONE

SLOWER = 4
ROUNDS, QUICK_ROUNDS = 9, 3
PATIENCE_MS = 30_000
# Presses a button as soon as there is a picture, and notes when the page has shown the answer. `watched` is a promise.
WATCH = """
window.watched = new Promise((done) => {
  // Painted: what stands behind a frame's work in the queue runs after it.
  const painted = () => requestAnimationFrame(() => setTimeout(() => done(performance.now())));
  const watcher = new MutationObserver(() => {
    const button = document.querySelector('#tools button[aria-pressed]');
    if (document.body?.dataset.picture !== 'yes' || !button) return;
    watcher.disconnect();
    const before = button.getAttribute('aria-pressed');
    button.click();
    if (button.getAttribute('aria-pressed') !== before) painted();
  });
  watcher.observe(document, { subtree: true, childList: true, attributeFilter: ['data-picture'] });
});
"""
ENTER = "() => { document.querySelector('.entrance').requestSubmit(); return performance.now(); }"
FLOOR = """<!doctype html><p>Camera<script>
window.painted = new Promise((done) => requestAnimationFrame(() => setTimeout(() => done(performance.now()))));
</script>"""
CODE = """
() => new Promise((done) => {
  const watcher = new MutationObserver(() => look());
  const look = () => {
    const field = document.querySelector('#code');
    if (!field) return;
    watcher.disconnect();
    field.addEventListener('input', () => requestAnimationFrame(() => setTimeout(() => done(performance.now()))));
    field.focus();
    document.execCommand('insertText', false, '7');
  };
  watcher.observe(document, { subtree: true, childList: true });
  look();
})
"""


def run(quick: bool) -> dict[str, object]:
    """Keys kb, load_ms, worst_ms, code_ms, enter_ms, floor_ms, files, slower."""
    why = missing()
    if why is not None:
        raise Absent(why)
    with _one_core() as there, tempfile.TemporaryDirectory() as told:
        folder = Path(told)
        with serving(Node(), _papers(folder), folder) as server, chromium() as browser:
            _pin(there)
            figures = _measure(browser, server, QUICK_ROUNDS if quick else ROUNDS)
    print(f"{'':34} {'':>8}   on one core, the page slowed down {SLOWER} times")
    for name, key, unit in (
        ("everything until it can be used", "kb", "kB"),
        ("until picture and buttons are there", "load_ms", "ms"),
        ("the slowest of them", "worst_ms", "ms"),
        ("until the code can be typed", "code_ms", "ms"),
        ("from the code to the picture", "enter_ms", "ms"),
        ("a page with one word, for comparison", "floor_ms", "ms"),
    ):
        print(f"{name:36} {figures[key]:>8} {unit}")
    return figures


def _measure(browser: Any, server: Server, rounds: int) -> dict[str, object]:
    context = browser.new_context(viewport=PHONE, ignore_https_errors=True, has_touch=True, is_mobile=True)
    context.add_init_script(WATCH)
    page = context.new_page()
    page.set_default_timeout(PATIENCE_MS)
    protocol = context.new_cdp_session(page)
    received: list[float] = []
    protocol.on("Network.loadingFinished", lambda told: received.append(told["encodedDataLength"]))
    protocol.send("Network.enable")
    protocol.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
    codes = []
    for _ in range(rounds):
        protocol.send("Network.clearBrowserCache")
        page.goto(server.url, wait_until="commit")
        codes.append(float(page.evaluate(CODE)))
    page.locator("#code").fill(CODES[0])
    began = float(
        page.evaluate("() => { document.querySelector('.entrance').requestSubmit(); return performance.now(); }")
    )
    entered = float(page.evaluate("() => window.watched")) - began
    loads, sizes, files = [], [], 0
    for _ in range(rounds):
        page.goto("about:blank")
        protocol.send("Network.clearBrowserCache")
        received.clear()
        page.goto(server.url, wait_until="commit")
        loads.append(float(page.evaluate("() => window.watched")))
        sizes.append(sum(received))
        files = len(received)
    floors = []
    page.route("**/floor", lambda route: route.fulfill(content_type="text/html", body=FLOOR))
    for _ in range(rounds):
        page.goto("about:blank")
        page.goto(f"{server.url}floor", wait_until="commit")
        floors.append(float(page.evaluate("() => window.painted")))
    context.close()
    return {
        "kb": round(max(sizes) / 1000, 1),
        "load_ms": round(statistics.median(loads)),
        "worst_ms": round(max(loads)),
        "code_ms": round(statistics.median(codes)),
        "enter_ms": round(entered),
        "floor_ms": round(statistics.median(floors)),
        "files": files,
        "slower": SLOWER,
    }


@contextmanager
def _one_core() -> Iterator[int]:
    """This process and all that it starts run on one core while the block runs; the number of another, if there is."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(before)})
    try:
        yield max(before)
    finally:
        os.sched_setaffinity(0, before)


def _pin(core: int) -> None:
    """The browser that we started runs on that core alone, and whatever it starts."""
    for child in psutil.Process().children(recursive=True):
        if "chrom" in child.name():
            child.cpu_affinity([core])


def _papers(folder: Path) -> tuple[Path, Path]:
    cert, key = folder / "cert.pem", folder / "key.pem"
    command = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=node"
    subprocess.run([*command.split(), "-keyout", key, "-out", cert], check=True, capture_output=True, timeout=60)
    return cert, key
