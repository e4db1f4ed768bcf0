"""The units of the version that runs, as regular files where systemd looks: made equal, as often as one likes.

A cut between the exchange of the link and this copy heals at the next start of the device (boot.py).
"""

from pathlib import Path

from agent.durable import write_durably
from agent.update.place import Place, target

KINDS = (".service", ".path", ".timer", ".socket")
# The update's own units, and what starts before anything: changed only after a version has proved itself.
OWN = "camera-agent-update"


def reconcile(place: Place, *, own: bool) -> bool:
    """Did any unit that is installed differ from the one of `current`? Raises OSError."""
    name = target(place.current)
    folder = place.folder(name) / "systemd" if name is not None else None
    if folder is None or not folder.is_dir():
        return False
    changed = False
    for unit in sorted(folder.iterdir()):
        if unit.suffix in KINDS and unit.name.startswith("camera-agent") and (own or not unit.name.startswith(OWN)):
            changed = _copy(unit, place.units / unit.name) or changed
    return changed


def _copy(source: Path, there: Path) -> bool:
    # One that is not installed was not wanted; what is switched off stays off.
    data = source.read_bytes()
    if not there.is_file() or there.read_bytes() == data:
        return False
    write_durably(there, data, 0o644)
    return True
