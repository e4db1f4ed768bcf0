"""The node's side of it: what to run at a start, and every step that a candidate takes, durable before it counts."""

import logging
import os
import threading
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from agent.config.files import read_text
from agent.errors import StorageError
from agent.i18n import Text
from agent.settings.chosen import Chosen
from agent.settings.effective import Installed, read_installed
from agent.settings.opening import UNUSABLE, Opened, begun, find, load, set_aside, settled
from agent.settings.state import Ended, Kept, Trial

log = logging.getLogger(__name__)


class Keeping:
    """Of one node, for the life of the process. `begin` comes first, under the lock of the data directory.

    After that thread-safe: commands come from another thread than the one that judges.
    """

    def __init__(self, path: Path, environ: Mapping[str, str] = os.environ) -> None:
        """Raises InvalidConfig when neither the file at `path` nor a last good one can be used."""
        self._environ = environ
        self._lock = threading.Lock()
        self._installed = read_installed(path)
        opened = find(self._installed, environ)
        self._folder, self._kept = opened.folder, opened.kept
        self.chosen = load(settled(opened, self._installed), self._installed)

    def begin(self, boot_id: str) -> Chosen:
        """What runs now. That a candidate is tried is on the disk before it is looked at.

        Raises InvalidConfig when there is nothing to run.
        """
        installed = self._installed = self._read()
        opened = find(installed, self._environ)
        before, kept = opened.kept, begun(opened.kept, installed, boot_id)
        if (before.applied or before.local) and not (kept.applied or kept.local):
            opened = replace(opened, faults=(*opened.faults, set_aside()))
        self._folder = opened.folder
        opened = self._written(replace(opened, kept=kept), before)
        chosen = load(opened, installed)
        trial = opened.kept.trial
        if trial is not None and trial.started is not None and chosen.trial is None:
            opened = self._written(replace(opened, kept=opened.kept.failed(UNUSABLE)), opened.kept)
            chosen = load(opened, installed)
        self._kept, self.chosen = opened.kept, chosen
        return chosen

    def _written(self, opened: Opened, before: Kept) -> Opened:
        """On a disk that fails no candidate is tried, because that could not be counted."""
        if opened.kept == before:
            return opened
        try:
            self._folder.write(opened.kept)
        except StorageError as error:
            log.warning("what is kept of configurations cannot be written: %s", error)
            trial = opened.kept.trial
            kept = opened.kept if trial is None else opened.kept.model_copy(update={"trial": before.trial})
            return replace(opened, kept=kept, faults=(*opened.faults, error))
        return opened

    @property
    def may_undo(self) -> bool:
        """Is there a configuration before the one that the ward applied?"""
        return self._kept.may_undo

    @property
    def busy(self) -> bool:
        """A candidate waits or is on trial."""
        return self._kept.trial is not None

    def installed(self) -> Installed | None:
        """The installer's file; None when it is no longer the one that this process began with."""
        now = self._read()
        return None if self.chosen.last_known_good or now.hash != self.chosen.installed.hash else now

    def propose(self, trial: Trial, text: str | None) -> None:
        """From the next start on `text` is on trial; with None the one before is. Raises StorageError."""
        with self._lock:
            name = self._kept.previous if text is None else self._folder.keep(text.encode())
            self._write(self._kept.tried(trial.model_copy(update={"candidate": name})))

    def proved(self) -> None:
        """The trial is over: it works. Raises StorageError."""
        with self._lock:
            self._folder.keep((self.chosen.installed.text or "").encode())
            self._write(self._kept.proved())
            self.chosen = replace(self.chosen, trial=None, holds_back=False)

    def failed(self, why: Text) -> None:
        """The trial is over: it does not. From the next start on the last good one runs. Raises StorageError."""
        with self._lock:
            self._write(self._kept.failed(why))

    @property
    def last(self) -> Ended | None:
        """How the newest trial ended."""
        return self._kept.last

    def untold(self) -> tuple[Ended, ...]:
        """Trials whose end the ward has not been told."""
        return self._kept.ended

    def told(self, ended: Ended) -> None:
        """Its message is in the spool. Raises StorageError."""
        with self._lock:
            self._write(self._kept.told(ended))

    def healthy(self) -> None:
        """What runs now runs well: should the installer's file break, it is what to go back to. Raises StorageError."""
        text = self.chosen.installed.text
        if text is None or self.chosen.last_known_good or self.chosen.trial is not None:
            return
        with self._lock:
            file, kept = self._folder.keep(text.encode()), self._kept
            local = None if self.chosen.local is None else kept.local
            ward = None if self.chosen.ward is None else kept.applied
            if (kept.good_file, kept.good_local, kept.good_ward) != (file, local, ward):
                self._write(kept.healthy(file, local, ward))

    def _read(self) -> Installed:
        """As it is now; looked through again only when it has changed."""
        path = self._installed.path
        return self._installed if read_text(path) == self._installed.text else read_installed(path)

    def _write(self, kept: Kept) -> None:
        self._folder.write(kept)
        self._kept = kept
