"""What the double does, as JSON in PICAMERA2_DOUBLE. Without it all goes well on a Pi 5."""

import json
import os
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Switches:
    """`after`: how many pictures go well before what is to fail fails."""

    model: str = "imx708_wide"
    board: str = "pisp"  # Pi 5; vc4: up to Pi 4
    fault: str = ""
    after: int = 10
    padding: int = 0  # bytes at the end of each line of luma
    pixel_format: str = ""  # what configure() makes of the one asked for
    shrink: int = 0  # pixels that configure() takes off the main picture's width and height
    lose: int = 0  # of the encoder's first pictures, how many never come out
    missing: tuple[str, ...] = ()  # controls that this camera does not have
    told: str = ""  # file for what was called


def switches() -> Switches:
    given = json.loads(os.environ.get("PICAMERA2_DOUBLE", "{}"))
    return Switches(**{**given, "missing": tuple(given.get("missing", ()))})


SWITCHES = switches()


def tell(line: str) -> None:
    if SWITCHES.told:
        with Path(SWITCHES.told).open("a", encoding="utf-8") as file:
            file.write(line + "\n")
