"""Where each message goes. `{prefix}/v1/{ward}/{node}/…`; a node subscribes to exact topics, never to its own tree."""

COMMANDS = (
    "clip.request",
    "clip.cancel",
    "hold.add",
    "hold.release",
    "footage.list",
    "snapshot",
    "live.start",
    "live.keepalive",
    "live.stop",
    "config.get",
    "config.validate",
    "config.apply",
    "config.rollback",
    "rebirth",
    "selftest",
    "identify",
    "restart",
    "wipe",
)
NODE_LEVEL = 3


class Topics:
    """The topics of one node."""

    def __init__(self, prefix: str, ward: str, node: str) -> None:
        self.prefix = prefix
        self.ward = ward
        self.node = node
        self._base = f"{prefix}/v1/{ward}/{node}"

    def availability(self) -> str:
        """Retained; also the Will's."""
        return f"{self._base}/availability"

    def birth(self) -> str:
        """Retained."""
        return f"{self._base}/birth"

    def health(self) -> str:
        """Retained, expires after three intervals."""
        return f"{self._base}/health"

    def fault(self, code: str) -> str:
        """Retained; an empty payload clears."""
        return f"{self._base}/fault/{code}"

    def event(self, cam: str, rule: str) -> str:
        """`rule` is the kind of rule (`intrusion`), so that a reader can subscribe to one kind on all cameras."""
        return f"{self._base}/cam/{cam}/event/{rule}"

    def thumb(self, cam: str, event_id: str) -> str:
        """JPEG bytes."""
        return f"{self._base}/cam/{cam}/thumb/{event_id}"

    def state(self, cam: str, rule_id: str) -> str:
        """Retained; by the rule's id, because two rules of one kind have two states."""
        return f"{self._base}/cam/{cam}/state/{rule_id}"

    def job(self, job_id: str) -> str:
        """Retained until acknowledged."""
        return f"{self._base}/job/{job_id}"

    def response(self, request_id: str) -> str:
        """The answer to one command."""
        return f"{self._base}/rsp/{request_id}"

    def command(self, name: str) -> str:
        """Where the ward says `name`."""
        return f"{self._base}/cmd/{name}"

    def commands(self) -> tuple[str, ...]:
        """All command topics, exactly; a command that this node lacks is answered with `not_capable`."""
        return tuple(self.command(name) for name in COMMANDS)

    def server_state(self) -> str:
        """Retained by the ward, with its Will."""
        return f"{self.prefix}/v1/{self.ward}/server/state"


def node_of(topic: str) -> str:
    """The node that a topic belongs to. Raises ValueError when it is none of a node's topics."""
    levels = topic.split("/")
    if len(levels) <= NODE_LEVEL + 1 or levels[1] != "v1":
        raise ValueError(f"not a node's topic: {topic}")
    return levels[NODE_LEVEL]
