"""What the camera sees: bright stripes that walk, and its picture's number in the upper left corner."""

from typing import Any

import numpy as np

MARK = 32  # pixels
STEP = 12  # of luma from one picture to the next


def draw(buffers: dict[str, Any], config: dict[str, Any], number: int) -> None:
    turn = config["transform"]
    for name, buffer in buffers.items():
        (width, height), stride = config[name]["size"], config[name]["stride"]
        flat = np.frombuffer(buffer, np.uint8)
        flat[:] = 77  # padding is not black
        luma = flat[: stride * height].reshape(height, stride)[:, :width]
        luma[:] = 150 + (np.arange(width) + 8 * number) // 16 % 4 * 20
        luma[:MARK, :MARK] = 40 + number * STEP % 200
        flat[stride * height :] = 100
        if config[name]["format"] == "YUV420":
            flat[stride * height + stride * height // 4 :] = 160
        else:
            flat[stride * height + 1 :: 2] = 160
        if turn.vflip:
            luma[:] = luma[::-1].copy()
        if turn.hflip:
            luma[:] = luma[:, ::-1].copy()
