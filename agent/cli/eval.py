"""`camera-agent eval VIDEO --truth GT`: how well a camera finds, follows and tells what people marked by hand."""

import argparse
import json
import math
from dataclasses import asdict
from pathlib import Path

from agent.cli.arguments import DEFAULT_CONFIG, Subparsers, add_config, add_json
from agent.config.load import load_config
from agent.i18n import Text
from agent.options import number
from agent.pipeline import load_eyes
from agent.tools.evaluate import Evaluation, evaluate
from agent.tools.replay import ReplayOptions

NO_MOTMETRICS = Text(
    en="MOTA and IDF1 need the package motmetrics: pip install 'camera-agent[eval]'",
    vi="MOTA và IDF1 cần gói motmetrics: pip install 'camera-agent[eval]'",
)

PRECISION = Text(en="precision", vi="độ chính xác")
RECALL = Text(en="recall", vi="độ phủ")


def add(subparsers: Subparsers) -> argparse.ArgumentParser:
    """The command's arguments."""
    parser = subparsers.add_parser(
        "eval", help=str(Text(en="a video held against its ground truth", vi="so video với dữ liệu chuẩn"))
    )
    parser.add_argument("video", type=Path, metavar="VIDEO")
    truth = Text(en="MOTChallenge text", vi="văn bản MOTChallenge")
    parser.add_argument("--truth", type=Path, metavar="GT", required=True, help=str(truth))
    add_config(parser, DEFAULT_CONFIG)
    add_json(parser)
    parser.add_argument("--camera", metavar="ID", help=str(Text(en="default: the first", vi="mặc định: camera đầu")))
    marked = Text(en="what was marked", vi="loại được đánh dấu")
    parser.add_argument("--class", dest="label", default="person", metavar="CLASS", help=f"{marked} [person]")
    until = Text(en="only so many seconds", vi="chỉ ngần ấy giây đầu")
    parser.add_argument("--until", type=number(0.1, 86400, "30"), metavar="S", help=str(until))
    return parser


def run(arguments: argparse.Namespace) -> int:
    """Print the tables. Raises ConfigError, CameraError, ModelError."""
    config = load_config(arguments.config)
    detector = load_eyes(config.detection) if config.detection.model else None
    options = ReplayOptions(arguments.video, config, arguments.camera, until_s=arguments.until)
    found = evaluate(options, arguments.truth, arguments.label, detector)
    print(json.dumps(as_json(found)) if arguments.json else table(found, arguments.label))
    return 0


def table(found: Evaluation, label: str) -> str:
    """For people."""
    head = Text(
        en=f"{found.frames} pictures analysed, {found.marked} times {label} marked, {found.claimed} claimed",
        vi=f"Phân tích {found.frames} hình, đánh dấu {found.marked} lần {label}, chương trình báo {found.claimed}",
    )
    exact, complete = str(PRECISION), str(RECALL)
    lines = [
        str(head),
        "",
        f"{'AP50':>8}{exact:>15}{complete:>8}",
        f"{found.ap50:8.3f}{found.precision:15.3f}{found.recall:8.3f}",
        "",
    ]
    if found.tracking is None:
        lines.append(str(NO_MOTMETRICS))
    else:
        switches, fragments = Text(en="switches", vi="đổi số"), Text(en="fragments", vi="đứt đoạn")
        lines += [
            f"{'MOTA':>8}{'IDF1':>8}{switches!s:>10}{fragments!s:>11}",
            f"{found.tracking.mota:8.3f}{found.tracking.idf1:8.3f}"
            f"{found.tracking.switches:10}{found.tracking.fragments:11}",
        ]
    if found.rules:
        rule_, true, told = Text(en="rule", vi="luật"), Text(en="true", vi="thật"), Text(en="told", vi="báo")
        late = Text(en="error s", vi="lệch (s)")
        lines += ["", f"{rule_!s:32}{true!s:>6}{told!s:>6}{exact:>15}{complete:>8}{late!s:>9}"]
    for rule, score in found.rules.items():
        off = "-" if score.mean_error_s is None else f"{score.mean_error_s:.2f}"
        lines.append(f"{rule:32}{score.true:6}{score.told:6}{score.precision:15.2f}{score.recall:8.2f}{off:>9}")
    return "\n".join(lines)


def as_json(found: Evaluation) -> dict[str, object]:
    """For programs; a figure that there is none of is null."""
    rules = {
        rule: {**asdict(score), "precision": round(score.precision, 4), "recall": round(score.recall, 4)}
        for rule, score in found.rules.items()
    }
    tracking = asdict(found.tracking) if found.tracking else None
    if tracking:
        tracking = {name: round(value, 4) if math.isfinite(value) else None for name, value in tracking.items()}
    return {
        "schema": "eval/1",
        "frames": found.frames,
        "marked": found.marked,
        "claimed": found.claimed,
        "ap50": round(found.ap50, 4),
        "precision": round(found.precision, 4),
        "recall": round(found.recall, 4),
        "tracking": tracking,
        "rules": rules,
    }
