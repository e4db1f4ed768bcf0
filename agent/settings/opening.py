"""From the installer's file and what is kept to the one configuration that runs. Reads only."""

import logging
import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from agent.config.mistakes import InvalidConfig
from agent.config.model import Config
from agent.errors import AgentError, ConfigError, StorageError
from agent.i18n import Text
from agent.settings.chosen import Chosen, Drawn
from agent.settings.effective import Candidate, Installed, combine, drawn, installed_of, read_installed
from agent.settings.folder import REMEDY, Folder
from agent.settings.state import Kept

log = logging.getLogger(__name__)
FOLDER = "config"
DEFAULT_DATA_DIR = Path("/var/lib/camera-agent")
NOTHING = "0" * 64


@dataclass(frozen=True, slots=True)
class Opened:
    """What is kept for one installer's file, and where."""

    folder: Folder
    kept: Kept
    faults: tuple[AgentError, ...] = ()


def in_use(path: Path, environ: Mapping[str, str] = os.environ) -> Chosen:
    """The configuration that a node with the installer's file at `path` runs, for whoever asks beside it.

    Raises InvalidConfig when there is none.
    """
    installed = read_installed(path)
    return load(settled(find(installed, environ), installed), installed)


def settled(opened: Opened, installed: Installed) -> Opened:
    """What a start would make of an installer's file that has changed, without a trial."""
    if installed.config is None or installed.hash is None or opened.kept.base == installed.hash:
        return opened
    return replace(opened, kept=opened.kept.rebased(installed.hash).model_copy(update={"trial": None}))


def find(installed: Installed, environ: Mapping[str, str]) -> Opened:
    """What is kept for this very file, wherever its data may be; nothing when it cannot be read."""
    told = environ.get("STATE_DIRECTORY", "").split(":")[0]
    places = [installed.data_dir(), Path(told) if told else None, DEFAULT_DATA_DIR]
    owner = str(installed.path.resolve())
    nothing: Opened | None = None
    for place in places if installed.config is None else places[:1]:
        if place is None:
            continue
        folder = Folder(place / FOLDER)
        try:
            kept = folder.read()
        except StorageError as error:
            nothing = nothing or Opened(folder, Kept(file=owner), (error,))
            continue
        if kept is not None and kept.file == owner:
            return Opened(folder, kept)
        nothing = nothing or Opened(folder, Kept(file=owner))
    assert nothing is not None
    return nothing


def begun(kept: Kept, installed: Installed, boot_id: str) -> Kept:
    """What a start makes of what is kept: it tries what waits, and gives up what was tried before."""
    trial = kept.trial
    if installed.config is None or installed.hash is None:
        return kept if trial is None else kept.failed(_BROKEN)
    if kept.base != installed.hash:
        return (kept if trial is None else kept.failed(_EDITED)).rebased(installed.hash)
    if trial is None:
        return kept
    if trial.started is None:
        return kept.begun(boot_id)
    return kept.failed(_AGAIN if trial.started == boot_id else _POWER)


def load(opened: Opened, installed: Installed) -> Chosen:
    """Never less than the installer's file, or the last good one when that is broken.

    A candidate that cannot be loaded leaves `trial` empty. Raises InvalidConfig when there is nothing to run.
    """
    folder, kept, faults = opened.folder, opened.kept, opened.faults
    if installed.config is None:
        return _last_good(opened, installed)
    local: Drawn | None = None
    try:
        local = _local(folder, installed, kept.local)
        good = _combined(folder, installed, local, kept.applied)
    except (StorageError, ConfigError) as error:
        good = Chosen(local.config if local else installed.config, installed, local=local)
        faults = (*faults, _store(error))
    good = replace(good, faults=faults)
    if kept.trial is None or kept.trial.started is None:
        return good
    try:
        trial = kept.trial
        if trial.local:
            tried = _combined(folder, installed, _local(folder, installed, trial.candidate), None)
        else:
            tried = _combined(folder, installed, good.local, trial.candidate)
    except (StorageError, ConfigError) as error:
        log.warning("the candidate cannot be loaded: %s", error)
        return good
    # Footage that a candidate would keep for fewer days is not removed before it has proved itself.
    held = good.config.retention
    config = tried.config.model_copy(update={"retention": held})
    return replace(tried, config=config, trial=kept.trial, holds_back=held != tried.config.retention, faults=faults)


def _last_good(opened: Opened, installed: Installed) -> Chosen:
    folder, kept = opened.folder, opened.kept
    try:
        was = installed_of(installed.path, folder.text(kept.good_file or NOTHING).decode())
        try:
            chosen = _combined(folder, was, _local(folder, was, kept.good_local), kept.good_ward)
        except (StorageError, ConfigError):
            chosen = Chosen(was.required(), was)
    except (StorageError, ConfigError) as error:
        raise InvalidConfig(installed.mistakes) from error
    return replace(chosen, last_known_good=True, faults=(*opened.faults, _broken(installed)))


def _combined(folder: Folder, installed: Installed, local: Drawn | None, name: str | None) -> Chosen:
    ward = None if name is None else folder.text(name).decode()
    return Chosen(_usable(combine(installed, ward, local.config if local else None)), installed, ward, local)


def _local(folder: Folder, installed: Installed, name: str | None) -> Drawn | None:
    """What was saved at the device. Raises StorageError, InvalidConfig."""
    if name is None:
        return None
    text = folder.text(name).decode()
    return Drawn(text, _usable(drawn(installed, text)))


def _usable(candidate: Candidate) -> Config:
    if candidate.config is None:
        raise InvalidConfig(candidate.mistakes or candidate.locked)
    return candidate.config


def _broken(installed: Installed) -> ConfigError:
    told = InvalidConfig(installed.mistakes).text
    text = Text(
        en=f"The configuration file cannot be used, the last good one runs: {told.en}",
        vi=f"Không dùng được tệp cấu hình, đang chạy bản tốt gần nhất: {told.vi}",
    )
    return ConfigError(text, code="config_broken")


def _store(error: AgentError) -> ConfigError:
    text = Text(
        en=f"What was applied over the configuration file cannot be used: {error.text.en}",
        vi=f"Không dùng được cấu hình đã áp dụng thêm trên tệp cấu hình: {error.text.vi}",
    )
    return ConfigError(text, REMEDY, code="config_store")


def set_aside() -> ConfigError:
    """The installer's edit won."""
    text = Text(
        en="The configuration file was changed: what the ward had applied, and what was saved on the setup page, "
        "no longer counts",
        vi="Tệp cấu hình trên thiết bị đã được sửa: cấu hình phường gửi và những gì lưu trên trang cài đặt trước đó "
        "không còn hiệu lực",
    )
    return ConfigError(text, code="config_set_aside")


_EDITED = Text(
    en="the installer changed the configuration file meanwhile",
    vi="trong lúc đó tệp cấu hình trên thiết bị đã được sửa",
)
_BROKEN = Text(
    en="the installer's configuration file cannot be used now", vi="tệp cấu hình trên thiết bị hiện không dùng được"
)
_AGAIN = Text(
    en="the node ended or was started anew before the configuration had proved itself",
    vi="thiết bị đã dừng hoặc khởi động lại trước khi cấu hình kịp chứng tỏ là chạy tốt",
)
_POWER = Text(
    en="the power went before the configuration had proved itself",
    vi="mất điện trước khi cấu hình kịp chứng tỏ là chạy tốt",
)
UNUSABLE = Text(en="the configuration could not be loaded", vi="không nạp được cấu hình")
