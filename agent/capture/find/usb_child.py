"""What one video device offers, asked in a process of its own, because a driver may never answer.

    python -m agent.capture.find.usb_child /dev/videoN

Prints JSON: `card`, and `codec`, `width`, `height`, `fps` of what the agent would ask for, or `code`, `en`, `vi`.
"""

import json
import sys

from agent.capture.usb.choice import choose
from agent.capture.usb.formats import device_formats
from agent.config.camera import CameraSection
from agent.errors import CameraError


def told(node: str) -> dict[str, str | int | float]:
    """The object for `node`."""
    try:
        device = device_formats(node)
    except CameraError as error:
        return _fault(error, "")
    try:
        chosen = choose(device, CameraSection.model_validate({"id": "camera", "source": node}))
    except CameraError as error:
        return _fault(error, device.card)
    size = {"width": chosen.width, "height": chosen.height, "fps": round(float(chosen.fps), 2)}
    return {"card": device.card, "codec": chosen.input_format, **size}


def _fault(error: CameraError, card: str) -> dict[str, str | int | float]:
    return {"card": card, "code": error.code, "en": error.text.en, "vi": error.text.vi}


if __name__ == "__main__":
    json.dump(told(sys.argv[1]), sys.stdout)
