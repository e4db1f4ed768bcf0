"""`camera-agent check-config FILE`: every mistake at once; exit 0 or 78. Advice on what works
but may not for long. No hardware, no network.
"""

import argparse
import json
import sys
from pathlib import Path

from agent.capture.usb.devices import advice
from agent.cli.arguments import Subparsers, add_json
from agent.config.classes import unlisted
from agent.config.labels import FROM_MODEL
from agent.config.load import check_config, load_config, mistake_at
from agent.config.mistakes import InvalidConfig, Mistake, format_mistakes
from agent.config.model import Config
from agent.config.notice import unsaid_notice
from agent.config.remarks import not_enrolled, not_here, unproven
from agent.errors import ConfigError, ModelError
from agent.i18n import Text, locale_language
from agent.settings import in_use

EXIT_CONFIG = 78


def add(subparsers: Subparsers) -> argparse.ArgumentParser:
    """The command's arguments."""
    parser = subparsers.add_parser(
        "check-config", help=str(Text(en="find every mistake in a configuration", vi="tìm mọi lỗi trong tệp cấu hình"))
    )
    parser.add_argument("file", type=Path, metavar="FILE")
    add_json(parser)
    return parser


def run(arguments: argparse.Namespace) -> int:
    """Print the mistakes; 78 when there are any."""
    mistakes = check_config(arguments.file) or on_this_device(arguments.file)
    if arguments.json:
        print(json.dumps([as_json(mistake) for mistake in mistakes], ensure_ascii=False))
    elif mistakes:
        print(format_mistakes(mistakes, locale_language()), file=sys.stderr)
    else:
        print(Text(en=f"{arguments.file}: no mistakes", vi=f"{arguments.file}: không có lỗi"))
        config = load_config(arguments.file)
        papers = not_enrolled(missing_papers(config))
        notice = unsaid_notice(config.notice)
        print_all((*label_advice(config), *map(not_here, missing_files(config)), *filter(None, (papers, notice))))
        for camera in config.cameras:
            for told in filter(None, (advice(camera.source), unproven(camera))):
                print(
                    Text(en=f"Advice for camera {camera.id}: {told.en}", vi=f"Lưu ý về camera {camera.id}: {told.vi}")
                )
    used = None if arguments.json else what_runs(arguments.file)
    if used is not None:
        print(used, file=sys.stderr if mistakes else sys.stdout)
    return EXIT_CONFIG if mistakes else 0


def what_runs(file: Path) -> Text | None:
    """What a node with this file runs instead of it; None when it runs the file, or nothing."""
    try:
        chosen = in_use(file)
    except InvalidConfig:
        return None
    if chosen.last_known_good:
        return Text(
            en="A node with this file runs the last good configuration until the file is mended.",
            vi="Thiết bị dùng tệp này đang chạy cấu hình tốt gần nhất cho đến khi tệp được sửa.",
        )
    if chosen.source == "ward":
        return Text(
            en="The node runs what the ward applied over this file; a change of this file ends that.",
            vi="Thiết bị đang chạy cấu hình do phường gửi thay cho tệp này; sửa tệp này thì cấu hình đó hết hiệu lực.",
        )
    return None


def on_this_device(file: Path) -> tuple[Mistake, ...]:
    """What a configuration without a mistake asks of this device that it does not have."""
    config = load_config(file)
    if config.evidence.encrypt_to is not None:
        from agent.app.vault import check_key  # noqa: PLC0415 (libsodium)

        try:
            check_key(config)
        except ConfigError as error:
            return (mistake_at(file, ("evidence", "encrypt_to"), error.text, error.hint),)
    if config.footage.mode != "events":
        return ()
    from agent.app.ring import check_ring  # noqa: PLC0415 (psutil, which nothing else here needs)

    try:
        check_ring(config)
    except ConfigError as error:
        return (mistake_at(file, ("footage", "memory"), error.text, error.hint),)
    return ()


def missing_papers(config: Config) -> tuple[Path, ...]:
    """Files of `tls` that are not there. Whoever may not look into their folder is told nothing."""
    named = (config.tls.ca, config.tls.cert, config.tls.key)
    return tuple(path for path in named if path is not None and absent(path))


def missing_files(config: Config) -> tuple[tuple[Path, str], ...]:
    """The model, passwords and video files that are not there, each with the setting that names it."""
    named = [(config.detection.model, "detection.model"), (config.mqtt.password_file, "mqtt.password_file")]
    for index, camera in enumerate(config.cameras):
        video = Path(camera.source) if camera.kind == "file" else None
        named += [(camera.password_file, f"cameras[{index}].password_file"), (video, f"cameras[{index}].source")]
    return tuple((path, setting) for path, setting in named if path is not None and absent(path))


def absent(path: Path) -> bool:
    """Is it certain that there is no such file?"""
    try:
        path.stat()
    except (FileNotFoundError, NotADirectoryError):
        return True
    except OSError:
        return False
    return False


def label_advice(config: Config) -> tuple[Text, ...]:
    """What can be told of `detection.labels` without loading the model."""
    labels = config.detection.labels
    if labels is None:
        return ()
    if str(labels) == FROM_MODEL:
        told = Text(
            en="whether the model knows the classes of the rules shows when it is loaded: `camera-agent model check`",
            vi="mô hình có biết các `classes` của luật hay không chỉ rõ khi nạp: chạy `camera-agent model check`",
        )
        return (told,)
    from agent.detection.labels import read_labels  # noqa: PLC0415 - NumPy, which nothing else here needs

    try:
        names = read_labels(labels)
    except ModelError as error:
        return (error.text,)
    return tuple(
        Text(en=f"{labels} does not have the classes of {rule}", vi=f"{labels} không có các loại của {rule}")
        for rule in unlisted(config.cameras, names)
    )


def print_all(advice_of_node: tuple[Text, ...]) -> None:
    """Advice that is about no camera."""
    for told in advice_of_node:
        print(Text(en=f"Advice: {told.en}", vi=f"Lưu ý: {told.vi}"))


def as_json(mistake: Mistake) -> dict[str, str | int]:
    """For programs: the place, and the wording in both languages."""
    return {
        "file": str(mistake.file),
        "line": mistake.line,
        "col": mistake.col,
        "path": mistake.path,
        "en": mistake.say("en"),
        "vi": mistake.say("vi"),
    }
