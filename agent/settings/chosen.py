"""What a start came to: the configuration that runs, whose it is, and what a person should know about it."""

from dataclasses import dataclass
from typing import Literal

from agent.config.digest import config_hash
from agent.config.model import Config
from agent.errors import AgentError
from agent.settings.effective import Installed
from agent.settings.state import Trial


@dataclass(frozen=True, slots=True)
class Chosen:
    """`ward` is the text that was applied over the installer's file; None: that file alone."""

    config: Config
    installed: Installed  # which `config` goes with: the file as it was, when it cannot be used now
    ward: str | None = None
    trial: Trial | None = None  # `config` is on trial
    holds_back: bool = False  # something of the candidate counts only from the start after the trial
    last_known_good: bool = False  # the installer's file cannot be used now
    faults: tuple[AgentError, ...] = ()

    @property
    def source(self) -> Literal["file", "ward"]:
        """Whose it is."""
        return "file" if self.ward is None else "ward"

    @property
    def text(self) -> str:
        """As written."""
        return self.ward if self.ward is not None else self.installed.text or ""

    @property
    def hash(self) -> str:
        """By which birth and events name it."""
        return config_hash(self.config)
