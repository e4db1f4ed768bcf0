"""Which classes each rule can mean, in one table, and what is told of others.

Only COCO's names are judged: what a model with labels of its own calls its things, nobody here can know.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from agent.config.labels import ANIMALS, COCO, CRAFT, PERSON, VEHICLES
from agent.config.units import Problem
from agent.i18n import Text

OF_TRACKS = ("classes", "min_age", "min_travel", "min_score")  # settings that say which tracks count


@dataclass(frozen=True, slots=True)
class Meaning:
    """The classes a rule can be about, the same in words, and what to do about others."""

    classes: frozenset[str]
    about: Text
    hint: Text | None = None


_CARRIERS = frozenset((*VEHICLES, *CRAFT))
_ALIVE = frozenset((*PERSON, *ANIMALS))
_ANYTHING = Meaning(frozenset(COCO), Text(en="whatever a model knows", vi="mọi loại mà mô hình biết"))
_MOVES = Meaning(_CARRIERS | _ALIVE, Text(en="what moves by itself", vi="những gì tự di chuyển"))
_INTRUSION = Text(
    en="whatever is in a zone is told by `intrusion`", vi="muốn báo mọi thứ có trong vùng thì dùng luật `intrusion`"
)
_LOITERING = Text(en="who stays too long is told by `loitering`", vi="ai ở lại quá lâu thì dùng luật `loitering`")
MEANINGS: dict[str, Meaning] = {
    "intrusion": _ANYTHING,
    "line_crossing": _ANYTHING,
    "loitering": _ANYTHING,
    "crowd": _ANYTHING,
    "parking": Meaning(
        _CARRIERS,
        Text(en="vehicles", vi="các loại xe"),
        Text(
            en="who stays too long is told by `loitering`, what lies there by `encroachment`",
            vi="người ở lại quá lâu thì dùng luật `loitering`, đồ vật để đó thì dùng `encroachment`",
        ),
    ),
    "encroachment": Meaning(
        frozenset(COCO) - _ALIVE,
        Text(en="things and vehicles that take up room", vi="đồ vật và xe chiếm chỗ"),
        _LOITERING,
    ),
    "dumping": Meaning(
        _CARRIERS | frozenset(PERSON),
        Text(en="who brings it: people and vehicles", vi="ai mang đồ đến: người và các loại xe"),
        Text(
            en="what is left there needs no class: anything counts", vi="đồ bị bỏ lại không cần ghi: vật gì cũng tính"
        ),
    ),
    "object_removed": Meaning(
        frozenset(COCO) - _ALIVE,
        Text(en="things and vehicles that are taken away", vi="đồ vật và xe bị lấy đi"),
    ),
    "wrong_way": _MOVES,
    "congestion": _MOVES,
    "collision": _MOVES,
    "fight": Meaning(frozenset(PERSON), Text(en="people", vi="người"), _INTRUSION),
    "tamper": Meaning(frozenset(), Text(en="the camera's view", vi="tầm nhìn của camera")),
}
VIEW_RULES = tuple(name for name, meaning in MEANINGS.items() if not meaning.classes)
_REMOVE = Text(en="remove this line", vi="hãy xoá dòng này")


def misplaced(rule: Mapping[str, Any]) -> Iterator[Problem]:
    """The settings of a rule as written that say nothing for it, and the classes it cannot mean."""
    name = rule.get("rule")
    meaning = MEANINGS.get(name) if isinstance(name, str) else None
    if meaning is None:
        return
    if not meaning.classes:
        for key in OF_TRACKS:
            if key in rule:
                text = Text(
                    en=f"`{name}` is about {meaning.about.en}, not about objects: it has no `{key}`",
                    vi=f"luật `{name}` là về {meaning.about.vi}, không xét vật thể nên không có `{key}`",
                )
                yield Problem((key,), text, _REMOVE)
        return
    labels = rule.get("classes")
    for index, label in enumerate(labels if isinstance(labels, list | tuple) else ()):
        if isinstance(label, str) and label in COCO and label not in meaning.classes:
            text = Text(
                en=f"{label} means nothing to `{name}`, whose classes are {meaning.about.en}",
                vi=f"{label} không có nghĩa với luật `{name}`: classes ở đây là {meaning.about.vi}",
            )
            yield Problem(("classes", index), text, meaning.hint)
