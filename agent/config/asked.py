"""The sections about what the ward may ask of the node."""

from typing import Annotated

from pydantic import Field

from agent.config.addresses import MediaUrl
from agent.config.links import FilePath
from agent.config.units import Seconds, Section


class CommandsSection(Section):
    """Commands from the ward."""

    key: FilePath | None = None
    """The ward's command key (Ed25519, public, PEM). With it every command must be signed; `wipe` always."""


class LiveSection(Section):
    """Where the ward looks at the picture of now. Without this section the node pushes nothing."""

    url: MediaUrl
    """rtmps://host:port/application, or rtsps://; rtmp:// and rtsp:// need `insecure: true`. No command
    names another place.
    """
    max: Annotated[Seconds, Field(ge=10, le=3600)] = 600.0
    """It ends after this long, whoever looks."""
    keepalive: Annotated[Seconds, Field(ge=5, le=300)] = 30.0
    """It ends when the ward does not say for this long that somebody looks."""
