"""Plots come from what benchmarks print; the same figures give the same file."""

import json
import sys
from pathlib import Path

import pytest

from bench import plots
from bench.plots import draw, last_line, main

DETECTION = {"ap50_ssd": 0.83, "curve_ssd": [[0.1, 1.0], [0.8, 0.9]], "ap50_yolox": None}
E2E = {
    "motion_cpu_s_per_min_360p": 1.3,
    "stages": {"360p": {"decode": 0.6, "inference": 1.5, "rest": -0.1}, "1080p": {"decode": 3.4}},
}
REACH = {"smallest_ssd_day_360": 30.0, "curves": {"ssd_day_360": {"16": 0.3, "34": 1.0}, "ssd_day_720": {"16": 0.0}}}
FLEET = {
    "nodes": 90,
    "spread_s": 3.0,
    "mean_per_s": 30.0,
    "curve": [28, 31, 31, 0, 0, 40, 50],
    "restart_curve": [40, 50],
}


def test_each_benchmark_has_its_drawing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("matplotlib")
    files = []
    for name, figures in (("detection", DETECTION), ("e2e", E2E), ("reach", REACH), ("fleet", FLEET)):
        files.append(tmp_path / f"{name}.out")
        files[-1].write_text(f"a table\n1 2 3\n{json.dumps(figures)}\n")
    assert main([*map(str, files), "--out", str(tmp_path / "images")]) == 0
    told = capsys.readouterr().out.split()
    assert [Path(path).name for path in told] == [
        "precision-recall.svg",
        "cpu-stages.svg",
        "reach.svg",
        "reconnect.svg",
    ]
    for path in map(Path, told):
        assert path.read_text(encoding="utf-8").count("<path") > 5
        before = path.read_bytes()
        draw(last_line(files[told.index(str(path))]), tmp_path / "images")
        assert path.read_bytes() == before


def test_nothing_to_draw_and_nothing_to_draw_with(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "latency.out"
    file.write_text('{"median_ms": 3}\n')
    assert main([str(file), "--out", str(tmp_path)]) == 1
    file.write_text("Traceback\n")
    assert main([str(file)]) == 1
    assert "latency.out" in capsys.readouterr().err
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    file.write_text(json.dumps(REACH))
    assert main([str(file), "--out", str(tmp_path)]) == 1
    assert "camera-agent[bench]" in capsys.readouterr().err


def test_plots_are_no_benchmark_and_need_nothing_until_they_draw() -> None:
    assert not hasattr(plots, "run")
