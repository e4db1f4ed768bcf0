"""How a card is looked at: with other programs than those that made it."""

import os
import subprocess
from pathlib import Path

from tests.deploy.flash.stock import BOOT_AT, BOOT_SIZE

ENVIRONMENT = {**os.environ, "PATH": f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin", "MTOOLS_SKIP_CHECK": "1"}


def contents(image: Path, into: Path) -> Path:
    """The boot partition as a folder."""
    fat = into.with_suffix(".fat")
    fat.write_bytes(image.read_bytes()[BOOT_AT : BOOT_AT + BOOT_SIZE])
    into.mkdir()
    command = ("mcopy", "-i", str(fat), "-s", "-n", "-Q", "-m", "::/*", f"{into}/")
    subprocess.run(command, check=True, env=ENVIRONMENT, capture_output=True)
    return into


def env_of(folder: Path) -> dict[str, str]:
    lines = (folder / "camera-agent" / "card.env").read_text().splitlines()
    return dict(line.split("=", 1) for line in lines)


def orders_of(folder: Path) -> list[list[str]]:
    return [line.split("\t") for line in (folder / "camera-agent/node/place.list").read_text().splitlines()]
