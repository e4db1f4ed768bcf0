"""The cameras that picamera2 knows, as one line of JSON. Run by the system's Python, which has picamera2, by path.

Nothing but the standard library and picamera2 may be imported here. `encoder` is the name of the class that the board
will use: picamera2 itself puts the software encoder in the place of the hardware's where there is none.
"""

import json


def main() -> None:
    """Print `{"missing": true}`, or the cameras and the encoder."""
    try:
        from picamera2 import Picamera2  # noqa: PLC0415
    except ImportError:
        print(json.dumps({"missing": True}))  # noqa: T201
        return
    cameras = [
        {"model": str(each.get("Model", "")), "id": str(each.get("Id", "")), "number": int(each.get("Num", 0))}
        for each in Picamera2.global_camera_info()
    ]
    encoder = ""
    if cameras:
        from picamera2.encoders import H264Encoder  # noqa: PLC0415

        encoder = H264Encoder.__name__
    print(json.dumps({"cameras": cameras, "encoder": encoder}))  # noqa: T201


if __name__ == "__main__":
    main()
