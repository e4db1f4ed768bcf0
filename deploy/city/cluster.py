"""Three RabbitMQ nodes on loopback that form one cluster, each with a port for MQTT and a directory of its own.

Queues of MQTT sessions are mirrored on all nodes: what was acknowledged outlives the loss of any one of them. epmd and
the brokers are children of this process, on ports of their own; nothing is left behind.
"""

import contextlib
import json
import secrets
import socket
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from types import TracebackType

from agent.i18n import Text
from deploy.city.rabbit import RabbitMQ
from deploy.ward.broker import free_port
from deploy.ward.child import Child, WardError

NODES = 3
START_S = 90.0
EPMD_S = 5.0
STOP_S = 0.5  # a broker of a test has nothing to save
MIRRORED = {
    "vhost": "/",
    "name": "mirrored",
    "pattern": "^mqtt-subscription-",
    "apply-to": "queues",
    "priority": 1,
    "definition": {
        "ha-mode": "all",
        "ha-sync-mode": "automatic",
        "ha-promote-on-failure": "when-synced",
        "ha-promote-on-shutdown": "when-synced",
    },
}
GUEST = "guest"  # whoever comes over loopback without a name
DEFINITIONS = {
    "vhosts": [{"name": "/"}],
    "users": [{"name": GUEST, "password": GUEST, "tags": ""}],
    "permissions": [{"user": GUEST, "vhost": "/", "configure": ".*", "write": ".*", "read": ".*"}],
    "policies": [MIRRORED],
}
LOOPBACK = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class Ports:
    """Of one broker."""

    mqtt: int
    amqp: int
    erlang: int


class Cluster:
    """Use as a context manager. Raises WardError when it does not come up; then nothing is left running."""

    def __init__(self, directory: Path, rabbitmq: RabbitMQ) -> None:
        self.directory = directory.resolve()
        self._rabbitmq = rabbitmq
        self._epmd_port = free_port()
        self.ports = tuple(Ports(free_port(), free_port(), free_port()) for _ in range(NODES))
        self._env: dict[str, str] = {}
        self._epmd: Child | None = None
        self.brokers: list[Child] = []

    @property
    def urls(self) -> list[str]:
        """One per broker."""
        return [f"mqtt://{LOOPBACK}:{ports.mqtt}" for ports in self.ports]

    def __enter__(self) -> "Cluster":
        try:
            self._start()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def kill(self, number: int) -> None:
        """As a power cut would."""
        self.brokers[number].kill()

    def start(self, number: int) -> None:
        """Start one again; it joins those that run."""
        self.brokers[number] = self._launch(number)

    def ready(self, number: int) -> bool:
        """Does it take MQTT connections?"""
        with contextlib.suppress(OSError), socket.create_connection((LOOPBACK, self.ports[number].mqtt), timeout=1.0):
            return True
        return False

    def stop(self) -> None:
        """End all; may be called again."""
        for child in self.brokers:
            child.stop(STOP_S)
        if self._epmd:
            self._epmd.stop()

    def _start(self) -> None:
        home = self.directory / "home"
        home.mkdir(parents=True, exist_ok=True)
        cookie = home / ".erlang.cookie"
        if not cookie.exists():
            cookie.touch(mode=0o600)
            cookie.write_text(secrets.token_hex(20), encoding="ascii")
        self._env = self._rabbitmq.env(self.directory / "bin")
        epmd = (str(self._rabbitmq.erlang / "epmd"), "-address", LOOPBACK, "-port", str(self._epmd_port))
        self._epmd = Child(epmd, self.directory / "epmd.log", self._env)
        if not self._epmd.wait_until(partial(_answers, self._epmd_port), EPMD_S):
            raise self._not_started("epmd", self._epmd)
        for together in ((0,), tuple(range(1, NODES))):  # the first founds the cluster, the others join it
            self.brokers += [self._launch(number) for number in together]
            for number in together:
                if not self.brokers[number].wait_until(partial(self.ready, number), START_S):
                    raise self._not_started(f"RabbitMQ {number + 1}", self.brokers[number])

    def _launch(self, number: int) -> Child:
        place = self.directory / f"node-{number + 1}"
        (place / "log").mkdir(parents=True, exist_ok=True)
        (place / "enabled_plugins").write_text("[rabbitmq_mqtt].\n", encoding="ascii")
        (place / "rabbitmq.conf").write_text("\n".join(self._settings(number)) + "\n", encoding="utf-8")
        (self.directory / "definitions.json").write_text(json.dumps(DEFINITIONS), encoding="ascii")
        env = {
            **self._env,
            "HOME": str(self.directory / "home"),
            "ERL_EPMD_PORT": str(self._epmd_port),
            "ERL_EPMD_ADDRESS": LOOPBACK,
            "RUNNING_UNDER_SYSTEMD": "1",  # then the script becomes the broker instead of waiting for it
            "RABBITMQ_NODENAME": self._name(number),
            "RABBITMQ_DIST_PORT": str(self.ports[number].erlang),
            "RABBITMQ_CONFIG_FILE": str(place / "rabbitmq.conf"),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(place / "enabled_plugins"),
            "RABBITMQ_MNESIA_BASE": str(place / "data"),
            "RABBITMQ_LOG_BASE": str(place / "log"),
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "-start_epmd false -kernel inet_dist_use_interface {127,0,0,1}",
            "NOTIFY_SOCKET": "",
        }
        return Child((str(self._rabbitmq.scripts / "rabbitmq-server"),), place / "out.log", env)

    def _settings(self, number: int) -> list[str]:
        ports = self.ports[number]
        return [
            f"listeners.tcp.1 = {LOOPBACK}:{ports.amqp}",
            f"mqtt.listeners.tcp.1 = {LOOPBACK}:{ports.mqtt}",
            "mqtt.allow_anonymous = true",
            "mqtt.prefetch = 200",
            "mqtt.tcp_listen_options.backlog = 1024",
            "mqtt.tcp_listen_options.nodelay = true",
            f"load_definitions = {self.directory}/definitions.json",
            "cluster_formation.peer_discovery_backend = classic_config",
            f"cluster_formation.classic_config.nodes.1 = {self._name(0)}",
            "net_ticktime = 10",
            "log.file.level = info",
        ]

    @staticmethod
    def _name(number: int) -> str:
        return f"city{number + 1}@localhost"

    def _not_started(self, name: str, child: Child) -> WardError:
        said = child.last_words()
        return WardError(Text(en=f"{name} did not start: {said}", vi=f"{name} không khởi động được: {said}"))


def _answers(port: int) -> bool:
    with contextlib.suppress(OSError), socket.create_connection((LOOPBACK, port), timeout=1.0):
        return True
    return False
