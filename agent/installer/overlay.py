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
from agent.installer.letters import INK, PLATE_RIM, Colour, Letters, Plate, letter_size
from agent.values import Box, Frame, Picture, Point, Track

MAX_WIDTH = 960
THUMB_WIDTH = 640
LIVE_QUALITY = 78
THUMB_QUALITIES = (85, 75, 65, 50, 35)
THUMB_SMALLEST = 64  # pixels: below this a smaller picture shows nothing

Pixels = npt.NDArray[np.int32]
ZONE: Colour = (170, 190, 40)
LINE: Colour = (60, 190, 255)
MOTION: Colour = (235, 235, 235)
PERSON: Colour = (90, 150, 255)
VEHICLE: Colour = (255, 175, 80)
OTHER: Colour = (230, 130, 215)
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
            draw_box(picture, box, PERSON, max(2, picture.shape[1] // 240))
        for quality in THUMB_QUALITIES:
            data = jpeg(picture, quality)
            if len(data) <= max_bytes:
                return data
        if width <= THUMB_SMALLEST:
            return data
        width = width * 3 // 4


class Overlay:
    """Draws live pictures in one language; `scores` beside the names. Used by one thread at a time, like `Letters`."""

    def __init__(self, language: Language, *, scores: bool = False) -> None:
        self._language = language
        self._scores = scores
        self._letters = Letters()

    def draw(self, camera: CameraView, view: LiveView) -> Picture:
        """The frame of `view` with everything on it, at most 960 pixels wide."""
        picture = bgr(view.frame)
        self.draw_on(picture, camera, view)
        return picture

    def draw_on(self, picture: Picture, camera: CameraView, view: LiveView) -> None:
        """The same on a picture of the frame in any size."""
        self._letters.plates(picture, self.outlines_on(picture, camera, view))

    def outlines_on(self, picture: Picture, camera: CameraView, view: LiveView) -> list[Plate]:
        """The same without its words: they are for the caller to write, when everything else is drawn."""
        plates = self._zones(picture, camera.zones)
        for box in view.motion.boxes:
            draw_box(picture, box, MOTION, 1, outlined=False)
        plates += [self._line(picture, line) for line in camera.lines]
        return plates + [self._track(picture, track) for track in view.tracks]

    def _zones(self, picture: Picture, zones: Sequence[Shape]) -> list[Plate]:
        outlines = [pixels_of(picture, zone.points) for zone in zones]
        if outlines:
            tinted = picture.copy()
            for outline in outlines:
                cv2.fillPoly(tinted, [outline], ZONE, cv2.LINE_AA)
            cv2.addWeighted(tinted, 0.22, picture, 0.78, 0, dst=picture)
        for outline in outlines:
            cv2.polylines(picture, [outline], True, ZONE, 2, cv2.LINE_AA)
        corners = [_at(_inner_corner(outline)) for outline in outlines]
        return [Plate(zone.name, *corner, ZONE) for zone, corner in zip(zones, corners, strict=True)]

    def _line(self, picture: Picture, line: Shape) -> Plate:
        a, b = pixels_of(picture, line.points)[:2]
        veil = picture.copy()
        cv2.line(veil, _at(a), _at(b), LINE, 5, cv2.LINE_AA)
        cv2.addWeighted(veil, 0.65, picture, 0.35, 0, dst=picture)
        middle, along = (a + b) / 2, (b - a).astype(np.float64)
        length = float(np.hypot(*along)) or 1.0
        # `in` is from left to right of somebody who walks from the first point to the second; y grows downwards.
        inward = np.array([-along[1], along[0]]) / length * picture.shape[1] / 26
        cv2.arrowedLine(picture, _at(middle), _at(middle + inward), LINE, 3, cv2.LINE_AA, tipLength=0.4)
        return Plate(line.name, *_at(a), LINE)

    def _track(self, picture: Picture, track: Track) -> Plate:
        colour = _colour(track.label)
        if len(track.path) > 1:
            cv2.polylines(picture, [pixels_of(picture, track.path)], False, colour, 1, cv2.LINE_AA)
        draw_box(picture, track.box, colour, 2 if track.confirmed else 1)
        left, top = _at(pixels_of(picture, (Point(track.box.left, track.box.top),))[0])
        word = LABELS_VI.get(track.label, track.label) if self._language == "vi" else track.label
        told = f"{word} {track.score:.2f} #{track.id}" if self._scores else f"{word} {track.id}"
        return Plate(told, left, top - letter_size(picture) - PLATE_RIM, colour, upwards=True)


def pixels_of(picture: Picture, points: Sequence[Point]) -> Pixels:
    """Points of 0..1 in pixels of the picture, (n, 2)."""
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


def draw_box(picture: Picture, box: Box, colour: Colour, thickness: int, *, outlined: bool = True) -> None:
    """A frame around what is inside of `box`."""
    inside = box.clipped()
    corners = pixels_of(picture, (Point(inside.left, inside.top), Point(inside.right, inside.bottom)))
    first, second = _at(corners[0]), _at(corners[1])
    if outlined:  # a dark rim keeps the box readable on a bright picture
        cv2.rectangle(picture, first, second, INK, thickness + 2, cv2.LINE_AA)
    cv2.rectangle(picture, first, second, colour, thickness, cv2.LINE_AA)
