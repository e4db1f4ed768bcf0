"""Draws on a picture what the node knows about it: zones, lines, motion, tracks. Also the thumbnails of events.

In: a planar YUV frame and values in 0..1. Out: a BGR picture or a JPEG. When to draw, and for whom, is left to others.
"""

from collections.abc import Sequence

import cv2
import numpy as np
import numpy.typing as npt

from agent.contract.words import LABELS_VI
from agent.i18n import Language
from agent.installer.doors import CameraView, LiveView, Shape
from agent.values import Box, Frame, Picture, Point, Track

MAX_WIDTH = 960
THUMB_WIDTH = 640
LIVE_QUALITY = 78
THUMB_QUALITIES = (85, 75, 65, 50, 35)
THUMB_SMALLEST = 64  # pixels: below this a smaller picture shows nothing

Colour = tuple[int, int, int]  # blue, green, red
Pixels = npt.NDArray[np.int32]
ZONE: Colour = (170, 190, 40)
LINE: Colour = (60, 190, 255)
MOTION: Colour = (235, 235, 235)
PERSON: Colour = (90, 150, 255)
VEHICLE: Colour = (255, 175, 80)
OTHER: Colour = (230, 130, 215)
INK: Colour = (24, 20, 16)
VEHICLES = frozenset({"bicycle", "car", "motorcycle", "bus", "train", "truck", "boat"})


