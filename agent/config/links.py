"""The sections about the way to the ward: TLS, broker, upload server."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field

from agent.config.addresses import BrokerUrls, SecureUrl, WebUrl
from agent.config.camera import login
from agent.config.schedule import Hours, Span, parse_span
from agent.config.units import Bytes, Flag, Identifier, NonEmptyPath, Problem, Seconds, Section, Whole
from agent.i18n import Text

FilePath = Annotated[Path, NonEmptyPath]


class TlsSection(Section):
    """Trust and identity towards the ward; used for MQTT and uploads alike."""

    ca: FilePath | None = None
    """The authority that signed the ward's certificates; without it the system's."""
    cert: FilePath | None = None
    """This node's certificate."""
    key: FilePath | None = None
    """The certificate's key."""
    renew: SecureUrl | None = None
    """https://host:9443/.well-known/est: the ward's authority (EST, RFC 7030). A new certificate is asked for when a
    third of the old one's life is left; without it nobody renews it but a person.
    """

    @classmethod
    def problems(cls, data: Mapping[str, Any]) -> Iterator[Problem]:
        """A certificate comes with its key; what is to be renewed is there, with the authority to trust."""
        for one, other in (("cert", "key"), ("key", "cert")):
            if data.get(one) is not None and data.get(other) is None:
                text = Text(
                    en=f"`cert` and `key` go together; `{other}` is missing",
                    vi=f"`cert` và `key` phải đi cùng nhau; đang thiếu `{other}`",
                )
                yield Problem((one,), text)
        if data.get("renew") is not None and any(data.get(name) is None for name in ("ca", "cert", "key")):
            text = Text(
                en="`renew` needs `ca`, `cert` and `key`: where `camera-agent enrol` has put them",
                vi="`renew` cần có `ca`, `cert` và `key`: nơi `camera-agent enrol` đã lưu",
            )
            yield Problem(("renew",), text)


class MqttSection(Section):
    """The ward's broker."""

    url: Annotated[BrokerUrls, Field(min_length=1, max_length=8)]
    """mqtts://host:8883, or a list of them: the next is tried when one fails. mqtt:// needs `insecure: true`."""
    prefix: Identifier = "camera"
    """The first part of every topic."""
    username: str | None = Field(default=None, min_length=1, max_length=200)
    """The name to log in with."""
    password_file: FilePath | None = None
    """A file with the password and nothing else, readable by the agent alone."""
    keepalive: Seconds = Field(default=30.0, ge=5, le=3600)
    """The broker hears from the node at least this often."""
    spread: Seconds = Field(default=30.0, ge=0, le=600)
    """After a boot the first connection is made within this time, so that a quarter whose power came back does not come
    in one second; after the broker hung up, within a sixth of it (at least 5s). For a city: docs/guide/city.md.
    """
    protocol: Literal["auto", "5", "3.1.1"] = "auto"
    """auto tries MQTT 5, then 3.1.1."""

    @classmethod
    def problems(cls, data: Mapping[str, Any]) -> Iterator[Problem]:
        """A password comes with a name."""
        yield from login(data)


class UploadSection(Section):
    """The ward's resumable-upload (tus 1.0) server."""

    url: WebUrl
    """https://host/files/; http:// needs `insecure: true`."""
    username: str | None = Field(default=None, min_length=1, max_length=200)
    """The name to log in with."""
    password_file: FilePath | None = None
    """A file with the password and nothing else, readable by the agent alone."""
    chunk: Bytes = Field(default=1_000_000, ge=16_000, le=64_000_000)
    """How much is sent in one request."""
    timeout: Seconds = Field(default=30.0, ge=1, le=600)
    """No progress for this long: try again."""

    @classmethod
    def problems(cls, data: Mapping[str, Any]) -> Iterator[Problem]:
        """A password comes with a name."""
        yield from login(data)


class UplinkSection(Section):
    """How much of the household's line the node may take, for everything that it sends.

    Messages always leave: they are a few kilobytes a minute. They count, clips make room for them.
    """

    max_kbps: Whole = Field(default=0, ge=0)
    """At most so many kilobits per second; 0: no limit of our own."""
    mb_per_day: Whole = Field(default=0, ge=0)
    """At most so many megabytes a day, midnight to midnight in the node's time zone; 0: no limit."""
    quiet_hours: Hours | None = None
    """While the family needs the line, like "18:00-23:00", clips wait."""
    yields: Flag = True
    """Step back while somebody else in the house uses the line."""

    def quiet_span(self) -> Span | None:
        """The quiet hours as two times of day."""
        return None if self.quiet_hours is None else parse_span(self.quiet_hours)
