"""`wipe`, from the command to the end: what is asked, what stands in the marker, and what each start does about it.

    asked    the command wrote the marker; the next start erases
    tell     (scope all) erased but for the keys: retained topics are cleared, the ward is told
    wiped    (scope all) nothing is left; the node stays quiet until it is enrolled again

Footage alone is erased before anything of the node is opened, and the node runs on with an empty ring.
"""

import contextlib
import json
import logging
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Literal

from agent.app.erase import ALL, FOOTAGE, IDENTITY, erase, erase_outside
from agent.app.marked import MARKER
from agent.app.ring import ring_directory
from agent.app.vault import boot_file, page_directory
from agent.clock import Clock
from agent.commands.inbox import ANSWER_PRIORITY
from agent.commands.jobs import job_failed
from agent.commands.seen import SeenRequests
from agent.config.model import Config
from agent.contract.commands import ResponseMessage
from agent.contract.topics import Topics
from agent.durable import disk_error, remove_durably, write_durably
from agent.errors import StorageError
from agent.health.status import runtime_file
from agent.i18n import Text
from agent.spool import Spool
from agent.values import Draft

log = logging.getLogger(__name__)
ERASED = Text(en="it was erased by a command of the ward (wipe)", vi="đã bị xoá theo lệnh của phường (wipe)")


@dataclass(frozen=True, slots=True)
class Marker:
    """What is to be done, or was."""

    scope: Literal["footage", "all"]
    request_id: str
    step: Literal["asked", "tell", "wiped"] = "asked"
    retained: tuple[str, ...] = ()  # topics to clear, as they were known before the spool went


def read_marker(data_dir: Path) -> Marker | None:
    """None: nothing is to be erased. One that cannot be read asks for everything: nobody else writes this file."""
    path = data_dir / MARKER
    try:
        told = json.loads(path.read_bytes())
        marker = Marker(**(told | {"retained": tuple(told["retained"])}))
    except FileNotFoundError:
        return None
    except OSError as error:
        raise disk_error(error, path) from error
    except (ValueError, TypeError, KeyError):
        log.warning("%s is damaged: everything is erased", path)
        return Marker("all", "unknown")
    return marker


def write_marker(data_dir: Path, marker: Marker) -> None:
    """Durable on return. Raises StorageError."""
    path = data_dir / MARKER
    try:
        write_durably(path, json.dumps(asdict(marker)).encode())
    except OSError as error:
        raise disk_error(error, path) from error


def forget_marker(data_dir: Path) -> None:
    """The node may work (again). Raises StorageError."""
    try:
        remove_durably(data_dir / MARKER)
    except OSError as error:
        raise disk_error(error, data_dir) from error


def wake_erased(data_dir: Path) -> None:
    """The node was enrolled again: it may work. One that is still to be erased is erased. Raises StorageError."""
    marker = read_marker(data_dir)
    if marker is not None and marker.step == "wiped":
        forget_marker(data_dir)


def erase_asked(config: Config, clock: Clock, alive: Callable[[], None] = lambda: None) -> Marker | None:
    """At a start, under the lock, before anything is opened: do what the marker asks. The marker, while it stands.

    After `footage` there is none any more. `alive` is called with each file. Raises StorageError.
    """
    data = config.node.data_dir
    marker = read_marker(data)
    if marker is None or marker.step != "asked":
        return marker
    log.warning("erasing, as the ward asked: %s", marker.scope)
    for place in (ring_directory(config), page_directory(config), boot_file(config)):
        erase_outside(place)
    if marker.scope == "footage":
        _footage(config, marker, clock, alive)
        forget_marker(data)
        log.warning("the footage of this node is erased")
        return None
    for name in (f"access-{config.node.id}.jsonl", f"restart-{config.node.id}.json", f"link-{config.node.id}.json"):
        erase_outside(runtime_file(name, data))
    told = replace(marker, retained=_retained(config, marker, clock))
    write_marker(data, told)
    erase(data, ALL, alive)
    told = replace(told, step="tell")
    write_marker(data, told)
    return told


def finish(config: Config, marker: Marker, tell: Callable[[Marker], object]) -> Marker:
    """After `all`: tell the ward, as far as it can be reached, then let go of the keys. Raises StorageError."""
    data = config.node.data_dir
    if marker.step == "tell":
        tell(marker)
        erase(data, (*ALL, *IDENTITY))  # what came since, too
        marker = Marker("all", marker.request_id, "wiped")
        write_marker(data, marker)
        log.warning("this node is erased; it stays quiet until it is enrolled again (camera-agent enrol)")
    return marker


def answer(topics: Topics, request_id: str, clock: Clock) -> Draft:
    """`done`, under the id of the command that asked for it."""
    message = ResponseMessage(request_id=request_id, command="wipe", result="done")
    return Draft(topics.response(request_id), message.body(), clock.now(), ANSWER_PRIORITY)


def _retained(config: Config, marker: Marker, clock: Clock) -> tuple[str, ...]:
    """With those of the last seconds, after the command. From a spool that cannot be read: those that are known."""
    found: tuple[str, ...] = ()
    with contextlib.suppress(StorageError):
        spool = Spool(config.node.data_dir / "spool", config.spool, clock)
        try:
            found = spool.retained()
        finally:
            spool.close()
    return tuple(sorted({*marker.retained, *found}))


def _footage(config: Config, marker: Marker, clock: Clock, alive: Callable[[], None]) -> None:
    data = config.node.data_dir
    erase(data, FOOTAGE, alive)
    topics = Topics(config.mqtt.prefix, config.node.ward, config.node.id)
    seen = SeenRequests(data / "commands.db")
    spool = Spool(data / "spool", config.spool, clock)

    def told(clip_id: str) -> Draft | None:
        return job_failed(topics, clip_id, ERASED, clock.now()) if seen.knows(clip_id) else None

    try:
        spool.erase_footage(told, answer(topics, marker.request_id, clock))
        for path in sorted((data / "spool").glob("spool.db.corrupt-*")):
            path.unlink(missing_ok=True)
    except OSError as error:
        raise disk_error(error, data) from error
    finally:
        spool.close()
        seen.close()