def bgr(frame: Frame, max_width: int = MAX_WIDTH) -> Picture:
    """The frame in colour as (height, width, 3), BGR (ITU-R BT.601, limited range), both sides even, never enlarged."""
    width = min(frame.width, max_width) // 2 * 2
    height = max(2, round(frame.height * width / frame.width) // 2 * 2)
    planes = np.empty((height * 3 // 2, width), np.uint8)
    planes[:height] = cv2.resize(frame.luma, (width, height), interpolation=cv2.INTER_AREA)
    chroma = planes[height:].reshape(2, height // 2, width // 2)
    for plane, source in zip(chroma, (frame.u, frame.v), strict=True):
        plane[:] = cv2.resize(source, (width // 2, height // 2), interpolation=cv2.INTER_AREA)
    return np.asarray(cv2.cvtColor(planes, cv2.COLOR_YUV2BGR_I420), np.uint8)


def jpeg(picture: Picture, quality: int) -> bytes:
    """The picture as a JPEG file."""
    _, encoded = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, quality])
    return bytes(encoded.tobytes())


def thumbnail(frame: Frame, boxes: Sequence[Box], max_bytes: int = 40_000) -> bytes:
    """A JPEG of the frame with the boxes of an event, at most `max_bytes`: first coarser, then smaller."""
    width = THUMB_WIDTH
    while True:
        picture = bgr(frame, width)
        for box in boxes:
            _box(picture, box, PERSON, max(2, picture.shape[1] // 240))
        for quality in THUMB_QUALITIES:
            data = jpeg(picture, quality)
            if len(data) <= max_bytes:
                return data
        if width <= THUMB_SMALLEST:
            return data
        width = width * 3 // 4


class Overlay:
    """Draws live pictures in one language. Used by one thread at a time: OpenCV's font keeps a cache of glyphs."""

    def __init__(self, language: Language) -> None:
        self._language = language
        self._font = cv2.FontFace("sans")  # has Vietnamese letters, unlike the Hershey fonts

    def draw(self, camera: CameraView, view: LiveView) -> Picture:
        """The frame of `view` with everything on it, at most 960 pixels wide."""
        picture = bgr(view.frame)
        self._zones(picture, camera.zones)
        for box in view.motion.boxes:
            _box(picture, box, MOTION, 1, outlined=False)
        for line in camera.lines:
            self._line(picture, line)
        for track in view.tracks:
            self._track(picture, track)
        return picture

    def _zones(self, picture: Picture, zones: Sequence[Shape]) -> None:
        outlines = [_pixels(picture, zone.points) for zone in zones]
        if outlines:
            tinted = picture.copy()
            for outline in outlines:
                cv2.fillPoly(tinted, [outline], ZONE, cv2.LINE_AA)
            cv2.addWeighted(tinted, 0.22, picture, 0.78, 0, dst=picture)
        for zone, outline in zip(zones, outlines, strict=True):
            cv2.polylines(picture, [outline], True, ZONE, 2, cv2.LINE_AA)
            self._name(picture, zone.name, _inner_corner(outline), ZONE)

    def _line(self, picture: Picture, line: Shape) -> None:
        a, b = _pixels(picture, line.points)[:2]
        veil = picture.copy()
        cv2.line(veil, _at(a), _at(b), LINE, 5, cv2.LINE_AA)
        cv2.addWeighted(veil, 0.65, picture, 0.35, 0, dst=picture)
        middle, along = (a + b) / 2, (b - a).astype(np.float64)
        length = float(np.hypot(*along)) or 1.0
        # `in` is from left to right of somebody who walks from the first point to the second; y grows downwards.
        inward = np.array([-along[1], along[0]]) / length * picture.shape[1] / 26
        cv2.arrowedLine(picture, _at(middle), _at(middle + inward), LINE, 3, cv2.LINE_AA, tipLength=0.4)
        self._name(picture, line.name, a, LINE)

    def _track(self, picture: Picture, track: Track) -> None:
        colour = _colour(track.label)
        if len(track.path) > 1:
            cv2.polylines(picture, [_pixels(picture, track.path)], False, colour, 1, cv2.LINE_AA)
        _box(picture, track.box, colour, 2 if track.confirmed else 1)
        corner = _pixels(picture, (Point(track.box.left, track.box.top),))[0]
        word = LABELS_VI.get(track.label, track.label) if self._language == "vi" else track.label
        self._name(picture, f"{word} {track.id}", corner - (0, self._size(picture) + 6), colour)

    def _name(self, picture: Picture, text: str, corner: Pixels, colour: Colour) -> None:
        """A dark word on a coloured plate whose top left is `corner`, pushed inside the picture."""
        height, width = picture.shape[:2]
        size = self._size(picture)
        _, _, wide, _ = cv2.getTextSize((width, height), text, (0, 0), self._font, size, 400)
        left = int(np.clip(corner[0], 0, max(0, width - wide - 8)))
        top = int(np.clip(corner[1], 0, max(0, height - size - 6)))
        cv2.rectangle(picture, (left, top), (left + wide + 8, top + size + 6), colour, cv2.FILLED)
        cv2.putText(picture, text, (left + 4, top + size), INK, self._font, size, 400)

    @staticmethod
    def _size(picture: Picture) -> int:
        width: int = picture.shape[1]
        return max(11, round(width / 54))


def _pixels(picture: Picture, points: Sequence[Point]) -> Pixels:
    height, width = picture.shape[:2]
    return np.array([(round(point.x * width), round(point.y * height)) for point in points], np.int32)


def _at(pixel: npt.NDArray[np.generic]) -> tuple[int, int]:
    return int(pixel[0]), int(pixel[1])


def _inner_corner(outline: Pixels) -> Pixels:
    """The corner of the outline that is highest, a little inside of it."""
    return np.asarray(outline[int(np.argmin(outline[:, 0] + 2 * outline[:, 1]))] + 4, np.int32)


def _colour(label: str) -> Colour:
    if label == "person":
        return PERSON
    return VEHICLE if label in VEHICLES else OTHER


def _box(picture: Picture, box: Box, colour: Colour, thickness: int, *, outlined: bool = True) -> None:
    inside = box.clipped()
    corners = _pixels(picture, (Point(inside.left, inside.top), Point(inside.right, inside.bottom)))
    first, second = _at(corners[0]), _at(corners[1])
    if outlined:  # a dark rim keeps the box readable on a bright picture
        cv2.rectangle(picture, first, second, INK, thickness + 2, cv2.LINE_AA)
    cv2.rectangle(picture, first, second, colour, thickness, cv2.LINE_AA)
