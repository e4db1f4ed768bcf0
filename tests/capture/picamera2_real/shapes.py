"""Prints, as JSON, the shape of all that the child uses of picamera2 and libcamera; run with both, real and double.

Shape: the names of the parameters in order, and which of them may be left out; the numbers of enumerations.
"""

import importlib
import inspect
import json
import sys
from typing import Any
from unittest.mock import MagicMock

USED = {
    "picamera2": (
        "Picamera2.__init__",
        "Picamera2.global_camera_info",
        "Picamera2.create_video_configuration",
        "Picamera2.configure",
        "Picamera2.camera_configuration",
        "Picamera2.set_controls",
        "Picamera2.start_encoder",
        "Picamera2.stop_encoder",
        "Picamera2.start",
        "Picamera2.stop",
        "Picamera2.close",
        "MappedArray.__init__",
        "CompletedRequest.__init__",
        "CompletedRequest.acquire",
        "CompletedRequest.release",
        "CompletedRequest.get_metadata",
    ),
    "picamera2.outputs": ("Output.__init__", "Output.start", "Output.stop", "Output.outputframe"),
    "picamera2.encoders": ("LibavH264Encoder.__init__", "LibavH264Encoder.force_key_frame"),
    "picamera2.encoders.encoder": ("Encoder.__init__", "Encoder.encode", "Encoder.outputframe", "Encoder.start"),
    "picamera2.encoders.h264_encoder": ("H264Encoder.__init__", "H264Encoder.force_key_frame"),
    "picamera2.devices.imx708": ("IMX708.__init__", "IMX708.set_sensor_hdr_mode"),
}
PROPERTIES = {"picamera2": ("Picamera2.camera_controls", "MappedArray.array")}
ENUMERATIONS = {
    "AeExposureModeEnum": ("Normal", "Short", "Long"),
    "AwbModeEnum": ("Auto", "Daylight"),
    "AfModeEnum": ("Manual", "Auto", "Continuous"),
    "AfTriggerEnum": ("Start", "Cancel"),
    "HdrModeEnum": ("Off", "SingleExposure"),
}


def found(module: str, name: str) -> Any:
    holder: Any = importlib.import_module(module)
    for part in name.split("."):
        holder = getattr(holder, part)
    return holder


def shape(function: Any) -> Any:
    parameters = inspect.signature(function).parameters.values()
    return [[one.name, one.default is not inspect.Parameter.empty, str(one.kind)] for one in parameters]


def main() -> None:
    sys.modules["pykms"] = MagicMock()
    shapes: dict[str, Any] = {
        f"{module}.{name}": shape(found(module, name)) for module, names in USED.items() for name in names
    }
    for module, names in PROPERTIES.items():
        shapes.update({f"{module}.{name}": type(found(module, name)).__name__ for name in names})
    controls = importlib.import_module("libcamera").controls
    for name, members in ENUMERATIONS.items():
        shapes[name] = {member: int(getattr(getattr(controls, name), member)) for member in members}
    transform = importlib.import_module("libcamera").Transform(hflip=True, vflip=True)
    shapes["Transform"] = [bool(transform.hflip), bool(transform.vflip)]
    sys.stdout.write(json.dumps(shapes, sort_keys=True) + "\n")


main()
