"""`make demo`: fetch what is needed, start a ward, the agent and a watcher; Ctrl-C ends all of them.

Nothing here does the node's work: the agent is `camera-agent run` on a configuration that this file writes, and what
the terminal shows is `camera-agent watch`. The ward is mosquitto and a tus server.
"""

import argparse
import getpass
import signal
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import quote, unquote

from agent.cli.parser import Parser
from agent.config.load import load_config
from agent.errors import AgentError
from agent.i18n import Text, locale_language
from agent.options import number
from agent.stop import Stop, StopSignal
from deploy.assets import ssd_model, street_video
from deploy.demo.config import Places, Scene, demo_config
from deploy.ward import Ward
from deploy.ward.broker import free_port
from deploy.ward.child import Child

GRACE_S = 9.0


def main(argv: Sequence[str] | None = None) -> int:
    """Until Ctrl-C, `--seconds`, or the end of the agent. 0 when it ended as asked."""
    arguments = parse(argv)
    try:
        with tempfile.TemporaryDirectory(prefix="camera-demo-") as directory:
            return demo(arguments, Path(directory))
    except KeyboardInterrupt:  # while something was fetched or asked
        return 130
    except AgentError as error:
        print(f"demo: {error}", file=sys.stderr)
        return 1


def parse(argv: Sequence[str] | None) -> argparse.Namespace:
    """What was asked for; `--help` in the words of the locale."""
    about = Text(en="the whole node, with a ward of its own", vi="cả thiết bị, kèm một máy chủ phường")
    page = Text(
        en="of the page (DEMO_ARGS); 0: any free one", vi="cổng của trang (DEMO_ARGS); 0: cổng trống nào cũng được"
    )
    seconds = Text(en="end by itself after this long (DEMO_ARGS)", vi="tự dừng sau chừng ấy giây (DEMO_ARGS)")
    parser = Parser(prog="make demo", description=str(about))
    parser.add_argument("--video", metavar="FILE", help=str(Text(en="VIDEO=file.mp4", vi="VIDEO=tệp.mp4")))
    parser.add_argument("--model", metavar="FILE", type=Path, help=str(Text(en="MODEL=file.onnx", vi="MODEL=tệp.onnx")))
    parser.add_argument("--camera", metavar="DEVICE", help="CAMERA=/dev/video0")
    parser.add_argument(
        "--rtsp", metavar="URL", help=str(Text(en="RTSP=rtsp://host/path", vi="RTSP=rtsp://máy/đường-dẫn"))
    )
    parser.add_argument("--port", type=number(0, 65535, "8080", whole=True), default=0, help=str(page))
    parser.add_argument("--seconds", type=number(0.1, 86400, "60"), help=str(seconds))
    return parser.parse_args(argv)


