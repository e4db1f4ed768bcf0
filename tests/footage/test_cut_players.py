"""A clip in other people's players."""

import shutil
import subprocess
from collections.abc import Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from tests.capture.clocks import HandClock
from tests.footage.recording import footage, moment, recorded, wanted, write
from tests.installer.browser import chromium, missing

pytestmark = pytest.mark.real
WATCH = """
async url => {
  const video = document.createElement("video");
  video.muted = true; video.preload = "auto"; video.src = URL.createObjectURL(await (await fetch(url)).blob());
  document.body.append(video);
  const on = name => new Promise((done, failed) => {
    video.addEventListener(name, done, { once: true });
    video.addEventListener("error", () => failed(new Error(video.error.message)), { once: true });
  });
  await on("loadeddata");
  const start = video.currentTime, duration = video.duration;
  const seeked = on("seeked"); video.currentTime = 2.5; await seeked;
  const middle = video.currentTime;
  const ended = on("ended"); await video.play(); await ended;
  return { start, duration, middle, end: video.currentTime, width: video.videoWidth };
}
"""


@pytest.fixture
def clip(drawn_h264: Path, tmp_path: Path) -> Path:
    store = footage(tmp_path, HandClock())
    write(store, recorded(drawn_h264, moment(1000), stamp_s=5000))
    store.close()
    store = footage(tmp_path, HandClock())
    (tmp_path / "served").mkdir()
    target = tmp_path / "served" / "clip.mp4"
    assert store.library.cut(wanted(moment(1000), moment(1004)), target) is not None
    store.close()
    return target


@pytest.fixture
def address(clip: Path) -> Iterator[str]:
    class Handler(SimpleHTTPRequestHandler):
        def __init__(self, *arguments: Any) -> None:
            super().__init__(*arguments, directory=str(clip.parent))

        def log_message(self, *arguments: object) -> None:
            pass

    (clip.parent / "index.html").write_text("<!doctype html><title>clip</title><body>", encoding="ascii")
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()
        thread.join()


@pytest.mark.skipif(missing() is not None, reason=missing() or "")
def test_a_browser_plays_it_from_zero_seeks_and_reaches_the_end(address: str) -> None:
    with chromium() as browser:
        page = browser.new_page()
        page.goto(address)
        seen = page.evaluate(WATCH, f"{address}/clip.mp4")
        page.close()
    assert seen["start"] == 0 and seen["width"] == 320
    assert seen["middle"] == pytest.approx(2.5, abs=0.05)
    assert seen["duration"] == pytest.approx(4.0, abs=0.05)
    assert seen["end"] == pytest.approx(4.0, abs=0.1)


def test_ffmpeg_finds_nothing_wrong(clip: Path) -> None:
    ffmpeg = shutil.which("ffmpeg")
    if ffmpeg is None:
        pytest.skip("no ffmpeg")
    done = subprocess.run(
        [ffmpeg, "-v", "warning", "-xerror", "-i", str(clip), "-f", "null", "-"],
        check=False,
        capture_output=True,
        text=True,
    )
    assert (done.returncode, done.stderr) == (0, "")
