"""The manifest: what proves a clip, a JSON file beside it that travels before it.

Signed by the device key (Ed25519) over its canonical form: UTF-8 JSON without `signature`, keys sorted, no spaces.
"""

from typing import Literal

from pydantic import Field

from agent.contract.base import GapSpan, Part, Sha256, Utc


class ManifestKey(Part):
    """Who signed."""

    fingerprint: Sha256  # sha256 of the public key in DER (SPKI)
    public_key: str  # PEM


class ManifestClip(Part):
    """The file."""

    id: str
    file: str
    sha256: Sha256
    bytes: int
    from_utc: Utc
    to_utc: Utc
    locked: "ManifestLocked | None" = None  # where footage is encrypted: what was sent; the rest is of the opened clip


class ManifestLocked(Part):
    """The encrypted file, which only the ward's key opens."""

    file: str
    sha256: Sha256
    bytes: int


class ManifestVideo(Part):
    """What the file's one stream is."""

    codec: str
    width: int
    height: int
    time_base: str  # seconds per tick, as 1/90000
    extradata_sha256: Sha256  # of the codec's parameter sets as they stand in the file
    pictures: int
    ticks: int  # from the first picture to the end of the last


class ManifestGop(Part):
    """One group of pictures: a key frame and what follows it, in decoding order."""

    sha256: Sha256  # over stamps, key flag, length and bytes of each picture: docs/design/evidence.md
    at: int  # ticks from the first picture of the clip
    from_utc: Utc
    pictures: int
    bytes: int


class ManifestSegment(Part):
    """One file of the node's footage that was read for the clip."""

    name: str
    from_utc: Utc
    to_utc: Utc
    clock_trusted: bool  # was the node's clock right when it was recorded, or set right since
    state: Literal["sealed", "unsealed", "foreign", "altered"]  # altered: left out of the clip
    sha256: Sha256  # as it was read
    epoch: str | None = None
    seq: int | None = None
    before: Sha256 | None = None  # the link before it
    link: Sha256 | None = None
    key: Sha256 | None = None  # foreign: the fingerprint that its label names


class ManifestHead(Part):
    """The newest link of the camera's chain when the manifest was made."""

    epoch: str
    seq: int
    link: Sha256
    signature: str


class Manifest(Part):
    """What proves a clip."""

    schema_: Literal["manifest/1"] = Field(default="manifest/1", alias="schema")
    node: str
    ward: str
    cam: str
    made_utc: Utc
    key: ManifestKey
    clip: ManifestClip
    video: ManifestVideo | None = None  # not of a bundle of encrypted segments, which the node itself cannot open
    gops: tuple[ManifestGop, ...] = ()
    segments: tuple[ManifestSegment, ...] = ()
    gaps: tuple[GapSpan, ...] = ()
    chain: ManifestHead | None = None
    signature: str = ""  # base64
