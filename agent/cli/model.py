"""`camera-agent model check FILE`: can this node use the model, what does it know, and what does it cost?"""

import argparse
import json
from pathlib import Path

from agent.cli.arguments import Subparsers, add_json
from agent.config.model import DetectionSection
from agent.detection.complaints import short
from agent.errors import ModelError
from agent.i18n import Text
from agent.options import number
from agent.tools.model_check import RUNS, ModelReport, built_in_picture, check_model, read_picture, write_found
from agent.tools.written import check_target

EXIT_FAILED = 1
SHOWN = 12  # labels on the screen; all of them with --json
FROM = {
    "coco": Text(en="COCO, by their number", vi="COCO, đoán theo số loại"),
    "file": Text(en="from the file", vi="từ tệp nhãn"),
    "model": Text(en="carried by the model", vi="kèm trong mô hình"),
}


def add(subparsers: Subparsers) -> argparse.ArgumentParser:
    """The command's arguments."""
    parser = subparsers.add_parser(
        "model", help=str(Text(en="try a detection model before it is used", vi="thử mô hình nhận dạng trước khi dùng"))
    )
    parser.add_argument("action", choices=["check"])
    parser.add_argument("file", type=Path, metavar="FILE")
    labels = Text(en="one label per line, or `from-model`", vi="mỗi dòng một nhãn, hoặc `from-model`")
    parser.add_argument("--labels", type=Path, metavar="FILE", help=str(labels))
    parser.add_argument("--family", choices=["auto", "ssd", "yolox", "nanodet"], default="auto")
    parser.add_argument("--provider", choices=["auto", "cpu", "cuda", "tensorrt"], default="auto")
    parser.add_argument("--score", type=number(0, 1, "0.4"), default=0.4, metavar="0..1")
    looked = Text(en="look at this picture (JPEG, PNG)", vi="xem thử ảnh này (JPEG, PNG)")
    parser.add_argument("--picture", type=Path, metavar="JPG", help=str(looked))
    drawn = Text(en="the picture with what was found", vi="ảnh kèm những gì tìm thấy")
    parser.add_argument("--draw", type=Path, metavar="OUT.jpg", help=str(drawn))
    parser.add_argument("--runs", type=number(1, 10_000, str(RUNS), whole=True), default=RUNS, metavar="N")
    add_json(parser)
    return parser


def run(arguments: argparse.Namespace) -> int:
    """Print the report; 1 with the reason and a remedy when the model cannot be used. Raises AgentError."""
    section = DetectionSection(
        model=arguments.file,
        labels=arguments.labels,
        family=arguments.family,
        provider=arguments.provider,
        score=arguments.score,
    )
    if arguments.draw:
        check_target(arguments.draw, arguments.picture)
    picture = read_picture(arguments.picture) if arguments.picture else built_in_picture()
    try:
        report = check_model(section, picture, arguments.runs)
    except ModelError as error:
        if not arguments.json:
            raise
        print(json.dumps({"schema": "model-check/1", "usable": False, "error": as_json(error)}, ensure_ascii=False))
        return EXIT_FAILED
    if arguments.draw:
        write_found(arguments.draw, picture, report.found)
    if arguments.json:
        print(json.dumps(report_json(report), ensure_ascii=False))
    else:
        print(table(report, drawn_picture=arguments.picture is None))
    return 0


def table(report: ModelReport, *, drawn_picture: bool) -> str:
    """For people."""
    names = ", ".join(report.labels[:SHOWN]) + (", ..." if len(report.labels) > SHOWN else "")
    found = ", ".join(f"{each.label} {each.score:.2f}" for each in report.found[:SHOWN])
    nothing = Text(en="nothing", vi="không thấy gì")
    if drawn_picture:
        nothing = Text(
            en="nothing, as it should be in the built-in drawing; name a photo with --picture",
            vi="không thấy gì, đúng như mong đợi với hình vẽ sẵn; hãy chọn ảnh chụp bằng --picture",
        )
    smaller = Text(en=" or less, by the look", vi=" hoặc nhỏ hơn, tuỳ lần xem")
    rows = [
        (Text(en="model", vi="mô hình"), f"{report.file} ({report.bytes / 1e6:.1f} MB)"),
        (Text(en="sha256", vi="sha256"), report.sha256),
        (Text(en="family", vi="họ"), report.family),
        (Text(en="input", vi="đầu vào"), f"{report.width}x{report.height}{smaller if report.any_size else ''}"),
        (Text(en="classes", vi="số loại"), f"{len(report.labels)} ({FROM[report.labels_from]}): {names}"),
        (Text(en="runs on", vi="chạy trên"), f"{short(report.provider)} (ONNX Runtime {report.runtime})"),
        (
            Text(en="one look", vi="mỗi lần xem"),
            f"{report.wall_ms:.1f} ms, CPU {report.cpu_ms:.1f} ms ({report.runs}x)",
        ),
        (
            Text(en="memory", vi="bộ nhớ"),
            f"{report.model_mb:.0f} MB + ONNX Runtime {report.runtime_mb:.0f} MB",
        ),
        (Text(en="found", vi="tìm thấy"), found or str(nothing)),
    ]
    lines = [f"{title!s:<12} {value}" for title, value in rows]
    return "\n".join(lines + [str(error) for error in report.refused])


def report_json(report: ModelReport) -> dict[str, object]:
    """For programs: units are in the names."""
    return {
        "schema": "model-check/1",
        "usable": True,
        "file": str(report.file),
        "sha256": report.sha256,
        "bytes": report.bytes,
        "family": report.family,
        "input": [report.width, report.height],
        "smaller_inputs": report.any_size,
        "labels": list(report.labels),
        "labels_from": report.labels_from,
        "provider": report.provider,
        "onnxruntime": report.runtime,
        "runs": report.runs,
        "wall_ms": report.wall_ms,
        "cpu_ms": report.cpu_ms,
        "runtime_mb": report.runtime_mb,
        "model_mb": report.model_mb,
        "found": [
            {
                "label": each.label,
                "score": round(each.score, 4),
                "box": [round(edge, 4) for edge in (each.box.left, each.box.top, each.box.right, each.box.bottom)],
            }
            for each in report.found
        ],
        "refused": [as_json(error) for error in report.refused],
    }


def as_json(error: ModelError) -> dict[str, object]:
    """The fault's code, and reason and remedy in both languages."""
    return {
        "code": error.code,
        "en": error.text.en,
        "vi": error.text.vi,
        "remedy": {"en": error.hint.en, "vi": error.hint.vi} if error.hint else None,
    }
