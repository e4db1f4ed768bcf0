"""`camera-agent replay VIDEO`: a video in, a table of events out - the same pipeline as live, on media time."""

import argparse
import json
import sys
from dataclasses import asdict
from pathlib import Path

from agent.app.eye import model_ref
from agent.app.replay import Replay, ReplayOptions, ReplaySummary, numbered
from agent.cli.arguments import DEFAULT_CONFIG, Subparsers, add_config, add_json
from agent.clock import MediaClock
from agent.config.digest import config_hash
from agent.config.load import load_config
from agent.contract.envelope import seal
from agent.contract.event import EventMessage, Media, Origin, event_message
from agent.contract.topics import Topics
from agent.contract.words import event_words
from agent.errors import StorageError
from agent.i18n import Text, locale_language
from agent.pipeline import load_eyes
from agent.values import Phase


def add(subparsers: Subparsers) -> argparse.ArgumentParser:
    """The command's arguments."""
    parser = subparsers.add_parser(
        "replay", help=str(Text(en="a video in, its events out", vi="đưa video vào, lấy sự kiện ra"))
    )
    parser.add_argument("video", type=Path, metavar="VIDEO")
    add_config(parser, DEFAULT_CONFIG)
    add_json(parser)
    parser.add_argument("--camera", metavar="ID", help=str(Text(en="default: the first", vi="mặc định: camera đầu")))
    parser.add_argument("--out", type=Path, metavar="DIR", help="events.jsonl, summary.json, tracks.txt, trace.jsonl")
    parser.add_argument(
        "--tracks", type=Path, metavar="FILE", help="MOTChallenge: frame,id,left,top,width,height,score,class"
    )
    parser.add_argument(
        "--trace",
        type=Path,
        metavar="FILE",
        help=str(Text(en="one JSON line per analysed frame", vi="mỗi khung hình một dòng JSON")),
    )
    return parser


def run(arguments: argparse.Namespace) -> int:
    """Print events as they are found, then the summary. Raises CameraError, ModelError, ConfigError, StorageError."""
    config = load_config(arguments.config)
    out: Path | None = arguments.out
    if out:
        make_directory(out)
    detector = load_eyes(config.detection) if config.detection.model else None
    replay = Replay(
        ReplayOptions(
            video=arguments.video,
            config=config,
            camera=arguments.camera,
            tracks=arguments.tracks or (out / "tracks.txt" if out else None),
            trace=arguments.trace or (out / "trace.jsonl" if out else None),
        ),
        detector,
    )
    origin = Origin(model_ref(detector), config_hash(config))
    label = replay.camera.label or replay.camera.id
    topics, clock = Topics(config.mqtt.prefix, config.node.ward, config.node.id), MediaClock()
    lines: list[str] = []
    for event, revision in numbered(replay):
        clock.advance(event.at.mono_s)
        message = event_message(event, revision, Media(), origin, event.at)
        topic = topics.event(event.cam, event.rule)
        lines.append(seal(message.body(), topic, event.at, clock, len(lines) + 1).decode())
        print(lines[-1] if arguments.json else told(message, label), flush=True)
    summary = {"schema": "replay/1", **asdict(replay.summary)}
    if out:
        (out / "events.jsonl").write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
        (out / "summary.json").write_text(json.dumps(summary, indent=2) + "\n", encoding="utf-8")
    print(json.dumps(summary) if arguments.json else table(replay.summary))
    if detector is None:
        print(
            Text(en="no model is configured: motion only", vi="chưa cấu hình mô hình: chỉ báo chuyển động"),
            file=sys.stderr,
        )
    return 0


def told(message: EventMessage, label: str) -> str:
    """One line for people: media time and a sentence."""
    sign = {Phase.START: "▸", Phase.UPDATE: " ", Phase.END: "◂"}[message.phase]
    return f"{message.mono_ms / 1000:8.1f} s {sign} {event_words(message, label).say(locale_language())}"


def table(summary: ReplaySummary) -> str:
    """The summary for people."""
    rows = [f"  {rule_id:<32} {count:>5}" for rule_id, count in summary.events.items()]
    head = Text(
        en=f"{summary.frames} frames ({summary.media_s:.1f} s), {summary.analysed} analysed, "
        f"{summary.inferences} inferences, {summary.cpu_s:.1f} s CPU",
        vi=f"{summary.frames} khung hình ({summary.media_s:.1f} giây), phân tích {summary.analysed}, "
        f"chạy mô hình {summary.inferences} lần, {summary.cpu_s:.1f} giây CPU",
    )
    return "\n".join([str(head), *rows])


def make_directory(path: Path) -> None:
    """Raises StorageError."""
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StorageError(
            Text(en=f"cannot make {path}: {error.strerror}", vi=f"không tạo được {path}: {error.strerror}"),
            code="storage_error",
        ) from error
