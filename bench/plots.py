"""`python -m bench.plots FILE... [--out docs/images]`: drawings of what the benchmarks printed.

Each file is a benchmark's output; its last line, JSON, is drawn if there is something in it to draw: precision and
recall of `detection`, the stages of `e2e`, how many walkers of `reach` are followed, how nodes of `fleet` come back.
Needs matplotlib (extra `bench`).
"""

import argparse
import importlib
import json
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from bench.truth import Absent

OUT = Path(__file__).resolve().parents[1] / "docs" / "images"
NAMES = {"ssd": "SSDLite", "yolox": "YOLOX-nano", "day": "day", "night": "night, IR", "dusk": "dark, no lamp"}
COLOURS = {"ssd": "#1f6fb4", "yolox": "#d1661c"}
STYLES = {"day": "-", "night": "--", "dusk": ":"}
STAGES = ("decode", "motion", "inference", "track", "mux", "rest")
STAGE_COLOURS = ("#1f6fb4", "#5aa9a3", "#d1661c", "#8c6bb1", "#9aa0a6", "#d8d8d8")
Figures = Mapping[str, Any]


def main(arguments: list[str] | None = None) -> int:
    """Exit code 1 when there was nothing to draw."""
    parser = argparse.ArgumentParser(
        prog="python -m bench.plots", description=__doc__.splitlines()[0] if __doc__ else ""
    )
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE")
    parser.add_argument("--out", type=Path, default=OUT)
    chosen = parser.parse_args(arguments)
    try:
        drawn = [path for file in chosen.files for path in draw(last_line(file), chosen.out)]
    except Absent as error:
        print(error, file=sys.stderr)
        return 1
    for path in drawn:
        print(path)
    return 0 if drawn else 1


def last_line(file: Path) -> Figures:
    """The figures of one benchmark. Raises Absent."""
    try:
        figures: Figures = json.loads(file.read_text(encoding="utf-8").strip().rpartition("\n")[2])
    except (OSError, ValueError) as error:
        raise Absent(f"{file} is no output of a benchmark: {error}") from error
    return figures


def draw(figures: Figures, out: Path) -> list[Path]:
    """What can be drawn of these figures, as files. Raises Absent without matplotlib."""
    known: dict[str, tuple[Callable[[Figures, Any], None], bool]] = {
        "precision-recall.svg": (precision_recall, any(key.startswith("curve_") for key in figures)),
        "cpu-stages.svg": (stages, "stages" in figures),
        "reach.svg": (reach, any(key.startswith("smallest_") for key in figures)),
        "reconnect.svg": (reconnect, "restart_curve" in figures),
    }
    paths = []
    for name, (plot, possible) in known.items():
        if possible:
            with Canvas() as (figure, axes):
                plot(figures, axes)
                figure.tight_layout()
                out.mkdir(parents=True, exist_ok=True)
                # No date and fixed ids: the same figures give the same file.
                figure.savefig(out / name, metadata={"Date": None})
            paths.append(out / name)
    return paths


class Canvas:
    """One drawing; matplotlib is loaded only for it."""

    def __enter__(self) -> tuple[Any, Any]:
        try:
            matplotlib = importlib.import_module("matplotlib")
            matplotlib.use("svg")
            self._pyplot = importlib.import_module("matplotlib.pyplot")
        except ImportError as error:
            raise Absent("plots need matplotlib: pip install 'camera-agent[bench]'") from error
        matplotlib.rcParams.update(
            {"svg.hashsalt": "camera-agent", "font.size": 10, "axes.spines.top": False, "axes.spines.right": False}
        )
        self._figure, axes = self._pyplot.subplots(figsize=(6.4, 3.8))
        return self._figure, axes

    def __exit__(self, *_: object) -> None:
        self._pyplot.close(self._figure)


def precision_recall(figures: Figures, axes: Any) -> None:
    """Persons of the street video, whole pipeline."""
    for model in ("ssd", "yolox"):
        if points := figures.get(f"curve_{model}"):
            label = f"{NAMES[model]}, AP50 {figures[f'ap50_{model}']:.3f}"
            axes.plot(*zip(*points, strict=True), color=COLOURS[model], label=label)
    axes.set(xlabel="recall", ylabel="precision", xlim=(0, 1), ylim=(0, 1.02))
    axes.grid(alpha=0.3)
    axes.legend(loc="lower left", frameon=False)


def stages(figures: Figures, axes: Any) -> None:
    """CPU seconds per minute of video, one bar per size, beside `motion`'s where it was measured."""
    sizes = list(figures["stages"])
    left = [0.0] * len(sizes)
    for stage, colour in zip(STAGES, STAGE_COLOURS, strict=True):
        # `rest` is a difference of two measurements and may come out a little below nothing.
        values = [max(0.0, figures["stages"][size].get(stage, 0.0)) for size in sizes]
        axes.barh(sizes, values, left=left, color=colour, label=stage, height=0.5)
        left = [before + value for before, value in zip(left, values, strict=True)]
    for row, size in enumerate(sizes):
        peer = figures.get(f"motion_cpu_s_per_min_{size}")
        if peer is not None:
            axes.plot([peer, peer], [row - 0.36, row + 0.36], color="black", linewidth=2,
                      label="Debian's motion" if row == 0 else None)  # fmt: skip
    axes.set(xlabel="CPU seconds per minute of 15 fps video")
    axes.invert_yaxis()
    axes.legend(frameon=False, ncols=2, fontsize=9)


def reach(figures: Figures, axes: Any) -> None:
    """The share of walkers followed, by their height in a picture of 640x360."""
    for key, curve in figures["curves"].items():
        model, light, rows = key.split("_")
        if rows == "360":
            heights = [int(height) for height in curve]
            label = f"{NAMES[model]}, {NAMES[light]}"
            axes.plot(heights, list(curve.values()), STYLES[light], color=COLOURS[model], label=label, marker=".")
    axes.axhline(0.8, color="grey", linewidth=0.8)
    axes.set(xlabel="height of a person in a picture of 640x360, pixels", ylabel="share followed", ylim=(0, 1.02))
    axes.grid(alpha=0.3)
    axes.legend(frameon=False, fontsize=9, loc="lower right")


def reconnect(figures: Figures, axes: Any) -> None:
    """Connections by the second: the power comes back, and later the broker is killed and started again."""
    counts, back = figures["curve"], len(figures["curve"]) - len(figures["restart_curve"])
    spread, mean = round(figures["spread_s"]), figures["mean_per_s"]
    axes.bar(range(len(counts)), counts, width=1.0, align="edge", color="#1f6fb4")
    axes.hlines([mean], 0, spread, color="black", linewidth=1, label=f"mean {mean:.0f}/s")
    axes.hlines([1.5 * mean], 0, spread, color="#d1661c", linewidth=1, linestyle="--", label="1.5 times the mean")
    axes.axvline(back, color="grey", linewidth=0.8)
    axes.annotate("broker killed,\nhere it is back", (back, axes.get_ylim()[1] * 0.75), (-6, 0), ha="right",
                  textcoords="offset points", fontsize=9)  # fmt: skip
    axes.set(xlabel="seconds since the power came back", ylabel=f"connections a second, {figures['nodes']:,} nodes")
    axes.legend(frameon=False, fontsize=9, loc="upper left")


if __name__ == "__main__":
    sys.exit(main())
