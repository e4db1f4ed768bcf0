"""The footage of a node for a second process on the same machine, while the agent runs or not."""

from collections.abc import Iterator
from contextlib import contextmanager

from agent.app.ring import ring_directory
from agent.app.vault import read_vault
from agent.clock import Clock
from agent.config.model import Config
from agent.evidence.notary import Signer, read_notary
from agent.footage.library import Library, Prove, unproved
from agent.footage.reading import open_both, open_library


def proof(config: Config, clock: Clock) -> Prove:
    """What writes the manifest of a clip; needs the rights of the data's owner. Raises Rejected (evidence_key)."""
    notary = read_notary(config.node.data_dir / "evidence", Signer(config.node.ward, config.node.id, clock))
    return notary.prove if notary else unproved


@contextmanager
def open_kept(config: Config, clock: Clock, prove: Prove) -> Iterator[Library]:
    """For reading, cutting with a manifest, and holds. Raises StorageError."""
    vault = read_vault(config)
    card, memory = config.node.data_dir / "footage", ring_directory(config)
    if config.footage.mode == "events" and memory is not None:
        with open_both((card, memory), config.footage, clock, prove, vault) as library:
            yield library
        return
    with open_library(card, config.footage, clock, prove, vault) as library:
        yield library
