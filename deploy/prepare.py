"""Sets up what the tests want beside Python packages; what cannot be had is said, and its tests skip with the reason.

As root it may install Debian packages (a browser, an RTSP test camera, strace); mosquitto is only ever unpacked into
the cache, because installing it would start a system service.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from agent.errors import AgentError
from agent.i18n import Text
from deploy.assets import ssd_model, street_video
from deploy.ward.broker import find_mosquitto
from deploy.ward.uploads import install_server
from deploy.ward.ward import default_cache

# program or file that shows it is there: Debian packages
PROGRAMS = {
    "chromium": ("chromium",),
    "strace": ("strace",),
    "shellcheck": ("shellcheck",),
    "/usr/lib/x86_64-linux-gnu/girepository-1.0/GstRtspServer-1.0.typelib": (
        "gir1.2-gst-rtsp-server-1.0",
        "python3-gi",
        "gstreamer1.0-plugins-base",
        "gstreamer1.0-plugins-good",
        "gstreamer1.0-plugins-bad",
        "gstreamer1.0-plugins-ugly",
        "gstreamer1.0-libav",
    ),
}
INSTALL_S = 900


def main() -> int:
    """Always 0: a test that lacks something says so itself."""
    step("Debian", install_programs)
    step("mosquitto", lambda: find_mosquitto(default_cache()))
    step("tus", lambda: install_server(default_cache()))
    step("model", ssd_model)
    step("video", street_video)
    return 0


def step(name: str, work: Callable[[], object]) -> None:
    """Do one thing; a failure is one line."""
    try:
        work()
    except (AgentError, OSError, subprocess.SubprocessError) as error:
        print(Text(en=f"not set up: {name}: {error}", vi=f"chưa chuẩn bị được: {name}: {error}"), file=sys.stderr)


def install_programs() -> None:
    """Debian packages for the tests; only as root, only what is missing. Raises SubprocessError when apt fails."""
    missing = [
        package
        for sign, packages in PROGRAMS.items()
        if not (shutil.which(sign) or Path(sign.replace("x86_64", os.uname().machine)).exists())
        for package in packages
    ]
    if not missing or os.geteuid() != 0 or not shutil.which("apt-get"):
        return
    print(Text(en=f"installing {' '.join(missing)}", vi=f"đang cài {' '.join(missing)}"), flush=True)
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    command = ("apt-get", "install", "-y", "-qq", "--no-install-recommends", *missing)
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=INSTALL_S, check=False)
    if done.returncode:  # the package lists may be old or not there at all
        subprocess.run(("apt-get", "update", "-qq"), capture_output=True, timeout=INSTALL_S, check=True)
        subprocess.run(command, env=environment, capture_output=True, timeout=INSTALL_S, check=True)


if __name__ == "__main__":
    sys.exit(main())
