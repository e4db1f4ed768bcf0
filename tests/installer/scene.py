"""A drawn lane in front of a gate: pictures that belong to nobody, with things that move and the boxes around them."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import av
import cv2
import numpy as np

from agent.clock import Moment
from agent.values import Box, Frame, Picture, Point, Track

WIDTH, HEIGHT = 1280, 720
FPS = 10


@dataclass(frozen=True)
class Thing:
    """Something that moves: where its feet are at second 0, how fast, how big."""

    id: int
    label: str
    x: float
    y: float
    speed: float
    size: float
    colour: tuple[int, int, int]

    def at(self, second: float) -> tuple[float, float]:
        return (self.x + self.speed * second, self.y)

    def box(self, second: float) -> Box:
        x, y = self.at(second)
        half = self.size * (0.19 if self.label == "person" else 0.42)
        return Box(x - half, y - self.size * (1.0 if self.label == "person" else 0.78), x + half, y)


THINGS = (
    Thing(3, "person", 0.17, 0.72, 0.020, 0.26, (96, 84, 58)),
    Thing(7, "motorcycle", 0.93, 0.94, -0.030, 0.30, (48, 52, 150)),
    Thing(9, "person", 0.65, 0.75, -0.012, 0.27, (120, 60, 40)),
)


def _gradient(picture: Picture, rows: slice, top: tuple[int, int, int], bottom: tuple[int, int, int]) -> None:
    part = picture[rows]
    shade = np.linspace(0, 1, part.shape[0])[:, None, None]
    part[:] = (np.array(top) * (1 - shade) + np.array(bottom) * shade).astype(np.uint8)


@cache
def _background() -> Picture:
    picture = np.zeros((HEIGHT, WIDTH, 3), np.uint8)
    _gradient(picture, slice(0, 250), (214, 178, 140), (226, 214, 204))
    _gradient(picture, slice(250, 440), (150, 158, 160), (168, 172, 174))
    _gradient(picture, slice(440, HEIGHT), (96, 98, 100), (62, 64, 68))
    for x, wide, high, colour in ((0, 330, 330, (150, 190, 214)), (330, 250, 270, (176, 168, 150)),
                                  (920, 360, 350, (140, 176, 168))):  # fmt: skip
        cv2.rectangle(picture, (x, 440 - high), (x + wide, 440), colour, -1)
        cv2.rectangle(picture, (x, 440 - high), (x + wide, 456 - high), tuple(c * 0.7 for c in colour), -1)
        for window in range(x + 34, x + wide - 60, 96):
            cv2.rectangle(picture, (window, 480 - high), (window + 52, 556 - high), (92, 84, 70), -1)
            cv2.line(picture, (window + 26, 480 - high), (window + 26, 556 - high), (150, 142, 128), 3)
    cv2.rectangle(picture, (600, 230), (900, 440), (120, 134, 140), -1)
    for bar in range(612, 900, 24):
        cv2.line(picture, (bar, 240), (bar, 438), (62, 92, 70), 6)
    cv2.rectangle(picture, (590, 214), (612, 440), (96, 108, 118), -1)
    cv2.rectangle(picture, (890, 214), (912, 440), (96, 108, 118), -1)
    for centre, size in (((120, 300), 92), ((190, 346), 70), ((1190, 320), 88)):
        cv2.rectangle(picture, (centre[0] - 8, centre[1]), (centre[0] + 8, 446), (52, 66, 84), -1)
        cv2.circle(picture, centre, size, (74, 122, 84), -1, cv2.LINE_AA)
        cv2.circle(picture, (centre[0] - 26, centre[1] - 22), size * 2 // 3, (86, 140, 100), -1, cv2.LINE_AA)
    cv2.rectangle(picture, (0, 440), (WIDTH, 474), (150, 154, 156), -1)
    cv2.rectangle(picture, (0, 474), (WIDTH, 482), (110, 112, 116), -1)
    for dash in range(-40, WIDTH, 190):
        cv2.fillPoly(picture, [np.array([(dash, 604), (dash + 92, 604), (dash + 80, 616), (dash - 14, 616)])],
                     (206, 212, 214), cv2.LINE_AA)  # fmt: skip
    return picture


def _person(picture: Picture, thing: Thing, second: float) -> None:
    x, y = (round(value) for value in np.array(thing.at(second)) * (WIDTH, HEIGHT))
    tall = round(thing.size * HEIGHT)
    step = round(np.sin(second * 7) * tall * 0.10)
    cv2.ellipse(picture, (x, y), (tall // 4, tall // 22), 0, 0, 360, (52, 54, 56), -1, cv2.LINE_AA)
    for side in (-1, 1):
        cv2.line(picture, (x, y - tall // 2), (x + side * step, y - 4), (54, 46, 42), tall // 10, cv2.LINE_AA)
        cv2.line(
            picture, (x, y - tall * 3 // 4), (x - side * step, y - tall // 2), thing.colour, tall // 13, cv2.LINE_AA
        )
    cv2.line(picture, (x, y - tall * 3 // 4), (x, y - tall // 2), thing.colour, tall // 4, cv2.LINE_AA)
    cv2.circle(picture, (x, y - tall * 9 // 10), tall // 11, (130, 164, 204), -1, cv2.LINE_AA)
    cv2.ellipse(picture, (x, y - tall * 9 // 10), (tall // 10, tall // 12), 0, 180, 360, (40, 44, 52), -1, cv2.LINE_AA)


def _motorcycle(picture: Picture, thing: Thing, second: float) -> None:
    x, y = (round(value) for value in np.array(thing.at(second)) * (WIDTH, HEIGHT))
    tall = round(thing.size * HEIGHT)
    wheel = tall // 7
    cv2.ellipse(picture, (x, y), (tall // 2, tall // 20), 0, 0, 360, (44, 46, 48), -1, cv2.LINE_AA)
    for side in (-1, 1):
        cv2.circle(picture, (x + side * tall * 2 // 5, y - wheel), wheel, (34, 34, 36), tall // 22, cv2.LINE_AA)
    cv2.line(
        picture,
        (x - tall * 2 // 5, y - wheel),
        (x + tall * 2 // 5, y - wheel * 2),
        thing.colour,
        tall // 9,
        cv2.LINE_AA,
    )
    cv2.line(
        picture, (x - tall // 3, y - wheel), (x - tall // 4, y - tall * 2 // 5), thing.colour, tall // 16, cv2.LINE_AA
    )
    cv2.line(picture, (x + 10, y - wheel * 2), (x, y - tall * 3 // 5), (92, 120, 70), tall // 7, cv2.LINE_AA)
    cv2.line(picture, (x, y - tall // 2), (x - tall // 5, y - tall * 2 // 5), (92, 120, 70), tall // 16, cv2.LINE_AA)
    cv2.circle(picture, (x - 3, y - tall * 7 // 10), tall // 12, (40, 90, 190), -1, cv2.LINE_AA)


@cache
def picture(second: float) -> Picture:
    """The lane at `second`, BGR, 720 x 1280."""
    drawn = _background().copy()
    for thing in sorted(THINGS, key=lambda one: one.y):
        (_person if thing.label == "person" else _motorcycle)(drawn, thing, second)
    soft = cv2.GaussianBlur(drawn, (0, 0), 0.9)
    grain = np.random.default_rng(round(second * 1000)).normal(0, 3, drawn.shape)
    return np.asarray(np.clip(soft + grain, 0, 255), np.uint8)


def frame_of(bgr: Picture, at: Moment, seq: int, cam: str = "gate") -> Frame:
    """A picture with even sides as the planes that capture gives."""
    height, width = bgr.shape[:2]
    planes = np.asarray(cv2.cvtColor(bgr, cv2.COLOR_BGR2YUV_I420), np.uint8)
    chroma = planes[height:].reshape(2, height // 2, width // 2)
    return Frame(cam, 1, seq, at, planes[:height], chroma[0], chroma[1])


def tracks(second: float, at: Moment) -> tuple[Track, ...]:
    """What a perfect tracker would say of the lane at `second`."""
    return tuple(
        Track(
            thing.id, thing.label, 0.9, thing.box(second), at.shifted(-second), at, second, 0.5,
            tuple(Point(*thing.at(second * part / 12)) for part in range(13)),
        )
        for thing in THINGS
    )  # fmt: skip


def write_clip(path: Path, seconds: float = 2.0) -> None:
    """The lane as an H.264 MP4 that browsers play."""
    with av.open(str(path), "w", options={"movflags": "+faststart"}) as container:
        stream = container.add_stream("libx264", rate=FPS, options={"preset": "ultrafast", "crf": "30"})
        stream.width, stream.height, stream.pix_fmt = 640, 360, "yuv420p"
        for number in range(round(seconds * FPS)):
            small = np.asarray(cv2.resize(picture(number / FPS), (640, 360), interpolation=cv2.INTER_AREA), np.uint8)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(small, format="bgr24")))
        container.mux(stream.encode(None))


def decoded(jpeg: bytes) -> Picture:
    """A JPEG as BGR; fails when it is none."""
    found = cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR)
    assert found is not None
    return np.asarray(found, np.uint8)
