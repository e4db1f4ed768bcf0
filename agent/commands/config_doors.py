"""What the commands about the configuration reach: judged and kept elsewhere, here only asked for and answered."""

from collections.abc import Callable
from dataclasses import dataclass

from agent.contract.answers import ConfigAnswer
from agent.contract.requests import ConfigApply, ConfigRollback
from agent.i18n import Text
from agent.values import Access


@dataclass(frozen=True, slots=True)
class Judged:
    """What the node thinks of a configuration. `answer.mistakes` tells what speaks against it."""

    answer: ConfigAnswer
    locked: tuple[str, ...] = ()  # settings that no command may change; they are among the mistakes
    same: bool = False  # it is the one in use

    @property
    def good(self) -> bool:
        """May it be tried?"""
        return not self.answer.mistakes


@dataclass(frozen=True, slots=True)
class ConfigDoors:
    """Towards the configurations of this node. Each raises StorageError where the disk does."""

    now: Callable[[], ConfigAnswer]  # the one in use
    judge: Callable[[str], Judged]
    hindered: Callable[[], Text | None]  # why none can be tried just now
    may_undo: Callable[[], bool]
    apply: Callable[[ConfigApply], None]  # durable on return; the node begins again
    rollback: Callable[[ConfigRollback], None]  # the same
    note: Callable[[Access], object]  # the access log, durable on return
