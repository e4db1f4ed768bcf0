"""A whole node whose cameras show moving pictures, with its setup page open: for whoever builds the page.

    python -m tests.installer.setup.serve [--port 8443] [--code 12345678] [--ward] [--static FOLDER]

Prints the address and the code as JSON when it is open, and ends with Ctrl-C. What is saved on the page is tried and
kept as on a real node, in a folder that goes at the end.
"""

import argparse
import contextlib
import json
import os
import signal
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from agent.app.setup_ask import ask_open, running
from agent.clock import Clock
from deploy import assets
from deploy.ward import Ward
from tests.app.living import Living
from tests.installer import scene

CODE = "12345678"


def tree(directory: Path, port: int, mqtt_url: str, cameras: list[Path]) -> dict[str, Any]:
    """A configuration with one camera for each video; the first has a zone, a line and two rules."""
    model = assets.find_ssd_model()
    found = [
        {"id": f"cam-{number}", "label": f"Camera {number}", "source": str(path), "transcode": True}
        for number, path in enumerate(cameras, 1)
    ]
    found[0] |= {
        "zones": {"san-truoc": [[0.44, 0.63], [0.74, 0.63], [0.80, 0.80], [0.40, 0.80]]},
        "lines": {"vao-ngo": [[0.26, 0.95], [0.33, 0.64]]},
        "rules": [{"rule": "intrusion", "zone": "san-truoc"}, {"rule": "line_crossing", "line": "vao-ngo"}],
    }
    return {
        "node": {"ward": "test", "id": "setup-1", "label": "Ngõ 12", "data_dir": str(directory / "data")},
        "mqtt": {"url": mqtt_url},
        "insecure": True,
        "retention": {"max_days": 3},
        "cameras": found,
        "detection": {"model": str(model)} if model else {},
        "footage": {"segment": "1s"},
        "health": {"interval": "2s"},
        "setup": {"port": port, "listen": "127.0.0.1", "first_boot": False, "code_file": str(directory / "code")},
    }


@contextlib.contextmanager
def open_page(directory: Path, port: int, code: str, mqtt_url: str) -> Iterator[tuple[Living, str]]:
    """The node, and the address of its page."""
    video = directory / "lane.mp4"
    scene.write_clip(video)
    street = assets.find_street_video()
    config = directory / "config.yaml"
    cameras = [street.path if street else video, video]
    config.write_text(yaml.safe_dump(tree(directory, port, mqtt_url, cameras), sort_keys=False), encoding="utf-8")
    node = Living(config, directory / "log")
    try:
        wait_for(lambda: running(directory / "data") or node.process.poll() is not None)
        opening = ask_open(directory / "data", code, Clock())
        yield node, f"https://127.0.0.1:{opening.port}"
    finally:
        node.stop()


def wait_for(what: Any, seconds: float = 60.0) -> None:
    """Until it is true."""
    import threading  # noqa: PLC0415

    clock, pause = Clock(), threading.Event()
    end_s = clock.mono_s() + seconds
    while not what():
        assert clock.mono_s() < end_s, "in vain"
        pause.wait(0.05)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=8443)
    parser.add_argument("--code", default=CODE)
    parser.add_argument("--ward", action="store_true", help="with a broker, so that a test event comes back")
    given = parser.parse_args()
    os.environ.setdefault("CAMERA_AGENT_LANG", "vi")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))  # the node ends with this, however this ends
    with tempfile.TemporaryDirectory(prefix="setup-") as folder, contextlib.ExitStack() as stack:
        mqtt_url = "mqtt://127.0.0.1:1"
        if given.ward:
            ward = Ward.start(Path(folder) / "ward")
            stack.callback(ward.stop)
            mqtt_url = ward.mqtt_url
        node, url = stack.enter_context(open_page(Path(folder), given.port, given.code, mqtt_url))
        sys.stdout.write(json.dumps({"url": url + "/", "code": given.code, "log": str(node.log)}) + "\n")
        sys.stdout.flush()
        with contextlib.suppress(KeyboardInterrupt):
            signal.pause()
    return 0


if __name__ == "__main__":
    sys.exit(main())
