"""Before a city knocks: are the files of its certificates there, and does a broker let its first node in?

What is wrong is said at once and in words, not after a run of which nothing came.
"""

from agent.clock import Clock
from agent.errors import ConfigError, LinkError
from agent.i18n import Text
from agent.tools.fleet.plan import Plan
from agent.uplink import Login, MqttLink, Wake
from agent.uplink.connection import Connection
from agent.uplink.memory import Version
from agent.uplink.peer import lost, silent
from agent.uplink.terms import Hello, Kicked, NoMqtt5
from agent.uplink.tls import client_context

ANSWER_S = 10.0
TURN_S = 0.2
HOW = Text(
    en="docs/guide/city.md tells how to make the certificates of simulated nodes",
    vi="docs/guide/city.vi.md chỉ cách tạo chứng chỉ cho thiết bị mô phỏng",
)
TRIES = 3  # of the whole list: a broker may just be starting


def check_files(plan: Plan) -> None:
    """Those of the consumer, of the first node and of the last. Raises ConfigError, LinkError that name the file."""
    if not any(url.startswith("mqtts://") for url in plan.section.url):
        return
    nodes = {plan.topics(number).node: None for number in (0, plan.nodes - 1)}
    for name in (*(("consumer",) if plan.consumer else ()), *nodes):
        keys = plan.keys.of(name)
        for path in (keys.ca, keys.cert, keys.key):
            if path is not None and not path.exists():
                raise ConfigError(Text(en=f"there is no file {path}", vi=f"không có tệp {path}"), HOW)
        client_context(keys, "broker_tls")


def let_in(plan: Plan) -> None:
    """The first node connects and leaves again. Raises LinkError: why the last broker that was asked did not let it."""
    section = plan.section
    versions: tuple[Version, ...] = ("5", "3.1.1") if section.protocol == "auto" else (section.protocol,)
    login = Login(section.username, plan.password) if section.username else None
    topics = plan.topics(0)
    link = MqttLink(topics, section, plan.keys.of(topics.node), login)
    clock = Clock()
    told: LinkError | None = None
    for _ in range(TRIES):
        for url in section.url:
            for version in versions:
                try:
                    _greet(link, url, version, clock)
                except LinkError as error:
                    told = error
                    break
                except NoMqtt5:
                    continue
                return
    if told is not None:
        raise told


def _greet(link: MqttLink, url: str, version: Version, clock: Clock) -> None:
    """Raises LinkError, NoMqtt5 (also when a broker hangs up on the older one)."""
    connection = Connection(link, url, Hello(version, None), clock)
    wake, end_s = Wake(), clock.mono_s() + ANSWER_S
    try:
        while connection.terms is None:
            if clock.mono_s() > end_s:
                raise silent(connection.peer)
            connection.turn(TURN_S, wake)
        connection.leave()
    except Kicked as error:
        raise lost(connection.peer) from error
    except NoMqtt5 as error:
        if version == "5":
            raise
        raise lost(connection.peer) from error
    finally:
        connection.drop()
        wake.close()
