"""How well people are found: average precision of the whole pipeline's tracks on the street video, every frame scored.

The figures are of what `replay --tracks` writes, so motion, regions, the model and the tracker are all in them.
"""

import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from agent.app.replay import Replay, ReplayOptions, ReplaySummary
from agent.pipeline import load_eyes
from agent.values import Box
from bench.average_precision import Scored, average_precision
from bench.truth import FPS, HEIGHT, WIDTH, Street, config, street
from deploy import assets

PERSON = 1


def run(quick: bool) -> dict[str, object]:
    """Keys ap50_MODEL, inferences_per_frame (SSDLite) and inferences_per_frame_yolox, cpu_s_MODEL, frames."""
    truth = street(quick)
    models = {"ssd": assets.ssd_model(), "yolox": assets.yolox_model()}
    figures: dict[str, object] = {"frames": truth.frames, "people": len(truth.boxes)}
    print(f"{'model':8}{'AP50':>8}{'inferences/frame':>18}{'CPU s':>8}")
    for name, model in models.items():
        if model is None:
            print(f"{name:8}  {assets.YOLOX_HOWTO}", file=sys.stderr)
            figures[f"ap50_{name}"] = None
            continue
        ap50, summary = score(truth, model)
        per_frame = summary.inferences / max(summary.analysed, 1)
        print(f"{name:8}{ap50:8.3f}{per_frame:18.2f}{summary.cpu_s:8.1f}")
        figures[f"ap50_{name}"] = round(ap50, 4)
        figures["inferences_per_frame" if name == "ssd" else f"inferences_per_frame_{name}"] = round(per_frame, 3)
        figures[f"cpu_s_{name}"] = summary.cpu_s
    return figures


def score(truth: Street, model: Path) -> tuple[float, ReplaySummary]:
    """AP50 of persons in `truth.frames` frames with one model."""
    settings = config(model)
    with TemporaryDirectory() as work:
        tracks = Path(work) / "tracks.txt"
        options = ReplayOptions(truth.video, settings, tracks=tracks, until_s=truth.frames / FPS)
        replay = Replay(options, load_eyes(settings.detection))
        for _event in replay:
            pass
        claims = read_claims(tracks)
    return average_precision(claims, truth.by_frame()), replay.summary


def read_claims(path: Path) -> list[Scored]:
    """The persons of a `replay --tracks` file of the street video."""
    claims = []
    for line in path.read_text(encoding="ascii").splitlines():
        frame, _, left, top, width, height, score, kind = (float(part) for part in line.split(","))
        if int(kind) == PERSON:
            box = Box(left / WIDTH, top / HEIGHT, (left + width) / WIDTH, (top + height) / HEIGHT)
            claims.append(Scored(int(frame), box, score))
    return claims
