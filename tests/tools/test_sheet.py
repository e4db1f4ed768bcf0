"""The hand-over sheet: a PDF that readers open, with every part on it, whatever photo there is."""

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from agent.config.load import load_config
from agent.contract.answers import CheckRow
from agent.contract.base import Words
from agent.i18n import Text
from agent.installer.letters import Letters
from agent.tools.doctor import Diagnosis, Finding
from agent.tools.sheet import HandOver, compose, pdf_of
from agent.tools.sheet.paper import BODY, BOTTOM, HEIGHT, INSIDE, WIDTH, Paper
from agent.tools.sheet.pdf import Picture
from agent.tools.sheet.views import TALLEST, WIDEST, view_of
from agent.values import Point


@pytest.fixture
def sheet(tmp_path: Path) -> HandOver:
    camera: dict[str, Any] = {
        "id": "gate",
        "label": "Cổng chợ",
        "source": "/dev/video0",
        "zones": {"san": [[0.1, 0.5], [0.9, 0.5], [0.9, 1.0]]},
        "lines": {"vach": [[0.2, 0.6], [0.8, 0.6]]},
        "privacy_masks": {"cua-so": [[0.0, 0.0], [0.2, 0.0], [0.2, 0.2]]},
        "rules": [{"rule": "intrusion", "zone": "san", "schedule": {"hours": "22:00-05:00"}}],
    }
    tree = {
        "node": {"ward": "w", "id": "gate-12", "label": "Ngã tư", "data_dir": str(tmp_path / "data")},
        "mqtt": {"url": "mqtt://127.0.0.1:1"},
        "insecure": True,
        "retention": {"max_days": 30},
        "cameras": [camera, camera | {"id": "yard", "source": "/dev/video1"}],
    }
    (tmp_path / "c.yaml").write_text(json.dumps(tree))
    bad = Words(en="not set", vi="chưa chỉnh")
    rows = [
        CheckRow(name="disk", state="ok", text=Words(en="9 GB", vi="còn 9 GB")),
        CheckRow(name="clock", state="error", text=bad, remedy=Words(en="NTP", vi="NTP")),
    ]
    diagnosis = Diagnosis("gate-12", "w", None, tuple(Finding(row, "here") for row in rows))
    return HandOver(load_config(tmp_path / "c.yaml"), "a" * 64, "0.1.0", diagnosis, "22/11/2026 20:00")


def photo(width: int, height: int) -> bytes:
    drawn = np.zeros((height, width, 3), np.uint8)
    drawn[:, :, 1] = np.linspace(0, 255, width, dtype=np.uint8)
    return cv2.imencode(".jpg", drawn)[1].tobytes()


def test_each_object_of_the_file_stands_where_its_table_says() -> None:
    data = pdf_of([Picture(photo(40, 60), 40, 60), Picture(photo(40, 60), 40, 60)], "Biên bản bàn giao")
    start = int(data.rpartition(b"startxref\n")[2].split()[0])
    table = data[start:].split(b"trailer")[0].splitlines()
    assert table[0] == b"xref" and table[1] == b"0 10"
    for number, line in enumerate(table[3:], 1):
        assert data[int(line[:10]) :].startswith(b"%d 0 obj" % number)
    for length, body in re.findall(rb"/Length (\d+) >>\nstream\n(.*?)\nendstream", data, re.DOTALL):
        assert len(body) == int(length)
    title = re.search(rb"/Title <([0-9A-F]+)>", data)
    assert title is not None and bytes.fromhex(title[1].decode()).decode("utf-16") == "Biên bản bàn giao"


def test_a_reader_opens_it_and_every_page_has_ink(sheet: HandOver, tmp_path: Path) -> None:
    folder = sheet.config.node.data_dir / "reference"
    folder.mkdir(parents=True)
    (folder / "gate.jpg").write_bytes(photo(1280, 720))
    (folder / "gate.json").write_text(json.dumps({"at_utc": "2026-11-22T12:00:00.000Z", "trusted": True, "bytes": 1}))
    pages = compose(sheet)
    assert 2 <= len(pages) <= 4 and all((page.width, page.height) == (WIDTH, HEIGHT) for page in pages)
    data = pdf_of(pages, "x")
    assert len(data) < 3_000_000
    path = tmp_path / "sheet.pdf"
    path.write_bytes(data)
    for page in pages:
        decoded = cv2.imdecode(np.frombuffer(page.jpeg, np.uint8), cv2.IMREAD_GRAYSCALE)
        assert decoded is not None
        assert 0.002 < float(np.mean(np.asarray(decoded) < 128)) < 0.5
    if shutil.which("gs") is None:
        pytest.skip("the rest needs Ghostscript")
    shown = ["gs", "-q", "-dNOPAUSE", "-dBATCH", "-dPDFSTOPONERROR", "-sDEVICE=pnggray", "-r30"]
    subprocess.run([*shown, f"-sOutputFile={tmp_path}/p%d.png", str(path)], check=True, timeout=60)
    assert len(list(tmp_path.glob("p*.png"))) == len(pages)


def test_a_photo_is_shown_with_what_is_drawn_on_it(sheet: HandOver) -> None:
    camera, letters = sheet.config.cameras[0], Letters()
    bare = view_of(camera.model_copy(update={"zones": {}, "lines": {}, "privacy_masks": {}}), photo(1280, 720), letters)
    drawn = view_of(camera, photo(1280, 720), letters)
    assert drawn.shape == bare.shape and drawn.shape[0] <= TALLEST and drawn.shape[1] <= WIDEST
    height, width = drawn.shape[:2]
    inside = (int(height * 0.7), int(width * 0.85))
    assert np.abs(drawn[inside].astype(int) - bare[inside]).max() > 10
    assert drawn[int(height * 0.1), int(width * 0.15)].max() < 60, "what is masked is black"
    assert (drawn[int(height * 0.3) :, :] == bare[int(height * 0.3) :, :]).mean() > 0.3


@pytest.mark.parametrize("data", [None, b"", b"no picture", photo(20, 20)[:100]], ids=["none", "empty", "text", "cut"])
def test_without_a_photo_there_is_a_place_for_it(sheet: HandOver, data: bytes | None) -> None:
    field = view_of(sheet.config.cameras[0], data, Letters())
    assert min(field.shape[:2]) > 300 and (field > 200).mean() > 0.3


def test_what_is_drawn_does_not_cover_that_a_photo_is_missing(sheet: HandOver) -> None:
    camera = sheet.config.cameras[0]
    everywhere = (Point(0.0, 0.0), Point(1.0, 0.0), Point(1.0, 1.0), Point(0.0, 1.0))
    masked, bare = (
        view_of(camera.model_copy(update={"privacy_masks": masks, "zones": {}, "lines": {}}), None, Letters())
        for masks in ({"nha": everywhere}, {})
    )
    changed = (masked != bare).any(axis=(1, 2))
    words = (bare != bare[0, 0]).any(axis=(1, 2))
    assert changed.any() and words.any() and not (changed & words).any()


def test_long_words_are_broken_and_pages_begun() -> None:
    paper = Paper("foot")
    for line in paper.wrapped("x" * 400 + " Nguyễn", BODY, 600):
        assert paper._letters.width(line, BODY) <= 600
    assert "".join(paper.wrapped("x" * 400, BODY, 600)) == "x" * 400
    for number in range(60):
        paper.row(Text(en="name", vi="tên"), f"value {number} " * 12)
        assert paper.y <= HEIGHT - BOTTOM
    assert len(paper.pages()) >= 3 and INSIDE < WIDTH
