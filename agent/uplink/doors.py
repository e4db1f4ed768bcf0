"""What the uplink calls in other rooms, handed in by `app.py`. Every callable is quick and thread-safe."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

from agent.errors import AgentError
from agent.uplink.latest import RetainedMessage
from agent.values import OutgoingClip, OutgoingMessage, Rest
from agent.worker import Reporter


@dataclass(frozen=True, slots=True)
class UploadDoors:
    """Clips: the spool's side of an upload. Clips are named by their id."""

    next_clip: Callable[[], OutgoingClip | None]  # the one to work on now, as it stands on disk
    created: Callable[[str, str], None]  # its URL at the server (replaces an older one), durable on return
    progress: Callable[[str, int], None]  # bytes that the server has
    acked: Callable[[str, str], None]  # the server has all of it, at this URL
    rejected: Callable[[str, AgentError], None]  # given up, for this reason
    failed: Callable[[str], None]  # a try without progress
    rests: Callable[[Rest], None] = lambda _rest: None  # no clip may leave now; called all the while


@dataclass(frozen=True, slots=True)
class MqttDoors:
    """Messages: the spool's side of publishing, what stands retained, and where commands go."""

    pending: Callable[[int, Collection[int]], Sequence[OutgoingMessage]]  # at most so many, without these rows
    ack: Callable[[Sequence[int]], None]  # rows that the broker has
    availability: Callable[[str, str], bytes]  # (state, session) -> payload
    birth: Callable[[str], RetainedMessage]  # session -> the birth message as of now
    retained_topics: Callable[[], Collection[str]]  # that an earlier run may have left at the broker
    cleared: Callable[[Sequence[str]], None]  # of these the broker holds nothing any more
    command: Callable[[str, bytes, bool], RetainedMessage | None]  # topic, payload, retained; gives what is answered
    # at once, and lost when the line is; all other answers come through the spool
    reporter: Reporter  # told when the broker refuses single messages
    connected: Callable[[], None] = lambda: None  # a connection stands; before anything of `pending` is sent on it
