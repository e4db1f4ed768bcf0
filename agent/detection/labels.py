"""What the columns of a model's scores are called: a file with one label per line, the model's own metadata, or COCO.

Comes in: the number of columns, the configuration and what the model says of itself. Goes out: one name per column that
counts. A wrong list would name everything wrongly without anybody noticing, so numbers that do not fit are refused.
"""

import ast
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from agent.config.labels import COCO, FROM_MODEL
from agent.detection import complaints
from agent.i18n import Text
from agent.system_words import reason

COCO_IDS = 90
# The COCO ids that were planned but never annotated.
UNUSED_IDS = {12, 26, 29, 30, 45, 66, 68, 69, 71, 83}
USED_COLUMNS = np.array([number - 1 for number in range(1, COCO_IDS + 1) if number not in UNUSED_IDS])
METADATA_KEYS = ("names", "labels", "classes")
LARGEST_FILE = 64_000
MOST, LONGEST = 1000, 64
_NO_FILE = Text(en="this is not a file", vi="đây không phải là tệp")
_NOT_TEXT = Text(en="this is not UTF-8 text", vi="đây không phải văn bản UTF-8")

Columns = npt.NDArray[np.intp]


@dataclass(frozen=True, slots=True, eq=False)
class LabelMap:
    """`names` of the scores that count, in their order; `columns` says which those are, None: all of them."""

    names: tuple[str, ...]
    columns: Columns | None = None
    source: str = "coco"  # coco, file or model

    def __post_init__(self) -> None:
        if self.columns is not None and len(self.columns) != len(self.names):
            raise ValueError(f"{len(self.columns)} columns and {len(self.names)} names")


def label_map(model: Path, classes: int, labels: Path | None, carried: tuple[str, ...]) -> LabelMap:
    """The map of a model with so many `classes`; `labels` as configured, `carried` in the model's metadata.

    A column more than names is a background, which SSDs have in front. Raises ModelError (`model_labels`).
    """
    if labels is not None and str(labels) != FROM_MODEL:
        return _fitted(model, classes, read_labels(labels), "file")
    if labels is not None and not carried:
        raise complaints.no_labels_inside(model)
    if carried and (labels is not None or len(carried) in (classes, classes - 1)):
        return _fitted(model, classes, carried, "model")
    if classes == len(COCO):
        return LabelMap(COCO)
    if classes in (COCO_IDS, COCO_IDS + 1):
        return LabelMap(COCO, USED_COLUMNS + (classes - COCO_IDS))
    raise complaints.labels_needed(model, classes)


def _fitted(model: Path, classes: int, names: tuple[str, ...], source: str) -> LabelMap:
    if len(names) == classes:
        return LabelMap(names, source=source)
    if len(names) == classes - 1:
        return LabelMap(names, np.arange(1, classes), source)
    raise complaints.labels_differ(model, classes, len(names))


def read_labels(path: Path) -> tuple[str, ...]:
    """One label per line of UTF-8 text; empty lines at the end do not count. Raises ModelError (`model_labels`)."""
    try:
        if path.exists() and not (path.is_file() or path.is_dir()):
            raise complaints.labels_unreadable(path, _NO_FILE)  # opening a pipe would wait for ever
        with path.open("rb") as file:
            raw = file.read(LARGEST_FILE + 1)
        text = raw.decode("utf-8-sig")
    except OSError as error:
        raise complaints.labels_unreadable(path, reason(error)) from error
    except UnicodeDecodeError as error:
        raise complaints.labels_unreadable(path, _NOT_TEXT) from error
    lines = [line.strip() for line in text.rstrip().splitlines()]
    for number, line in enumerate(lines, 1):
        if not _good(line):
            told = Text(en=f"line {number} is no label", vi=f"dòng {number} không phải nhãn")
            raise complaints.labels_unreadable(path, told)
    if not lines or len(lines) > MOST or len(raw) > LARGEST_FILE:
        told = Text(en=f"it has {len(lines)} labels", vi=f"tệp có {len(lines)} nhãn")
        raise complaints.labels_unreadable(path, told)
    return tuple(lines)


def names_in(metadata: Mapping[str, str]) -> tuple[str, ...]:
    """The labels that a model carries in its ONNX metadata: a list, or a mapping from column to name, as JSON or as
    Python writes it, or words between commas or line ends; empty when there are none that can be read.
    """
    for key in METADATA_KEYS:
        if key in metadata and (names := _parsed(metadata[key][:LARGEST_FILE].strip())):
            return names
    return ()


def _parsed(text: str) -> tuple[str, ...]:
    value: Any = None
    for parse in (json.loads, ast.literal_eval):
        try:
            value = parse(text)
            break
        except (ValueError, SyntaxError, MemoryError, RecursionError):
            continue
    if value is None:
        value = text.split("\n") if "\n" in text else text.split(",")
    if isinstance(value, dict):
        try:
            ordered = {int(key): name for key, name in value.items()}
        except (ValueError, TypeError):
            return ()
        if sorted(ordered) != list(range(len(ordered))):
            return ()
        value = [ordered[index] for index in range(len(ordered))]
    if not isinstance(value, list | tuple) or not 0 < len(value) <= MOST:
        return ()
    names = tuple(name.strip() if isinstance(name, str) else "" for name in value)
    return names if all(map(_good, names)) else ()


def _good(name: str) -> bool:
    return 0 < len(name) <= LONGEST and name.isprintable()
