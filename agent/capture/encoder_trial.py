"""`python -m agent.capture.encoder_trial NAME`: exit 0 when what it makes of some pictures decodes to them again."""

import sys
from collections.abc import Iterator
from fractions import Fraction

import av
import numpy as np

from agent.capture.encoder import Encoder

WIDTH, HEIGHT, FPS = 640, 480, 15
PICTURES = 12
ENOUGH = 6  # what a chip still holds at the end does not count against it
FAR = 12.0  # mean difference of luma: any encoder of use is far below, a grey or green picture far above


def main(arguments: list[str]) -> int:
    """0: it works."""
    try:
        works = encodes_and_decodes(arguments[0])
    except (av.FFmpegError, OSError, ValueError):
        works = False
    return 0 if works else 1


def encodes_and_decodes(name: str) -> bool:
    """Encode a bar that wanders, decode it, compare. Raises av.FFmpegError, ValueError (no such encoder)."""
    base = Fraction(1, 90_000)
    decoder: av.VideoCodecContext = av.CodecContext.create("h264", "r")
    encoder: Encoder | None = None
    seen = 0
    for number, luma in enumerate(pictures()):
        picture = _planar(luma)
        encoder = encoder or Encoder(name, picture, base, FPS)
        for packet in encoder.encode(picture, number * 90_000 // FPS):
            plain = av.Packet((encoder.format.extradata if packet.is_keyframe else b"") + bytes(packet))
            plain.pts = packet.pts
            for decoded in decoder.decode(plain):
                if not _resembles(decoded, round((decoded.pts or 0) * FPS / 90_000)):
                    return False
                seen += 1
    return seen >= ENOUGH


def pictures() -> Iterator[np.ndarray[tuple[int, int], np.dtype[np.uint8]]]:
    """Luma (HEIGHT, WIDTH) of each picture of the trial."""
    return (_luma(number) for number in range(PICTURES))


def _luma(number: int) -> np.ndarray[tuple[int, int], np.dtype[np.uint8]]:
    luma = np.tile(np.linspace(40, 200, WIDTH).astype(np.uint8), (HEIGHT, 1))
    luma[:, 40 * number : 40 * number + 80] = 235
    return luma


def _planar(luma: np.ndarray[tuple[int, int], np.dtype[np.uint8]]) -> av.VideoFrame:
    grey = np.full((HEIGHT // 2, WIDTH), 128, np.uint8)
    return av.VideoFrame.from_ndarray(np.vstack((luma, grey)), format="yuv420p")


def _resembles(decoded: av.VideoFrame, number: int) -> bool:
    if (decoded.width, decoded.height) != (WIDTH, HEIGHT):
        return False
    luma = decoded.to_ndarray(format="yuv420p")[:HEIGHT].astype(np.int16)
    return float(np.abs(luma - _luma(number)).mean()) < FAR


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
