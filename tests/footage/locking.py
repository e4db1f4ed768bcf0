"""Footage that is encrypted to a ward."""

from collections.abc import Iterator
from pathlib import Path

from agent.config.storage import FootageSection
from agent.footage.store import Footage, Hooks
from agent.footage.vault import Vault
from agent.values import Packet
from tests.capture.clocks import HandClock
from tests.evidence.notaries import notary

BOOT, NEXT_BOOT = bytes(range(32)), bytes(range(1, 33))
SAMPLE = 24  # bytes


def opened(directory: Path, clock: HandClock, vault: Vault | None, **settings: object) -> Footage:
    section = {"segment": 1.0, "keep_free": 0, "floor": 0, **settings}
    store = Footage(directory / "footage", FootageSection().model_copy(update=section), 30, clock, Hooks(vault=vault))
    signer = notary(directory)
    signer.clear = vault.open if vault else None
    store.seal_with(signer)
    return store


def in_clear(directory: Path, packets: list[Packet]) -> Iterator[str]:
    """Files that hold a piece of a picture as the camera sent it."""
    samples = [packet.data[-SAMPLE:] for packet in packets if len(packet.data) > 2 * SAMPLE]
    assert samples
    for path in sorted(directory.rglob("*")):
        if path.is_file():
            held = path.read_bytes()
            if any(sample in held for sample in samples):
                yield path.name
