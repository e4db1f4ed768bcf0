"""The device key and the chains of a node: footage is sealed when there is a key, and goes on when there is none."""

import logging
from collections.abc import Callable
from io import RawIOBase
from pathlib import Path
from typing import TYPE_CHECKING

from agent.clock import Clock
from agent.config.model import Config
from agent.contract.birth import EvidenceFacts
from agent.errors import AgentError, Rejected
from agent.footage.doors import AnyFootage
from agent.health.faults import FaultBoard
from agent.i18n import Text

if TYPE_CHECKING:
    from agent.evidence.notary import Notary

log = logging.getLogger(__name__)
SOURCE = "evidence"
Clear = Callable[[Path], RawIOBase]


def seal_footage(
    config: Config, footage: AnyFootage, faults: FaultBoard, clock: Clock, clear: Clear | None = None
) -> "Notary | None":
    """From now on what is recorded is sealed. None when there is no usable key: told as a fault, and nothing stops.

    `clear` opens a clip that is encrypted.
    """
    try:
        notary = _notary(config, clock)
        notary.clear = clear
        footage.seal_with(notary)
    except AgentError as error:
        log.error("footage is not sealed: %s", error)
        faults.raised(SOURCE, error)
        return None
    faults.cleared(SOURCE)
    foreign = notary.foreign()
    if foreign:
        names = ", ".join(f"{cam} ({key[:16]})" for cam, key in sorted(foreign.items()))
        faults.raised(
            SOURCE,
            Rejected(
                Text(
                    en=f"Footage on this card was sealed by another device: {names}",
                    vi=f"Hình trên thẻ này do thiết bị khác niêm phong: {names}",
                ),
                code="evidence_foreign",
            ),
        )
    return notary


def evidence_facts(notary: "Notary") -> EvidenceFacts:
    """For the birth message."""
    return EvidenceFacts(fingerprint=notary.public.fingerprint, public_key=notary.public.pem)


def _notary(config: Config, clock: Clock) -> "Notary":
    try:
        from agent.evidence.notary import Signer, begin_notary  # noqa: PLC0415 (libsodium: only where it is used)
    except (ImportError, OSError) as error:
        raise Rejected(
            Text(en=f"The library that signs cannot be loaded: {error}", vi=f"Không nạp được thư viện ký số: {error}"),
            Text(
                en="Install the agent again: its packages are not complete",
                vi="Hãy cài lại chương trình: các gói phần mềm bị thiếu",
            ),
            code="evidence_key",
        ) from error
    node = config.node
    return begin_notary(node.data_dir / "evidence", Signer(node.ward, node.id, clock))
