"""What the running node says of itself for an update: its proof, all the while, and to the ward how an update ended.

Root judges a version on trial by this proof (agent/update/judge.py). A node that was not installed as a version among
others says nothing.
"""

import logging
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from agent import __version__
from agent.app.again import process_age_s
from agent.app.trial import before
from agent.clock import Clock
from agent.config.model import Config
from agent.contract.base import Words, utc
from agent.contract.health import UpdateHealth
from agent.errors import AgentError
from agent.health.status import runtime_file
from agent.i18n import Text
from agent.update.place import own_place, release_of
from agent.update.proof import NAME, Proof, write_proof
from agent.update.sight import Sight, Worked
from agent.update.state import History, Trial, ended_text, read_history, read_trial

if TYPE_CHECKING:
    from agent.app.node import Node

log = logging.getLogger(__name__)
SOURCE = "update"
ON_TRIAL = Text(en="a new version of the program is on trial", vi="thiết bị đang chạy thử phiên bản phần mềm mới")
FAULTS = {"returned": "update_returned", "refused": "update_refused", "failed": "update_refused"}


class OwnWord:
    """Of one process. `look` belongs to the main thread; the rest may be asked by any."""

    def __init__(self, config: Config, clock: Clock, prefix: str = sys.prefix) -> None:
        self._clock = clock
        self._model = config.detection.model is not None
        self._place = own_place(prefix)
        self._folder = Path(prefix).name
        self._file = runtime_file(NAME, config.node.data_dir) if self._place is not None else None
        self._began_s = clock.mono_s() - process_age_s(clock)
        trial = self._trial()
        self._id = trial.id if trial is not None and trial.new == self._folder else None
        self._told: str | None = None

    @property
    def version(self) -> str | None:
        """That runs; None when it cannot be updated."""
        return None if self._place is None else release_of(self._folder) or __version__

    @property
    def judged(self) -> bool:
        """Is it this process that has to prove itself?"""
        return self._id is not None

    def hinders(self) -> Text | None:
        """Why nothing else may be tried now."""
        return ON_TRIAL if self._trial() is not None else None

    def look(self, node: "Node") -> None:
        """Every few seconds. Nothing that fails here harms the node."""
        if self._place is None:
            return
        self._tell(node)
        if self._file is None:
            return
        try:
            write_proof(self._file.parent, self._proof(node))
        except OSError as error:
            log.warning("the proof for updates cannot be written: %s", error)
            self._file = None

    def health(self) -> UpdateHealth | None:
        """For the ward; None when this program cannot be updated."""
        place = self._place
        if place is None:
            return None
        trial, history = self._trial(), self._history()
        last = history.last
        version, previous = release_of(self._folder) or __version__, _release(history.previous)
        if trial is not None:
            return UpdateHealth(version=version, previous=previous, state="trying", wanted=_release(trial.new))
        if last is None:
            return UpdateHealth(version=version, previous=previous)
        return UpdateHealth(
            version=version,
            previous=previous,
            state=last.result,
            wanted=_release(last.to),
            why=None if last.why is None else Words.of(last.why),
            at_utc=utc(last.at_ns),
        )

    def history(self) -> History:
        """What root remembers."""
        return self._history()

    def _proof(self, node: "Node") -> Proof:
        seen = node.trying.seen()
        return Proof(
            folder=self._folder,
            version=__version__,
            pid=os.getpid(),
            boot_id=self._clock.boot_id,
            began_s=self._began_s,
            at_s=self._clock.mono_s(),
            trial=self._id,
            busy=node.settings.busy,
            before=Worked(**before(node).model_dump()),
            seen=Sight(
                captured=tuple(sorted(seen.captured)),
                analysed=tuple(sorted(seen.analysed)),
                broken=tuple(sorted(seen.broken)),
                # Only on trial it is tried on a picture at once; else it ran when it was loaded.
                inferred=seen.inferred if self.judged else node.eye is not None,
                acknowledged=seen.acknowledged,
                silent=seen.silent,
                model=self._model,
            ),
        )

    def _tell(self, node: "Node") -> None:
        last = self._history().last
        told = None if last is None else f"{last.result} {last.to} {last.at_ns}"
        if told == self._told:
            return
        self._told = told
        code = FAULTS.get(last.result) if last is not None else None
        if last is None or code is None:
            node.faults.cleared(SOURCE)
        else:
            node.faults.raised(SOURCE, AgentError(ended_text(last), code=code))

    def _trial(self) -> Trial | None:
        try:
            return read_trial(self._place) if self._place is not None else None
        except (OSError, ValueError):
            return None

    def _history(self) -> History:
        try:
            return read_history(self._place) if self._place is not None else History()
        except OSError:
            return History()


def _release(folder: str | None) -> str | None:
    return None if folder is None else release_of(folder) or folder
