"""`camera-agent watch`: what the ward sees of this node, live, in plain words or as JSON lines."""

import argparse
import json
import signal
from pathlib import Path

from agent.app.logins import read_login
from agent.cli.arguments import DEFAULT_CONFIG, Subparsers, add_config, add_json
from agent.cli.narrate import Narrator
from agent.clock import Clock
from agent.contract.topics import Topics
from agent.i18n import Text, locale_language
from agent.settings import in_use
from agent.stop import StopSignal
from agent.uplink.watch import Watcher


def add(subparsers: Subparsers) -> argparse.ArgumentParser:
    """The command's arguments."""
    parser = subparsers.add_parser("watch", help=str(Text(en="what the ward sees, live", vi="xem phường đang thấy gì")))
    add_config(parser, DEFAULT_CONFIG)
    add_json(parser)
    parser.add_argument(
        "--uploads",
        type=Path,
        metavar="DIR",
        help=str(
            Text(
                en="the upload server's directory: check size and sha256 of each clip that arrives",
                vi="thư mục của máy chủ nhận tệp: kiểm tra cỡ và sha256 của từng clip",
            )
        ),
    )
    return parser


def run(arguments: argparse.Namespace) -> int:
    """Until Ctrl-C. Raises LinkError when the broker cannot be reached."""
    config = in_use(arguments.config).config
    topics = Topics(config.mqtt.prefix, config.node.ward, config.node.id)
    stop = StopSignal([signal.SIGTERM, signal.SIGINT])
    watcher = Watcher(config.mqtt, config.tls, topics.birth().removesuffix("birth") + "#", read_login(config.mqtt))
    labels = {camera.id: camera.label or camera.id for camera in config.cameras}
    narrator = Narrator(labels, locale_language(), arguments.uploads)
    for message in watcher.messages(stop, Clock()):
        if arguments.json:
            binary = "/thumb/" in message.topic or not message.payload
            body = {"bytes": len(message.payload)} if binary else json.loads(message.payload)
            print(json.dumps({"topic": message.topic, "retained": message.retained, "body": body}), flush=True)
            continue
        line = narrator.line(message.topic, message.payload)
        if line:
            print(line, flush=True)
    return 0
