"""`camera-agent replay VIDEO`: a video in, a table of events out - the same pipeline as live, on media time."""

import argparse
import json
import signal
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, replace
from pathlib import Path

from agent.app.eye import model_ref
from agent.cli.arguments import DEFAULT_CONFIG, Subparsers, add_config, add_json
from agent.clock import MediaClock
from agent.config.classes import unlisted
from agent.config.digest import config_hash
from agent.config.load import load_config
from agent.config.model import Config
from agent.contract.envelope import seal
from agent.contract.event import EventMessage, Media, Origin, event_message
from agent.contract.topics import Topics
from agent.contract.words import event_words
from agent.detection import complaints
from agent.detection.detector import Detector
from agent.errors import StorageError
from agent.i18n import Text, locale_language
from agent.pipeline import Analysis, load_eyes
from agent.rules import RuleState
from agent.system_words import reason
from agent.tools.replay import Replay, ReplayOptions, ReplaySummary, Watch, chosen_camera, numbered
from agent.tools.written import check_target
from agent.values import Frame, Phase


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
        "--draw",
        type=Path,
        metavar="OUT.mp4",
        help=str(
            Text(
                en="a film of what the agent sees: zones, boxes, trails, rules",
                vi="phim về những gì chương trình nhìn thấy: vùng, khung, vết đi, luật",
            )
        ),
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
    if detector and (resting := unlisted(config.cameras, detector.labels.names)):
        print(complaints.unlisted("; ".join(map(str, resting))), file=sys.stderr)
    options = ReplayOptions(
        video=arguments.video,
        config=config,
        camera=arguments.camera,
        tracks=arguments.tracks or (out / "tracks.txt" if out else None),
        trace=arguments.trace or (out / "trace.jsonl" if out else None),
    )
    with ExitStack() as drawing:
        if arguments.draw:
            drawing.enter_context(unwound())
            options = replace(options, watch=drawn(drawing, arguments.draw, options))
        replay = Replay(options, detector)
        lines = list(printed(replay, config, detector, as_json=arguments.json))
    summary = {"schema": "replay/1", **asdict(replay.summary)}
    if out:
        write_text(out / "events.jsonl", "".join(f"{line}\n" for line in lines))
        write_text(out / "summary.json", json.dumps(summary, indent=2) + "\n")
    print(json.dumps(summary) if arguments.json else table(replay.summary))
    if detector is None:
        print(
            Text(en="no model is configured: motion only", vi="chưa cấu hình mô hình: chỉ báo chuyển động"),
            file=sys.stderr,
        )
    return 0


def printed(replay: Replay, config: Config, detector: Detector | None, *, as_json: bool) -> Iterator[str]:
    """Print each event as it is found; gives it as the ward would read it, one line of JSON."""
    origin = Origin(model_ref(detector), config_hash(config))
    label = replay.camera.label or replay.camera.id
    topics, clock = Topics(config.mqtt.prefix, config.node.ward, config.node.id), MediaClock()
    for number, (event, revision) in enumerate(numbered(replay), 1):
        clock.advance(event.at.mono_s)
        message = event_message(event, revision, Media(), origin, event.at)
        line = seal(message.body(), topics.event(event.cam, event.rule), event.at, clock, number).decode()
        print(line if as_json else told(message, label), flush=True)
        yield line


def drawn(drawing: ExitStack, path: Path, options: ReplayOptions) -> Watch:
    """Draws a film at `path`, which is whole when `drawing` ends; says on stderr how far it is.

    Raises ConfigError, StorageError.
    """
    from agent.tools.film import Film, length_s  # noqa: PLC0415 - draws and encodes: nothing else needs it

    check_target(path, options.video)
    camera = chosen_camera(options)
    film = drawing.enter_context(Film(path, camera, locale_language()))
    progress = Progress(length_s(options.video))

    def watch(frame: Frame, analysis: Analysis, states: tuple[RuleState, ...]) -> None:
        film.seen(frame, analysis, states)
        progress.at(analysis.at.mono_s)

    return watch


@contextmanager
def unwound() -> Iterator[None]:
    """Whoever ends us (kill, a closed terminal) leaves nothing half drawn: the end takes the way of an error."""

    def end(number: int, _: object) -> None:
        raise SystemExit(128 + number)

    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGHUP)}
    taken = [number for number, handler in before.items() if handler is signal.SIG_DFL]  # under nohup one is ignored
    for number in taken:
        signal.signal(number, end)
    try:
        yield
    finally:
        for number in taken:
            signal.signal(number, signal.SIG_DFL)


class Progress:
    """How far a replay is: on a terminal one line that changes, else a line per ten percent."""

    def __init__(self, length_s: float | None) -> None:
        self._length_s = length_s
        self._told = 0

    def at(self, media_s: float) -> None:
        """The replay has come to this media second."""
        if not self._length_s:
            return
        percent = min(100, int(100 * media_s / self._length_s))
        step, end = (1, "\r") if sys.stderr.isatty() else (10, "\n")
        if percent >= self._told + step:
            self._told = percent - percent % step
            print(Text(en=f"drawing: {percent} %", vi=f"đang vẽ: {percent} %"), end=end, file=sys.stderr, flush=True)


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
        why = reason(error)
        raise StorageError(
            Text(en=f"cannot make {path}: {why.en}", vi=f"không tạo được {path}: {why.vi}"),
            code="storage_error",
        ) from error


def write_text(path: Path, text: str) -> None:
    """Raises StorageError."""
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        why = reason(error)
        raise StorageError(
            Text(en=f"cannot write {path}: {why.en}", vi=f"không ghi được {path}: {why.vi}"),
            code="storage_error",
        ) from error
