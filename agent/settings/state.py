"""What the node remembers of its configurations: one small value, written in one step (state.json).

Texts are named by the sha256 of their bytes and lie beside it, each written before a state names it. So every change
is one rename, and a kill at any moment leaves the state before or the state after.
"""

from typing import Any, Literal

from pydantic import Field

from agent.contract.base import Part, Sha256, Words
from agent.i18n import Text

MOST_ENDED = 4  # ends of trials that the ward has not been told yet


class Before(Part):
    """What worked when the candidate came: what must work again."""

    cams: tuple[str, ...] = ()  # that captured
    model: bool = False  # ran
    broker: bool = False  # was reached
    broken: tuple[str, ...] = ()  # workers that failed already


class Trial(Part):
    """A candidate that has not proved itself."""

    request_id: str
    candidate: Sha256 | None = None  # None: the installer's file alone
    rollback: bool = False
    window_s: float
    before: Before = Before()
    local: bool = False  # drawn at the device itself: it becomes part of what the installer wants
    started: str | None = None  # the boot in which it was tried; whoever starts after that finds it failed


class Ended(Part):
    """How a trial ended. `why` is None when all is well."""

    request_id: str
    why: Words | None = None


class Kept(Part):
    """`None` as a text always means: the installer's file alone."""

    schema_: Literal["settings/1"] = Field(default="settings/1", alias="schema")
    file: str  # whose this is: the path of the installer's file
    base: Sha256 | None = None  # the installer's file that all of this goes with
    local: Sha256 | None = None  # what was saved at the device since, and proved: the ward's text goes over it
    applied: Sha256 | None = None  # by the ward, and proved
    previous: Sha256 | None = None  # before that
    may_undo: bool = False  # is there a `previous`?
    trial: Trial | None = None
    ended: tuple[Ended, ...] = ()  # until the ward has been told
    last: Ended | None = None  # the newest of all, for whoever is at the device
    good_file: Sha256 | None = None  # what last ran well: the installer's file as it was
    good_local: Sha256 | None = None  # what had been saved at the device
    good_ward: Sha256 | None = None  # and what the ward had applied over it

    def texts(self) -> frozenset[str]:
        """All texts that are still needed."""
        named = {self.local, self.applied, self.previous, self.good_file, self.good_local, self.good_ward}
        if self.trial is not None:
            named.add(self.trial.candidate)
        return frozenset(name for name in named if name is not None)

    def tried(self, trial: Trial) -> "Kept":
        """A candidate came."""
        return self.model_copy(update={"trial": trial})

    def begun(self, boot_id: str) -> "Kept":
        """The candidate is about to be loaded: from here on another start means that it failed."""
        assert self.trial is not None
        return self.model_copy(update={"trial": self.trial.model_copy(update={"started": boot_id})})

    def proved(self) -> "Kept":
        """The candidate is the good one now."""
        trial = self.trial
        assert trial is not None
        if trial.local:  # made of what ran, so what the ward had applied is part of it
            ours = {"local": trial.candidate, "applied": None, "previous": None, "may_undo": False}
            good = {"good_file": self.base, "good_local": trial.candidate, "good_ward": None}
            return self._with(Ended(request_id=trial.request_id), ours | good)
        undo = {"previous": None, "may_undo": False} if trial.rollback else {}
        kept = {"previous": self.applied, "may_undo": True} | undo
        good = {"applied": trial.candidate, "good_file": self.base, "good_ward": trial.candidate}
        good |= {"good_local": self.local}
        return self._with(Ended(request_id=trial.request_id), kept | good)

    def failed(self, why: Text) -> "Kept":
        """What was good before stays so."""
        assert self.trial is not None
        return self._with(Ended(request_id=self.trial.request_id, why=Words.of(why)), {})

    def told(self, ended: Ended) -> "Kept":
        """The ward will hear it: the message is in the spool."""
        return self.model_copy(update={"ended": tuple(each for each in self.ended if each != ended)})

    def rebased(self, base: str) -> "Kept":
        """The installer changed the file: it wins over everything that went with the one before."""
        fresh = {"base": base, "local": None, "applied": None, "previous": None, "may_undo": False}
        return self.model_copy(update=fresh)

    def healthy(self, file: str, local: str | None, ward: str | None) -> "Kept":
        """These together run well."""
        return self.model_copy(update={"good_file": file, "good_local": local, "good_ward": ward})

    def _with(self, ended: Ended, update: dict[str, Any]) -> "Kept":
        told = {"trial": None, "ended": (*self.ended, ended)[-MOST_ENDED:], "last": ended}
        return self.model_copy(update=update | told)
