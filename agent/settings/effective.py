"""The installer's file alone, or with what the ward wants over it: one configuration, or all that speaks against it."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from agent.config.document import Document, read_document
from agent.config.files import read_text
from agent.config.load import config_in, mistake_in
from agent.config.mistakes import InvalidConfig, Mistake
from agent.config.model import Config
from agent.settings.folder import name_of
from agent.settings.locked import AT_DEVICE, Locked, at_device, locked
from agent.settings.stars import unstar

DATA_DIR = re.compile(r"^\s+data_dir:\s*[\"']?([^\"'#\s{}]+)", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Installed:
    """The installer's file: `config` is None when it cannot be used, `text` when it cannot even be read."""

    path: Path
    text: str | None
    config: Config | None
    mistakes: tuple[Mistake, ...] = ()

    @property
    def hash(self) -> str | None:
        """Names its text, layout and comments included."""
        return None if self.text is None else name_of(self.text.encode())

    def required(self) -> Config:
        """Raises InvalidConfig with all mistakes."""
        if self.config is None:
            raise InvalidConfig(self.mistakes)
        return self.config

    def data_dir(self) -> Path | None:
        """Where the node's data is, also of a file with mistakes, as far as it can be told."""
        if self.config is not None:
            return self.config.node.data_dir
        found = DATA_DIR.search(self.text or "")
        return Path(found.group(1)) if found else None


@dataclass(frozen=True, slots=True)
class Candidate:
    """A configuration that the ward wants: `config` is None when something speaks against it."""

    config: Config | None
    mistakes: tuple[Mistake, ...] = ()
    locked: tuple[Mistake, ...] = ()  # settings that no command may change


def read_installed(path: Path) -> Installed:
    """Reads the file; never raises."""
    text = read_text(path)
    if isinstance(text, Mistake):
        return Installed(path, None, None, (text,))
    return installed_of(path, text)


def installed_of(path: Path, text: str) -> Installed:
    """The installer's file as it was when it held `text`."""
    found = config_in(path, read_document(text))
    return Installed(path, text, found) if isinstance(found, Config) else Installed(path, text, None, found)


def combine(installed: Installed, ward: str | None, local: Config | None = None) -> Candidate:
    """What the two say together, over what was saved at the device.

    Raises InvalidConfig when the installer's file itself cannot be used.
    """
    base = _floor(installed.required(), local)
    if ward is None:
        return Candidate(local or base)
    return _over(installed, ward, lambda found: locked(base, found))


def drawn(installed: Installed, text: str) -> Candidate:
    """What a person saved at the device, over the installer's file. Raises InvalidConfig as `combine` does."""
    base = installed.required()
    return _over(installed, text, lambda found: at_device(base, found))


def _floor(file: Config, local: Config | None) -> Config:
    """What the ward is held to: the file, and of what was saved at the device all that is no command's to change."""
    if local is None:
        return file
    kept = zip(file.cameras, local.cameras, strict=True)
    cameras = tuple(camera.model_copy(update={key: getattr(saved, key) for key in AT_DEVICE}) for camera, saved in kept)
    return file.model_copy(update={"cameras": cameras})


def _over(installed: Installed, text: str, judge: Callable[[Config], tuple[Locked, ...]]) -> Candidate:
    name = Path("yaml")  # what mistakes call it: there is no file
    document = read_document(text)
    if document.whole:
        unstar(document.data, _data(installed))
    found = config_in(name, document)
    if not isinstance(found, Config):
        return Candidate(None, found)
    wrong = tuple(_named(name, document, each.steps, each.text) for each in judge(found))
    return Candidate(None if wrong else found, locked=wrong)


def _data(installed: Installed) -> Any:
    return read_document(installed.text or "").data


def _named(name: Path, document: Document, steps: Any, text: Any) -> Mistake:
    return mistake_in(name, document, steps, text)
