"""What the setup page may change of the configuration: read out of the text that runs, and put back into it.

The page draws zones, lines, masks and rules. Everything else of the text stays as it is; what is saved goes the way of
every candidate (agent/settings): tried, and undone when it does not work. Comments of the file are not carried over
into the text that is kept beside it; the file itself is never written.
"""

import re
from collections.abc import Callable, Sequence
from copy import deepcopy
from typing import TYPE_CHECKING, Any

from ulid import ULID

from agent.app.orders_config import ConfigDesk
from agent.app.trial import before
from agent.clock import Clock
from agent.config.document import read_document
from agent.config.mistakes import MAX_TOLD, Mistake
from agent.i18n import Text
from agent.installer.setup.doors import Begun, Drawn, Hindered, Judgement, Saved, Wrong
from agent.settings import Candidate, Chosen, Trial, drawn, shown_data

if TYPE_CHECKING:
    from agent.app.node import Node

MAPPINGS, LISTS, PLAIN = ("zones", "lines", "privacy_masks"), ("rules",), ("label", "transcode")
WINDOW_S = 120.0
STEP = re.compile(r"\[(\d+)\]|\.?([^.\[\]]+)")
NO_CAMERA = Text(en="There is no such camera", vi="Không có camera này")
FOLDED = Text(
    en="what the ward had applied becomes part of it, and can then no longer be undone by the ward",
    vi="cấu hình mà phường đã gửi sẽ được gộp vào đây, sau đó phường không hoàn tác được nữa",
)


def drawn_of(chosen: Chosen) -> Drawn:
    """What runs."""
    cameras = read_document(chosen.text).data["cameras"]
    return Drawn(chosen.hash, chosen.source, chosen.trial is not None, [_camera(each) for each in cameras])


def _camera(written: dict[str, Any]) -> dict[str, Any]:
    told: dict[str, Any] = {
        "id": written["id"],
        "label": written.get("label", ""),
        "transcode": written.get("transcode"),
    }
    told |= {key: written.get(key) or {} for key in MAPPINGS}
    return told | {key: written.get(key) or [] for key in LISTS}


def merged(chosen: Chosen, cameras: Sequence[dict[str, Any]]) -> str:
    """The text that runs with what was drawn. Raises Hindered for a camera that is not there."""
    data = deepcopy(read_document(chosen.text).data)
    by_id = {camera["id"]: camera for camera in data["cameras"]}
    for camera in cameras:
        kept = by_id.get(camera["id"])
        if kept is None:
            raise Hindered("changed", NO_CAMERA)
        for key in (*PLAIN, *MAPPINGS, *LISTS):
            if key in camera:
                kept.pop(key, None)
                if camera[key] not in (None, "", {}, []):
                    kept[key] = camera[key]
    return shown_data(data)


def judged(chosen: Chosen, text: str) -> tuple[Candidate, Judgement]:
    """Would the node take it? Judged as the loader judges a file."""
    candidate = drawn(chosen.installed, text)
    wrong = tuple(_wrong(each) for each in (*candidate.mistakes, *candidate.locked)[:MAX_TOLD])
    remarks = () if chosen.ward is None else (FOLDED,)
    same = candidate.config is not None and candidate.config == chosen.config
    return candidate, Judgement(same, wrong, () if same else remarks)


def _wrong(mistake: Mistake) -> Wrong:
    return Wrong(mistake.path, steps_of(mistake.path), mistake.text, mistake.hint)


def steps_of(path: str) -> tuple[str | int, ...]:
    """cameras[0].rules[1].zone as steps."""
    return tuple(int(match[1]) if match[1] else match[2] for match in STEP.finditer(path))


class SetupConfig:
    """For the page's threads."""

    def __init__(self, node: "Node", clock: Clock) -> None:
        self._node = node
        self._settings = node.settings
        self._clock = clock
        self._desk = ConfigDesk(node, clock)
        self._start_s = clock.mono_s()

    def drawn(self) -> Drawn:
        """What runs."""
        return drawn_of(self._settings.chosen)

    def check(self, cameras: Sequence[dict[str, Any]]) -> Judgement:
        """Raises Hindered."""
        chosen = self._settings.chosen
        candidate, told = judged(chosen, merged(chosen, cameras))
        if candidate.config is None or told.same:
            return told
        remarks = (Text(en=each.en, vi=each.vi) for each in self._desk.remarks(candidate.config))
        return Judgement(told.same, told.mistakes, (*told.remarks, *remarks))

    def save(self, cameras: Sequence[dict[str, Any]], begun: Callable[[str], None]) -> Begun:
        """The node begins again with it; `begun` hears of the job before that. Raises Hindered, StorageError."""
        chosen = self._settings.chosen
        text = merged(chosen, cameras)
        candidate, told = judged(chosen, text)
        if told.same:
            return Begun(None, WINDOW_S)
        hindered = self._desk.hindered()
        if hindered is not None or candidate.config is None:
            raise Hindered("busy", hindered or NO_CAMERA)
        job = str(ULID.from_timestamp(self._clock.now().wall_ns / 1e9))
        begun(job)
        trial = Trial(request_id=job, window_s=WINDOW_S, before=before(self._node), local=True)
        self._desk.propose(trial, text)
        return Begun(job, WINDOW_S)

    def saved(self, job: str) -> Saved:
        """What became of `job`."""
        if not job:
            return Saved()
        busy = self._settings.busy  # first: a trial that ends between the two lines is one that has ended
        last = self._settings.last
        if last is not None and last.request_id == job:
            return Saved("kept", job) if last.why is None else Saved("undone", job, why=last.why.text())
        left_s = max(0.0, WINDOW_S - (self._clock.mono_s() - self._start_s))
        return Saved("trying", job, left_s) if busy else Saved()
