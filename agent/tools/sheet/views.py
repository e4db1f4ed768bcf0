"""A camera's reference photo with what was drawn on it: zones, lines with their direction, privacy masks."""

import cv2
import numpy as np
import numpy.typing as npt

from agent.config.model import CameraSection
from agent.i18n import Text
from agent.installer.letters import Colour, Letters, Plate
from agent.installer.overlay import LINE, ZONE, pixels_of
from agent.values import Picture

WIDEST, TALLEST = 1394, 640
MASK: Colour = (40, 40, 40)
EMPTY: Colour = (238, 236, 232)
FAINT: Colour = (120, 112, 104)
NO_PHOTO = Text(en="no reference photo: take one on the setup page", vi="chưa có ảnh mốc: hãy chụp trên trang cài đặt")
MOST_PIXELS = 40_000_000


def view_of(camera: CameraSection, photo: bytes | None, letters: Letters) -> Picture:
    """(height, width, 3) BGR, at most 1394 x 640. Without a photo, or with one that cannot be read, an empty field."""
    decoded = _decoded(photo) if photo is not None else None
    if decoded is not None:
        return _drawn(decoded, camera, letters)
    field = _drawn(np.full((WIDEST * 9 // 16 // 2, WIDEST // 2, 3), EMPTY, np.uint8), camera, letters)
    below = np.full((88, field.shape[1], 3), EMPTY, np.uint8)  # where nothing is drawn over it
    for number, line in enumerate((NO_PHOTO.vi, NO_PHOTO.en)):
        letters.write(below, line, (24, 36 + 34 * number), 24, FAINT)
    return np.vstack([field, below])


def _drawn(picture: Picture, camera: CameraSection, letters: Letters) -> Picture:
    plates = []
    for name, corners in camera.privacy_masks.items():
        outline = pixels_of(picture, corners)
        cv2.fillPoly(picture, [outline], MASK, cv2.LINE_AA)
        plates.append(Plate(name, *_at(outline[0]), (190, 190, 190)))
    for name, corners in camera.zones.items():
        outline = pixels_of(picture, corners)
        tinted = picture.copy()
        cv2.fillPoly(tinted, [outline], ZONE, cv2.LINE_AA)
        cv2.addWeighted(tinted, 0.22, picture, 0.78, 0, dst=picture)
        cv2.polylines(picture, [outline], True, ZONE, 3, cv2.LINE_AA)
        corner = _at(outline[int(np.argmin(outline[:, 0] + 2 * outline[:, 1]))] + 4)
        plates.append(Plate(name, *corner, ZONE))
    for name, points in camera.lines.items():
        ends = pixels_of(picture, points)
        _line(picture, ends)
        plates.append(Plate(name, *_at(ends[0]), LINE))
    letters.plates(picture, plates)
    return picture


def _decoded(photo: bytes) -> Picture | None:
    try:
        decoded = cv2.imdecode(np.frombuffer(photo, np.uint8), cv2.IMREAD_COLOR) if photo else None
    except cv2.error:  # it claims more pixels than anybody has memory for
        return None
    if decoded is None or decoded.shape[0] * decoded.shape[1] > MOST_PIXELS or min(decoded.shape[:2]) < 2:
        return None
    height, width = decoded.shape[:2]
    scale = min(WIDEST / width, TALLEST / height)
    size = (max(2, round(width * scale)), max(2, round(height * scale)))
    return np.asarray(
        cv2.resize(decoded, size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC), np.uint8
    )


def _line(picture: Picture, ends: npt.NDArray[np.int32]) -> None:
    first, second = ends[0], ends[1]
    cv2.line(picture, _at(first), _at(second), LINE, 5, cv2.LINE_AA)
    middle, along = (first + second) / 2, (second - first).astype(np.float64)
    # `in` is from left to right of somebody who walks from the first point to the second; y grows downwards.
    inward = np.array([-along[1], along[0]]) / (float(np.hypot(*along)) or 1.0) * picture.shape[1] / 22
    cv2.arrowedLine(picture, _at(middle), _at(middle + inward), LINE, 4, cv2.LINE_AA, tipLength=0.4)


def _at(pixel: npt.NDArray[np.generic]) -> tuple[int, int]:
    return int(pixel[0]), int(pixel[1])
