"""The footage of a node as its configuration wants it: the ring on the card, or in memory with the card for what is
wanted. The mode may change between two starts: what is in memory then goes to the card.
"""

import logging
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from agent.app.ring import check_ring, ring_directory
from agent.clock import Clock
from agent.config.model import Config, FootageSection
from agent.durable import disk_error
from agent.errors import StorageError
from agent.footage.doors import AnyFootage
from agent.footage.evictions import NOT_KEPT
from agent.footage.keeper import Keeper
from agent.footage.kept import STEP_BYTES, EventFootage
from agent.footage.ring import HARD
from agent.footage.since import forget_since, read_since
from agent.footage.store import Footage, Hooks
from agent.values import ClipWanted, Event

log = logging.getLogger(__name__)
KEEP_FREE = 16_000_000  # bytes of the file system in memory that others may need

Told = Callable[[Event, bytes | None], None]


def make_footage(config: Config, clock: Clock, hooks: Hooks) -> AnyFootage:
    """Raises ConfigError when the ring cannot lie in memory, StorageError."""
    directory = config.node.data_dir / "footage"
    days = config.retention.max_days
    if config.footage.mode == "continuous":
        card = Footage(directory, config.footage, days, clock, hooks)
        ring = ring_directory(config)
        if ring is not None and ring.exists():
            _bring_in(ring, card, config, clock)
        try:
            forget_since(directory)
        except OSError as error:
            raise disk_error(error, directory) from error
        return card
    ring = check_ring(config)
    ring.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
    lost = not any(ring.glob("*/*.mp4")) and read_since(directory) is not None
    card = Footage(directory, config.footage, days, clock, hooks)
    section = in_memory_section(config.footage)
    # What is being written counts, too: of all cameras together at most a third.
    largest = section.budget // (3 * len(config.cameras))
    inside = replace(hooks, belief=card.look, begins=NOT_KEPT if lost else hooks.begins, largest=largest)
    memory = Footage(ring, section, days, clock, inside)
    return EventFootage(card, memory, directory, clock)


def in_memory_section(section: FootageSection) -> FootageSection:
    """The bounds of the ring in memory: with what is being written and what clips wait for, never above `memory`."""
    budget = round((section.memory - STEP_BYTES) / HARD)
    return section.model_copy(update={"budget": budget, "keep_free": KEEP_FREE, "floor": 0})


def covering(told: Told, footage: AnyFootage, section: FootageSection) -> Told:
    """`told` with every event, of which `footage` learns first what it covers."""
    if not isinstance(footage, EventFootage):
        return told

    def both(event: Event, thumb: bytes | None) -> None:
        if event.clip:
            footage.cover(covered(event, section))
        told(event, thumb)

    return both


def covered(event: Event, section: FootageSection) -> ClipWanted:
    """What an event covers: as much as its clip would show."""
    start = event.started.shifted(-section.pre_roll)
    end = start.shifted(section.max_clip)
    if event.ended is not None:
        end = min(end, event.ended.shifted(section.post_roll), key=lambda moment: moment.mono_ns)
    return ClipWanted(event.id, event.cam, start, end, end.shifted(section.segment))


def _bring_in(ring: Path, card: Footage, config: Config, clock: Clock) -> None:
    """All that the last start kept in memory becomes the card's."""
    directory = config.node.data_dir / "footage"
    try:
        memory = Footage(ring, in_memory_section(config.footage), config.retention.max_days, clock)
        keeper = Keeper(card, memory, directory, clock)
        for stored in memory.rows():
            if not (directory / stored.segment.cam / stored.path.name).exists():
                keeper.take(stored)
        memory.close()
    except StorageError as error:
        log.warning("footage in memory waits for the next start: %s", error)
        return
    shutil.rmtree(ring, ignore_errors=True)
