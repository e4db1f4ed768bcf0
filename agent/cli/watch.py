"""`camera-agent watch`: what the ward sees of this node, live, in plain words or as JSON lines.

Never with the node's own certificate: a ward's broker may take whoever shows it for the node, and puts the node out.
"""

import argparse
import json
import signal
from pathlib import Path

from agent.app.logins import read_login
from agent.cli.arguments import DEFAULT_CONFIG, Subparsers, add_config, add_json
from agent.cli.narrate import Narrator
from agent.clock import Clock
from agent.config.model import Config
from agent.contract.topics import Topics
from agent.errors import AgentError
from agent.i18n import Text, locale_language
from agent.identity.request import is_own
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
    """Until Ctrl-C. Raises LinkError when the broker cannot be reached, AgentError with the node's own certificate."""
    config = in_use(arguments.config).config
    _check_certificate(config)
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


def _check_certificate(config: Config) -> None:
    if config.tls.cert is None:
        return
    try:
        own = is_own(config.tls.cert.read_bytes(), config.node.id)
    except (OSError, ValueError):
        return  # whoever connects with it says what is wrong with it
    if own:
        raise AgentError(
            Text(
                en=f"{config.tls.cert} is this node's own certificate: watching with it would cut the node off",
                vi=f"{config.tls.cert} là chứng chỉ của chính thiết bị: xem bằng chứng chỉ này sẽ ngắt kết nối của "
                "thiết bị",
            ),
            Text(
                en="use a copy of the configuration whose `tls` names a certificate of the ward's staff, and whose "
                "`mqtt.url` its port (8884)",
                vi="hãy dùng bản sao của tệp cấu hình, với `tls` là chứng chỉ của cán bộ phường và `mqtt.url` có cổng "
                "dành cho cán bộ (8884)",
            ),
        )
