"""What a start came to: the configuration that runs, whose it is, and what a person should know about it."""

from dataclasses import dataclass
from typing import Literal

from agent.config.digest import config_hash
from agent.config.model import Config
from agent.errors import AgentError
from agent.settings.effective import Installed
from agent.settings.state import Trial


@dataclass(frozen=True, slots=True)
class Drawn:
    """What a person saved at the device: the text, and what it means over the installer's file."""

    text: str
    config: Config


@dataclass(frozen=True, slots=True)
class Chosen:
    """`ward` is the text that the ward applied, `local` what was saved at the device; both None: the file alone."""

    config: Config
    installed: Installed  # which `config` goes with: the file as it was, when it cannot be used now
    ward: str | None = None
    local: Drawn | None = None
    trial: Trial | None = None  # `config` is on trial
    holds_back: bool = False  # something of the candidate counts only from the start after the trial
    last_known_good: bool = False  # the installer's file cannot be used now
    faults: tuple[AgentError, ...] = ()

    @property
    def source(self) -> Literal["file", "page", "ward"]:
        """Whose it is."""
        if self.ward is not None:
            return "ward"
        return "file" if self.local is None else "page"

    @property
    def text(self) -> str:
        """As written."""
        if self.ward is not None:
            return self.ward
        return self.local.text if self.local is not None else self.installed.text or ""

    @property
    def hash(self) -> str:
        """By which birth and events name it."""
        return config_hash(self.config)