def demo(arguments: argparse.Namespace, directory: Path) -> int:
    """Run it in `directory`. Raises AgentError when something it needs cannot be had."""
    language = locale_language()
    scene = choose_scene(arguments, directory)
    model = existing(arguments.model, "MODEL") if arguments.model else ssd_model()
    stop = StopSignal([signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
    say(Text(en="Starting the ward: a broker and an upload server", vi="Khởi động máy chủ phường: MQTT và nhận tệp"))
    with Ward.start(directory / "ward") as ward:
        port = arguments.port or free_port()
        places = Places(directory / "node", ward.mqtt_url, ward.upload_url, model, port)
        config = directory / "config.yaml"
        config.write_text(demo_config(scene, places, language), encoding="utf-8")
        load_config(config)  # an address that cannot be one is told once, before anything starts
        command = (sys.executable, "-m", "agent")
        watcher = Child((*command, "watch", "--config", str(config), "--uploads", str(ward.uploads)), None)
        agent = Child((*command, "run", "--config", str(config)), directory / "agent.log")
        try:
            say(
                Text(
                    en=f"Page with the live picture:  http://127.0.0.1:{port}/",
                    vi=f"Trang xem trực tiếp:  http://127.0.0.1:{port}/",
                )
            )
            say(
                Text(
                    en="The line to this ward stays inside the machine and is not encrypted; the node will say so.",
                    vi="Đường truyền tới máy chủ thử này nằm trong máy và không mã hoá; thiết bị sẽ nhắc điều đó.",
                )
            )
            say(Text(en="What the ward receives (Ctrl-C ends):", vi="Những gì phường nhận được (Ctrl-C để dừng):"))
            return wait(agent, stop, arguments.seconds)
        finally:
            agent.stop(GRACE_S)
            watcher.stop(1.0)


def choose_scene(arguments: argparse.Namespace, directory: Path) -> Scene:
    """Which camera the demo has; a password goes into a file in `directory`. Raises AgentError."""
    if arguments.rtsp:
        if not arguments.rtsp.startswith(("rtsp://", "rtsps://")):
            raise AgentError(
                Text(
                    en=f"RTSP={arguments.rtsp} is no camera's address",
                    vi=f"RTSP={arguments.rtsp} không phải địa chỉ camera",
                ),
                Text(en="Write it like rtsp://192.168.1.20/stream1", vi="Hãy ghi dạng rtsp://192.168.1.20/stream1"),
            )
        return network_camera(arguments.rtsp, directory / "camera.password")
    if arguments.camera:
        if not arguments.camera.startswith("/dev/"):
            raise AgentError(
                Text(en=f"CAMERA={arguments.camera} is no device", vi=f"CAMERA={arguments.camera} không phải thiết bị"),
                Text(en="Write it like /dev/video0", vi="Hãy ghi dạng /dev/video0"),
            )
        return Scene(arguments.camera, transcode=True, street=False)
    if arguments.video:
        return Scene(str(existing(Path(arguments.video), "VIDEO")), transcode=True, street=False)
    video = street_video()
    if video.rendered:
        say(
            Text(
                en="The street video cannot be had; a drawn street stands in",
                vi="Không lấy được video đường phố; dùng cảnh vẽ thay thế",
            )
        )
    return Scene(str(video.path), transcode=False, street=not video.rendered)


def network_camera(address: str, password_file: Path) -> Scene:
    """`rtsp://name@host/path` asks for the password, so that it stands in no list of processes.

    An address with the password in it, as people have it in their notes, is taken too; either way the node gets a file.
    """
    scheme, mark, rest = address.partition("://")
    host, slash, path = rest.partition("/")
    login, at, host = host.rpartition("@")
    name, colon, password = login.partition(":")
    if not at:
        return Scene(address, transcode=True, street=False)
    if not colon and sys.stdin.isatty():
        question = Text(en=f"Password of {name} at {host}: ", vi=f"Mật khẩu của {name} tại {host}: ")
        password = quote(getpass.getpass(str(question)))
    if password:
        password_file.touch(mode=0o600)
        password_file.write_text(unquote(password), encoding="utf-8")
    return Scene(f"{scheme}{mark}{host}{slash}{path}", True, False, unquote(name), password_file if password else None)


def existing(path: Path, name: str) -> Path:
    """The whole path of a file that the person named. Raises AgentError when it is not there."""
    if not path.is_file():
        raise AgentError(
            Text(en=f"There is no file {path}", vi=f"Không có tệp {path}"),
            Text(en=f"Check {name}=", vi=f"Hãy kiểm tra {name}="),
        )
    return path.resolve()


def wait(agent: Child, stop: Stop, seconds: float | None) -> int:
    """Until the agent ends or somebody asks; prints the agent's last words when it ended by itself."""
    left = seconds if seconds is not None else float("inf")
    while left > 0 and not stop.wait(min(0.2, left)):
        left -= 0.2
        if agent.process.poll() is not None:
            print(agent.last_words(), file=sys.stderr)
            return 1
    say(Text(en="\nStopping …", vi="\nĐang dừng …"))
    return 0


def say(text: Text) -> None:
    """One line to the terminal, at once."""
    print(text, flush=True)


if __name__ == "__main__":
    sys.exit(main())
