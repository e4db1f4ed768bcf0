"""Sets up what the tests want beside Python packages; what cannot be had is said, and its tests skip with the reason.

As root it may install Debian packages (a browser, an RTSP test camera, strace); mosquitto is only ever unpacked into
the cache, because installing it would start a system service.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from agent.errors import AgentError
from agent.i18n import Text
from deploy.assets import ssd_model, street_video
from deploy.browser.axe import axe_script
from deploy.city import find_rabbitmq
from deploy.npm import install_packages
from deploy.ward.broker import find_mosquitto
from deploy.ward.database import find_postgresql
from deploy.ward.nginx import RTMP, STREAM, find_nginx
from deploy.ward.uploads import install_server
from deploy.ward.ward import default_cache

SYSTEM_PYTHON = "/usr/bin/python3"  # Debian's: gi comes from apt, for this one only
CAMERA = (
    'import gi; gi.require_version("GstRtspServer", "1.0"); from gi.repository import Gst, GstRtspServer; '
    "Gst.init(None); "
    'assert all(map(Gst.ElementFactory.find, ("videotestsrc", "x264enc", "rtph264pay", "jpegenc", "rtpjpegpay")))'
)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Debian packages, and the command that succeeds when they are there."""

    proof: tuple[str, ...]
    packages: tuple[str, ...]


WANTED = (
    Wanted(("/usr/bin/chromium", "--version"), ("chromium",)),
    Wanted(("strace", "-V"), ("strace",)),
    Wanted(("shellcheck", "--version"), ("shellcheck",)),
    Wanted(("ffprobe", "-version"), ("ffmpeg",)),
    Wanted(("npm", "--version"), ("nodejs", "npm")),
    Wanted(("gst-launch-1.0", "--version"), ("gstreamer1.0-tools",)),
    Wanted(
        (SYSTEM_PYTHON, "-c", CAMERA),
        (
            "gir1.2-gst-rtsp-server-1.0",
            "python3-gi",
            "glib-networking",  # the camera speaks TLS too
            "gstreamer1.0-plugins-base",
            "gstreamer1.0-plugins-good",
            "gstreamer1.0-plugins-bad",
            "gstreamer1.0-plugins-ugly",
        ),
    ),
)
PROOF_S = 60
INSTALL_S = 900
PARSER = Path(__file__).parents[1] / "tests/contract/asyncapi"
PARSER_FILES = ("check.mjs", "package.json", "package-lock.json")
SETUPTOOLS = "setuptools>=77"  # as pyproject.toml wants it


def main() -> int:
    """Always 0: a test that lacks something says so itself."""
    step("Debian", install_programs)
    step("setuptools", keep_setuptools)
    step("mosquitto", lambda: find_mosquitto(default_cache()))
    step("RabbitMQ", lambda: find_rabbitmq(default_cache()))
    step("nginx", lambda: find_nginx(default_cache(), (RTMP, STREAM)))
    step("tus", lambda: install_server(default_cache()))
    step("PostgreSQL", lambda: find_postgresql(default_cache()))
    step("asyncapi", lambda: install_packages("asyncapi-parser", PARSER, PARSER_FILES, default_cache()))
    step("axe", lambda: axe_script(default_cache()))
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
    """Debian packages for the tests; only as root, only what is missing. Raises OSError, SubprocessError."""
    missing = [wanted.packages for wanted in WANTED if not is_there(wanted)]
    if not missing or os.geteuid() != 0 or not shutil.which("apt-get"):
        return
    names = " ".join(package for packages in missing for package in packages)
    print(Text(en=f"installing {names}", vi=f"đang cài {names}"), flush=True)
    failed = [packages for packages in missing if apt("install", *packages)]
    if failed:  # the package lists may be old or not there at all
        apt("update")
    for packages in failed:  # each by itself: one that this release lacks takes no other with it
        if why := apt("install", *packages):
            print(Text(en=f"not installed: {why}", vi=f"chưa cài được: {why}"), file=sys.stderr)


def wheels() -> Path:
    """Where the wheel is kept that building the agent's own wheel needs."""
    return default_cache() / "wheels"


def keep_setuptools() -> None:
    """Lets the installer's tests build without a network. Raises OSError, SubprocessError."""
    if not any(wheels().glob("setuptools-*.whl")):
        command = (sys.executable, "-m", "pip", "download", "-q", "--no-deps", "-d", str(wheels()), SETUPTOOLS)
        subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, timeout=INSTALL_S, check=True)


def is_there(wanted: Wanted) -> bool:
    """Does its proof succeed?"""
    try:
        done = subprocess.run(wanted.proof, stdin=subprocess.DEVNULL, capture_output=True, timeout=PROOF_S, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0


def apt(action: str, *packages: str) -> str:
    """apt-get's last complaint; empty when all went well. Raises OSError, SubprocessError."""
    options = ("-y", "-qq", "--no-install-recommends", "-o", "DPkg::Lock::Timeout=120")
    done = subprocess.run(
        ("apt-get", action, *options, *packages),
        env={**os.environ, "DEBIAN_FRONTEND": "noninteractive", "LC_ALL": "C.UTF-8"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=INSTALL_S,
        check=False,
    )
    return done.stderr.strip().rpartition("\n")[2] or f"apt-get {action}: {done.returncode}" if done.returncode else ""


if __name__ == "__main__":
    sys.exit(main())
