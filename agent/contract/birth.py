"""The birth message: who a node is and what it can do. Sent at every connection and on `rebirth`."""

from typing import Literal

from pydantic import Field

from agent.contract.base import Message, Part, Sha256
from agent.values import Severity

SCHEMAS = ("availability/1", "birth/1", "event/1", "fault/1", "health/1", "job/1", "response/1", "state/1")


class AgentFacts(Part):
    """The program."""

    name: str = "camera-agent"
    version: str


class ConfigFacts(Part):
    """The configuration in use."""

    hash: Sha256
    insecure: bool = False  # true: passwords and pictures may travel in plain text
    # The installer's file, saved at the device since (its setup page), or applied by the ward since.
    source: Literal["file", "page", "ward"] = "file"
    last_known_good: bool = False  # true: the installer's file cannot be used now, this is what ran before
    trial: bool = False  # true: it has not proved itself yet


class BoardFacts(Part):
    """The machine."""

    model: str
    machine: str  # aarch64, x86_64, …
    system: str
    memory_mb: int
    cpus: int


class CameraFacts(Part):
    """One camera as configured."""

    id: str
    label: str = ""
    kind: Literal["rtsp", "v4l2", "file"]
    width: int | None = None
    height: int | None = None
    codec: str | None = None
    encoder: str | None = None  # passthrough, or what encodes
    analysis_fps: float | None = None


class RuleFacts(Part):
    """One rule as configured."""

    cam: str
    id: str
    rule: str
    severity: Severity
    place: str | None = None  # the zone or line
    classes: tuple[str, ...] = ()


class ModelFacts(Part):
    """The model that runs."""

    name: str
    sha256: Sha256
    family: str | None = None
    provider: str | None = None


class Location(Part):
    """Where the node hangs, as configured."""

    latitude: float
    longitude: float


class EvidenceFacts(Part):
    """With what the node signs: keep it, it tells forged clips from true ones (docs/design/evidence.md)."""

    fingerprint: Sha256  # sha256 of the public key in DER
    public_key: str  # Ed25519, PEM


class BirthMessage(Message):
    """Who and what a node is."""

    schema_: Literal["birth/1"] = Field(default="birth/1", alias="schema")
    session: str
    label: str = ""
    language: Literal["vi", "en"] = "vi"
    timezone: str | None = None
    agent: AgentFacts
    schemas: tuple[str, ...] = SCHEMAS
    config: ConfigFacts
    board: BoardFacts
    cameras: tuple[CameraFacts, ...] = ()
    rules: tuple[RuleFacts, ...] = ()
    models: tuple[ModelFacts, ...] = ()
    location: Location | None = None
    evidence: EvidenceFacts | None = None  # absent: there is no usable key
    setup_open: bool | None = None  # true: its setup page is open, see health
    capabilities: tuple[str, ...] = ()  # the commands it obeys
