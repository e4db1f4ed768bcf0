"""The classes that rules name. Which are known depends on the model: COCO's, unless `detection.labels` says others.

With labels of its own a model is asked when it is loaded; a configuration is checked without reading what it points to.
"""

import unicodedata
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import AfterValidator, Field, WithJsonSchema

from agent.config.labels import ALSO_CALLED, COCO
from agent.config.meanings import VIEW_RULES, misplaced
from agent.config.units import Bilingual, Problem, closest, meant, shown
from agent.i18n import Text

if TYPE_CHECKING:
    from agent.config.camera import CameraSection

LONGEST = 64
MOST = 80


def _readable(label: str) -> str:
    if not label.isprintable() or not label.strip():
        raise Bilingual(f"{shown(label)} is no class", f"{shown(label)} không phải tên loại vật thể")
    return label


# COCO's names are offered by editors; others are for models with labels of their own.
_OFFERED = {"anyOf": [{"type": "string", "enum": list(COCO)}, {"type": "string", "minLength": 1, "maxLength": LONGEST}]}
ClassName = Annotated[str, Field(min_length=1, max_length=LONGEST), AfterValidator(_readable), WithJsonSchema(_OFFERED)]
Classes = Annotated[tuple[ClassName, ...], Field(min_length=1, max_length=MOST)]


@dataclass(frozen=True, slots=True)
class Unlisted:
    """A rule and the classes it asks for that a model does not know."""

    cam: str
    rule: str
    classes: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.cam}/{self.rule} ({', '.join(self.classes)})"


def wrong_classes(cameras: Any, own_labels: bool) -> Iterator[Problem]:
    """Classes that a rule of `cameras`, which are as written, cannot mean; without `own_labels` also what is none of
    COCO's.
    """
    for camera_index, camera in enumerate(_items(cameras)):
        for rule_index, rule in enumerate(_items(camera.get("rules") if isinstance(camera, Mapping) else None)):
            if not isinstance(rule, Mapping):
                continue
            for problem in (*misplaced(rule), *(() if own_labels else _strangers(rule))):
                path = ("cameras", camera_index, "rules", rule_index, *problem.path)
                yield Problem(path, problem.text, problem.hint)


def _strangers(rule: Mapping[str, Any]) -> Iterator[Problem]:
    if rule.get("rule") in VIEW_RULES:
        return  # told already: it has no classes at all
    for index, label in enumerate(_items(rule.get("classes"))[:MOST]):
        if isinstance(label, str) and label not in COCO:
            yield Problem(("classes", index), _unknown(label), _near(label))


def unlisted(cameras: Sequence["CameraSection"], names: Collection[str]) -> tuple[Unlisted, ...]:
    """Rules that name a class a model does not have, or that by default have none left.

    The defaults name several classes, of which a model may well have some only.
    """
    found = []
    for camera in cameras:
        for rule in camera.rules:
            missing = tuple(label for label in rule.classes if label not in names)
            if missing and ("classes" in rule.model_fields_set or len(missing) == len(rule.classes)):
                found.append(Unlisted(camera.id, rule.name, missing))
    return tuple(found)


def _unknown(label: str) -> Text:
    return Text(
        en=f"unknown class {shown(label)}; use the English name, like person, car, motorcycle, dog",
        vi=f"không có loại vật thể {shown(label)}; hãy dùng tên tiếng Anh như person, car, motorcycle, dog",
    )


def _near(label: str) -> Text | None:
    word = unicodedata.normalize("NFC", label.strip().lower())
    unmarked = {_unmarked(known): meaning for known, meaning in ALSO_CALLED.items()}
    near = ALSO_CALLED.get(word) or unmarked.get(word) or closest(word, COCO)
    return meant(near) if near else None


def _unmarked(word: str) -> str:
    """`xe may` for `xe máy`, as people type it without a Vietnamese keyboard."""
    letters = unicodedata.normalize("NFD", word.replace("đ", "d"))
    return "".join(each for each in letters if not unicodedata.combining(each))


def _items(value: Any) -> Sequence[Any]:
    return value if isinstance(value, list | tuple) else ()
