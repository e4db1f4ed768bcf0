"""What every command has, and how a node answers. What the single commands ask is in `requests.py`."""

from enum import Enum
from typing import Annotated, Literal

from pydantic import Field

from agent.contract.answers import Answer
from agent.contract.base import Message, Part, Utc, Words

MAX_COMMAND_BYTES = 64_000  # of what carries a configuration
MAX_SMALL_BYTES = 8_000  # of all others: the longest has three fields of a few hundred letters
LARGE = frozenset({"config.validate", "config.apply"})
Ulid = Annotated[str, Field(pattern=r"^[0-9A-HJKMNP-TV-Za-hjkmnp-tv-z]{26}$")]
Id = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,62}$")]


class Refusal(str, Enum):
    """Why a command was refused."""

    BAD_JSON = "bad_json"
    SCHEMA = "schema"
    TOO_LARGE = "too_large"
    EXPIRED = "expired"
    REPLAYED = "replayed"
    RETAINED = "retained"
    UNAUTHORISED = "unauthorised"
    RATE_LIMITED = "rate_limited"
    UNKNOWN_COMMAND = "unknown_command"
    NOT_FOUND = "not_found"
    BUSY = "busy"
    NOT_CAPABLE = "not_capable"


class Officer(Part):
    """On whose behalf; goes into the access log."""

    officer: Annotated[str, Field(min_length=1, max_length=100)]
    case: Annotated[str, Field(min_length=1, max_length=100)]
    reason: Annotated[str, Field(min_length=1, max_length=500)]


class CommandMessage(Message):
    """What every command has; enough for a command without arguments, as `rebirth`."""

    schema_: Literal["command/1"] = Field(default="command/1", alias="schema")
    request_id: Ulid
    issued_utc: Utc
    expires_in_s: Annotated[float, Field(gt=0, le=86_400)]
    by: Officer | None = None
    session: Annotated[str, Field(max_length=64)] | None = None  # the node's, from its availability or birth: this
    # command is not older than that connection. What requires `by` needs it while the node's clock is not set.
    signature: Annotated[str, Field(max_length=200)] | None = None  # required where the node pins the ward's key


class ResponseMessage(Message):
    """The answer to one command."""

    schema_: Literal["response/1"] = Field(default="response/1", alias="schema")
    request_id: str
    command: str
    result: Literal["accepted", "rejected", "done"]
    code: Refusal | None = None
    text: Words | None = None
    job_id: str | None = None
    answer: Answer | None = None  # what was asked for, where it fits into a message


def most_bytes(name: str) -> int:
    """How long a command of that name may be."""
    return MAX_COMMAND_BYTES if name in LARGE else MAX_SMALL_BYTES


class ServerState(Part):
    """Is the ward's consumer online; its time is a sanity check and never a clock."""

    state: Literal["online", "stopped", "offline"]
    sent_utc: Utc | None = None
