"""Which topics are read, and what a topic says of its message."""

from dataclasses import dataclass

from .words import Refusal, Words

# What is read of each node. The last one: RabbitMQ turns the dot of `clip.request` into a slash.
KINDS = (
    "availability",
    "birth",
    "health",
    "fault/+",
    "cam/+/event/+",
    "cam/+/thumb/+",
    "job/+",
    "rsp/+",
    "cmd/+",
    "cmd/+/+",
)
RETAINED = (
    "availability",
    "birth",
    "health",
    "fault/+",
    "job/+",
)  # a shared subscription is not given what is retained


@dataclass(frozen=True, slots=True)
class Place:
    """Where a ward's messages are."""

    prefix: str
    ward: str

    def filters(self, group: str) -> tuple[str, ...]:
        """To subscribe to, shared by the consumers of `group`; an empty group shares nothing."""
        share = f"$share/{group}/" if group else ""
        return tuple(f"{share}{self.base}/+/{kind}" for kind in KINDS)

    def retained(self) -> tuple[str, ...]:
        """What a broker keeps of each node."""
        return tuple(f"{self.base}/+/{kind}" for kind in RETAINED)

    def server_state(self) -> str:
        """Where the nodes are told that somebody listens."""
        return f"{self.base}/server/state"

    @property
    def base(self) -> str:
        """Above all nodes."""
        return f"{self.prefix}/v1/{self.ward}"


@dataclass(frozen=True, slots=True)
class Topic:
    """One topic, taken apart. `name` is the rule, event, code, job, request or command; empty where there is none."""

    ward: str
    node: str
    kind: str  # availability, birth, health, fault, event, thumb, job, rsp or cmd
    name: str = ""
    cam: str = ""


def read_topic(place: Place, topic: str) -> Topic:
    """Raises Refusal for a topic that is none of these."""
    if topic.startswith(place.base + "/"):
        match topic[len(place.base) + 1 :].split("/"):
            case [node, "availability" | "birth" | "health" as kind]:
                return Topic(place.ward, node, kind)
            case [node, "fault" | "job" | "rsp" | "cmd" as kind, name]:
                return Topic(place.ward, node, kind, name)
            case [node, "cmd", name, rest]:
                return Topic(place.ward, node, "cmd", f"{name}.{rest}")
            case [node, "cam", cam, "event" | "thumb" as kind, name]:
                return Topic(place.ward, node, kind, name, cam)
    raise Refusal("topic", Words(en="no topic of the contract", vi="chủ đề này không có trong hợp đồng"))
