"""Where the ring of `footage.mode: events` lies in memory, and how much of the memory it may take."""

import os
from hashlib import sha256
from pathlib import Path

from agent.config.model import Config
from agent.errors import ConfigError
from agent.health.board import read_memory
from agent.health.status import runtime_file
from agent.i18n import Text

RAM_SHARE = 0.15
FREE_SHARE = 0.5  # of what the file system in memory has free: systemd and others write there too
VOLATILE = ("tmpfs", "ramfs")
CONTINUOUS = Text(en="or write `mode: continuous`", vi="hoặc ghi `mode: continuous`")


def ring_directory(config: Config) -> Path | None:
    """The ring's directory, which need not be there; None where there is no runtime directory."""
    data = config.node.data_dir
    # Not the ring of another data directory whose node has the same name.
    return runtime_file(f"footage-{config.node.id}-{sha256(str(data.resolve()).encode()).hexdigest()[:8]}", data)


def check_ring(config: Config) -> Path:
    """The ring's directory. Raises ConfigError when it is not in memory, or the ring would take too much of it."""
    directory = ring_directory(config)
    if directory is None or not in_memory(directory):
        raise ConfigError(
            Text(
                en="`mode: events` needs a runtime directory in memory (tmpfs), and there is none",
                vi="`mode: events` cần một thư mục chạy nằm trong bộ nhớ (tmpfs), nhưng không có",
            ),
            Text(
                en=f"Run the agent by its systemd unit, which makes one under /run, {CONTINUOUS.en}",
                vi=f"Hãy chạy bằng dịch vụ systemd, dịch vụ tạo thư mục này trong /run, {CONTINUOUS.vi}",
            ),
            code="config_invalid",
        )
    told = too_much(config.footage.memory, read_memory(Path("/"), "MemTotal") or 0, _free(directory))
    if told is not None:
        raise ConfigError(*told, code="config_invalid")
    return directory


def too_much(memory: int, ram: int, free: int) -> tuple[Text, Text] | None:
    """Why a ring of `memory` bytes is too large for a device with `ram` bytes, `free` of them for files; and a hint."""
    of_ram, of_free = round(ram * RAM_SHARE), round(free * FREE_SHARE)
    most = min(of_ram, of_free)
    if memory <= most:
        return None
    asked = f"{memory / 1e6:.0f} MB"
    if most == of_ram:
        text = Text(
            en=f"{asked} are more than {RAM_SHARE:.0%} of this device's memory of {ram / 1e6:.0f} MB",
            vi=f"{asked} vượt quá {RAM_SHARE:.0%} bộ nhớ {ram / 1e6:.0f} MB của thiết bị này",
        )
    else:
        text = Text(
            en=f"{asked} are more than half of the {free / 1e6:.0f} MB that are free for files in memory",
            vi=f"{asked} vượt quá một nửa của {free / 1e6:.0f} MB còn trống cho tệp trong bộ nhớ",
        )
    hint = Text(
        en=f"At most {most // 10**6}MB here; {CONTINUOUS.en}", vi=f"Ở đây nhiều nhất {most // 10**6}MB; {CONTINUOUS.vi}"
    )
    return text, hint


def in_memory(path: Path) -> bool:
    """Is the file system of `path` (or of where it would be made) one without a disk?"""
    import psutil  # noqa: PLC0415  # 1 MB that most nodes need for nothing else

    there = path
    while not there.exists():
        there = there.parent
    there = there.resolve()
    mounts = [one for one in psutil.disk_partitions(all=True) if there.is_relative_to(one.mountpoint)]
    # Of several on one place the last one covers the others.
    nearest = max(enumerate(mounts), key=lambda one: (len(one[1].mountpoint), one[0]), default=None)
    return nearest is not None and nearest[1].fstype in VOLATILE


def _free(directory: Path) -> int:
    """Bytes, with those that the ring has already."""
    there = directory
    while not there.exists():
        there = there.parent
    room = os.statvfs(there)
    own = sum(file.stat().st_size for file in directory.rglob("*") if file.is_file()) if directory.exists() else 0
    return room.f_bavail * room.f_frsize + own
