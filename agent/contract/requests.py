"""What each command asks. `by` is required for what moves or keeps footage, or changes the node: it goes into the
access log.
"""

from typing import Annotated, Literal

from pydantic import Field

from agent.contract.base import Utc
from agent.contract.commands import CommandMessage, Id, Officer, Ulid

MOST_YAML = 48_000  # characters


class ClipRequest(CommandMessage):
    """A stretch of footage, please. `by` is required because footage moves."""

    by: Officer
    cam: Id
    from_utc: Utc
    to_utc: Utc
    stream: Literal["main"] = "main"
    max_mb: Annotated[float, Field(gt=0, le=10_000)] | None = None
    priority: Annotated[int, Field(ge=0, le=100)] = 50


class ClipCancel(CommandMessage):
    """Ends a job. What was uploaded can be gone on with for a day, by asking for the same footage again."""

    job_id: Ulid


class HoldAdd(CommandMessage):
    """Keeps a stretch of footage from being removed, until a date. The hold is named by the request."""

    by: Officer
    cam: Id
    from_utc: Utc
    to_utc: Utc
    until_utc: Utc


class HoldRelease(CommandMessage):
    """Ends a hold early."""

    by: Officer
    hold_id: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,64}$")]


class FootageListing(CommandMessage):
    """What footage there is; without times all of it, page by page."""

    cam: Id
    from_utc: Utc | None = None
    to_utc: Utc | None = None
    limit: Annotated[int, Field(ge=1, le=500)] = 100  # ranges in one answer


class Snapshot(CommandMessage):
    """One JPEG of now, by upload."""

    by: Officer
    cam: Id


class LiveStart(CommandMessage):
    """Push a camera's picture to the ward's media server, which the node's configuration names."""

    by: Officer
    cam: Id
    max_kbps: Annotated[int, Field(ge=64, le=50_000)] | None = None
    max_s: Annotated[float, Field(gt=0, le=3600)] | None = None


class LiveKeepalive(CommandMessage):
    """Somebody is still looking."""

    job_id: Ulid


class LiveStop(CommandMessage):
    """Nobody is looking any more."""

    job_id: Ulid


class ConfigValidate(CommandMessage):
    """Would the node take this configuration?"""

    yaml: Annotated[str, Field(max_length=MOST_YAML)]


class ConfigApply(CommandMessage):
    """Use this configuration. The node goes back to the last good one when it cannot work with it."""

    by: Officer
    yaml: Annotated[str, Field(max_length=MOST_YAML)]
    replaces: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")] | None = None  # refused when another one is in use
    window_s: Annotated[float, Field(ge=30, le=900)] = 120.0


class ConfigRollback(CommandMessage):
    """Back to the configuration before the last one that the ward applied."""

    by: Officer


class Identify(CommandMessage):
    """Show which device this is."""

    for_s: Annotated[float, Field(ge=1, le=600)] = 30.0


class Restart(CommandMessage):
    """Start anew."""

    by: Officer


class Wipe(CommandMessage):
    """Erase what this node keeps. Asked without a token it answers with one; asked with it, it erases."""

    by: Officer
    scope: Literal["footage", "all"] = "footage"
    token: Annotated[str, Field(max_length=100)] | None = None


REQUESTS: dict[str, type[CommandMessage]] = {
    "clip.request": ClipRequest,
    "clip.cancel": ClipCancel,
    "hold.add": HoldAdd,
    "hold.release": HoldRelease,
    "footage.list": FootageListing,
    "snapshot": Snapshot,
    "live.start": LiveStart,
    "live.keepalive": LiveKeepalive,
    "live.stop": LiveStop,
    "config.get": CommandMessage,
    "config.validate": ConfigValidate,
    "config.apply": ConfigApply,
    "config.rollback": ConfigRollback,
    "rebirth": CommandMessage,
    "selftest": CommandMessage,
    "identify": Identify,
    "restart": Restart,
    "wipe": Wipe,
}
