"""The topics as a table: what travels on each, which way, kept by the broker or not."""

import re
from dataclasses import dataclass
from typing import Literal

from pydantic import BaseModel

from agent.contract.birth import BirthMessage
from agent.contract.commands import ResponseMessage, ServerState
from agent.contract.event import EventMessage
from agent.contract.health import HealthMessage
from agent.contract.jobs import JobMessage
from agent.contract.messages import AvailabilityMessage, FaultMessage, StateMessage
from agent.contract.requests import REQUESTS
from agent.contract.topics import Topics


@dataclass(frozen=True, slots=True)
class Channel:
    """One topic: what travels on it, which way, kept by the broker or not."""

    name: str
    address: str
    model: type[BaseModel] | None  # None: JPEG bytes
    by: Literal["node", "ward"] = "node"
    retained: bool = False


_TOPICS = Topics("{prefix}", "{ward}", "{node}")
CHANNELS = (
    Channel("availability", _TOPICS.availability(), AvailabilityMessage, retained=True),
    Channel("birth", _TOPICS.birth(), BirthMessage, retained=True),
    Channel("health", _TOPICS.health(), HealthMessage, retained=True),
    Channel("fault", _TOPICS.fault("{code}"), FaultMessage, retained=True),
    Channel("event", _TOPICS.event("{cam}", "{rule}"), EventMessage),
    Channel("thumb", _TOPICS.thumb("{cam}", "{event_id}"), None),
    Channel("state", _TOPICS.state("{cam}", "{rule_id}"), StateMessage, retained=True),
    Channel("job", _TOPICS.job("{job_id}"), JobMessage, retained=True),
    Channel("response", _TOPICS.response("{request_id}"), ResponseMessage),
    *(Channel(name.replace(".", "-"), _TOPICS.command(name), model, by="ward") for name, model in REQUESTS.items()),
    Channel("server-state", _TOPICS.server_state(), ServerState, by="ward", retained=True),
)


def channel_of(topic: str) -> Channel | None:
    """Whose topic this is; None when it is none of the contract's."""
    return next((channel for channel, form in _FORMS if form.fullmatch(topic)), None)


def _form(address: str) -> re.Pattern[str]:
    levels = (r"[^/+#]+" if level.startswith("{") else re.escape(level) for level in address.split("/"))
    return re.compile("/".join(levels))


# `{ward}/server/state` before `{node}/…`: no node's topic has this form, but a reader need not know that.
_FORMS = tuple((channel, _form(channel.address)) for channel in CHANNELS)
