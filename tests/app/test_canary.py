"""Canary secrets: a whole node with a known value in each secret is made to fail in every way; then all that anybody
could read is searched for them: log, status, runtime directory, messages, process list, page, terminal, database.
"""

import base64
import os
import signal
import socket
import subprocess
import sys
import tarfile
import threading
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import paho.mqtt.client as mqtt
import psutil
import pytest
import yaml
from paho.mqtt.enums import CallbackAPIVersion

from deploy.ward import Ward, WardError, WardOptions, free_port, issue
from tests.app.living import PATIENCE_S, ROOT, Living
from tests.cli.saying import said

pytestmark = pytest.mark.real
MQTT, UPLOAD, CAMERA, TOKEN = "cAnArY-mqtt-7f3a", "cAnArY-upload-91b2", "cAnArY-camera-44e0", "cAnArYtoken5c8d"
WRONG = "cAnArY-wrong-d00d"


def spellings(secret: str | bytes, *users: str) -> set[bytes]:
    """A secret as it may be written down: plain, in an address, in hexadecimal, in base64, as an HTTP login."""
    raw = secret.encode() if isinstance(secret, str) else secret
    found = {raw, raw.hex().encode(), base64.b64encode(raw).rstrip(b"="), base64.urlsafe_b64encode(raw).rstrip(b"=")}
    found |= {urllib.parse.quote_from_bytes(raw, safe="").encode()}
    found |= {base64.b64encode(f"{user}:".encode() + raw).rstrip(b"=") for user in users}
    return found


@dataclass
class Search:
    """Every place is looked through for every spelling of every secret."""

    secrets: dict[str, set[bytes]]
    looked: dict[str, int] = field(default_factory=dict)
    found: list[str] = field(default_factory=list)

    def look(self, place: str, data: bytes) -> None:
        kind = place.partition(" ")[0]
        self.looked[kind] = self.looked.get(kind, 0) + len(data)
        self.found += [f"{name} in {place}" for name, ways in self.secrets.items() if any(way in data for way in ways)]

    def tree(self, kind: str, directory: Path, *but: Path) -> None:
        for path in sorted(directory.rglob("*")):
            if path.is_file() and not any(path.is_relative_to(other) for other in but):
                self.look(f"{kind} {path}", path.read_bytes())

    def processes(self, first: int) -> None:
        try:
            family = [psutil.Process(first), *psutil.Process(first).children(recursive=True)]
        except psutil.NoSuchProcess:
            return
        for one in family:
            for name in ("cmdline", "environ"):
                try:
                    self.look(f"proc/{name} {one.pid}", Path(f"/proc/{one.pid}/{name}").read_bytes())
                except OSError:
                    continue


@contextmanager
def refusing_camera() -> Iterator[tuple[int, list[bytes]]]:
    """RTSP that finds every login wrong, and what it was asked."""
    asked: list[bytes] = []

    def talk(line: socket.socket) -> None:
        with line, line.makefile("rb") as lines:
            request: list[bytes] = []
            for text in lines:
                if text.strip():
                    request.append(text)
                    continue
                asked.append(b"".join(request))
                number = next((one.split(b":")[1].strip() for one in request if one.lower().startswith(b"cseq")), b"1")
                request = []
                line.sendall(
                    b"RTSP/1.0 401 Unauthorized\r\nCSeq: " + number + b'\r\nWWW-Authenticate: Basic realm="c"\r\n\r\n'
                )

    def serve() -> None:
        while True:
            try:
                line, _ = listening.accept()
            except OSError:
                return
            threading.Thread(target=quietly, args=(talk, line), daemon=True).start()

    with socket.create_server(("127.0.0.1", 0)) as listening:
        threading.Thread(target=serve, daemon=True).start()
        yield listening.getsockname()[1], asked
        listening.shutdown(socket.SHUT_RDWR)


def quietly(talk: Callable[[socket.socket], None], line: socket.socket) -> None:
    try:
        talk(line)
    except OSError:
        return


class Ear:
    """Hears `#` with a login of its own."""

    def __init__(self, ward: Ward) -> None:
        self.heard: list[tuple[str, bytes]] = []
        self._news = threading.Condition()
        ready = threading.Event()
        self.client = mqtt.Client(CallbackAPIVersion.VERSION2, "canary-ear")
        self.client.username_pw_set("ear", "ear")
        self.client.on_connect = self._on_connect
        self.client.on_subscribe = lambda *_: ready.set()
        self.client.on_message = self._on_message
        self.client.connect("127.0.0.1", ward.mqtt_port)
        self.client.loop_start()
        assert ready.wait(PATIENCE_S)

    def _on_connect(self, client: mqtt.Client, *_: object) -> None:
        client.subscribe("#", 1)

    def _on_message(self, _client: mqtt.Client, _data: object, message: mqtt.MQTTMessage) -> None:
        with self._news:
            self.heard.append((message.topic, bytes(message.payload)))
            self._news.notify_all()

    def wait(self, part: str, count: int = 1) -> None:
        with self._news:
            assert self._news.wait_for(
                lambda: sum(part in topic and bool(body) for topic, body in self.heard) >= count, PATIENCE_S
            ), [topic for topic, _ in self.heard]

    def close(self) -> None:
        self.client.disconnect()
        self.client.loop_stop()


class Node:
    """Its files, and one configuration after another."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.data = home / "data"
        self.run = home / "run"
        self.log = home / "log"
        self.config = home / "config.yaml"
        self.page = free_port()
        self.begin = 0  # of what the running one says
        for folder in (self.data, self.run, home / "secrets"):
            folder.mkdir(parents=True)

    def secret(self, name: str, value: str) -> str:
        path = self.home / "secrets" / name
        path.touch(mode=0o600)
        path.write_text(value + "\n", encoding="ascii")
        return str(path)

    def configure(self, camera: int, mqtt_url: str, upload_url: str, password: str, **more: object) -> None:
        tree: dict[str, object] = {
            "node": {"ward": "test", "id": "canary-1", "data_dir": str(self.data)},
            "mqtt": {"url": mqtt_url, "username": "cam", "password_file": self.secret("mqtt", password)},
            "upload": {"url": upload_url, "username": "cam", "password_file": self.secret("upload", UPLOAD)},
            "retention": {"max_days": 30},
            "cameras": [
                {
                    "id": "gate",
                    "source": f"rtsp://127.0.0.1:{camera}/live",
                    "username": "viewer",
                    "password_file": self.secret("camera", CAMERA),
                }
            ],
            "health": {"interval": "2s"},
            "page": {"port": self.page},
        }
        self.config.write_text(yaml.safe_dump(tree | more), encoding="utf-8")

    def start(self) -> Living:
        for rest in self.run.glob("link-*.json"):  # how long to leave the broker alone
            rest.unlink()
        self.begin = self.log.stat().st_size if self.log.exists() else 0
        return Living(self.config, self.log, RUNTIME_DIRECTORY=str(self.run))

    def say(self, *line: str) -> bytes:
        """What a verb prints at a terminal."""
        done = subprocess.run(
            (sys.executable, "-m", "agent", *line),
            cwd=ROOT,
            capture_output=True,
            timeout=PATIENCE_S,
            check=False,
            env={**os.environ, "RUNTIME_DIRECTORY": str(self.run)},
        )
        return done.stdout + done.stderr

    def tell(self, *line: str) -> bytes:
        """The same in this process, for those that only read or ask: much quicker."""
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("RUNTIME_DIRECTORY", str(self.run))
            done = said(*line)
        return (done.stdout + done.stderr).encode()

    def shown(self, path: str) -> bytes:
        with urllib.request.urlopen(f"http://127.0.0.1:{self.page}{path}", timeout=PATIENCE_S) as answer:
            return bytes(answer.read())


def until_said(node: Node, *words: str) -> None:
    """The log is a file: looked at again and again, for as long as patience lasts."""
    waiting = threading.Event()
    for _ in range(round(PATIENCE_S / 0.2)):
        said = node.log.read_bytes()[node.begin :].decode()
        if any(word in said for word in words):
            return
        waiting.wait(0.2)
    raise AssertionError(f"{words} not in {said[-2000:]}")


@pytest.mark.fault("B25", "every secret of a node that fails in every way")
def test_no_secret_is_to_be_read_anywhere(tmp_path: Path) -> None:
    try:
        server, foreign = issue(tmp_path / "ca", "server"), issue(tmp_path / "other", "server")
        own = issue(tmp_path / "ca", "canary-1")
        logins = (("cam", MQTT), ("ear", "ear"))
        ward = Ward.start(tmp_path / "ward", WardOptions(logins=logins))
        closed = Ward.start(tmp_path / "closed", WardOptions(tls=server, require_client_cert=True, upload=False))
    except WardError as error:
        pytest.skip(str(error))
    key_body = "".join(own.key.read_text(encoding="ascii").splitlines()[1:-1])
    secrets = {
        "mqtt password": spellings(MQTT, "cam"),
        "wrong mqtt password": spellings(WRONG, "cam"),
        "upload password": spellings(UPLOAD, "cam"),
        "camera password": spellings(CAMERA, "viewer"),
        "token": spellings(TOKEN, "canary-1"),
        "tls key": spellings(base64.b64decode(key_body)[-40:]) | {key_body[:40].encode(), key_body[-40:].encode()},
    }
    search = Search(secrets)
    node = Node(tmp_path / "node")
    with ward, closed, refusing_camera() as (camera, asked):
        plain = {"insecure": True}
        # A broker that refuses the password.
        node.configure(camera, ward.mqtt_url, ward.upload_url, WRONG, **plain)
        search.look("check-config", node.tell("check-config", str(node.config)))
        living = node.start()
        until_said(node, "refuses the user name or password", "does not authorise this node")
        search.processes(living.process.pid)
        living.stop()
        # One that lets it in; a camera and an upload server that do not; a page that is looked at; a crash.
        node.configure(camera, ward.mqtt_url, ward.upload_url, MQTT, **plain)
        ear = Ear(ward)
        living = node.start()
        ear.wait("/health", 3)
        ear.wait("/fault/")
        until_said(node, "agent.installer.page: page:")
        search.secrets["signing key"] = spellings((node.data / "evidence/device.key").read_bytes().strip())
        for path in ("/", "/state.json", "/health.json", "/events.json"):
            search.look(f"page {path}", node.shown(path))
        with pytest.raises(urllib.error.HTTPError) as missing:
            node.shown("/live/nobody.jpg")
        search.look("page error", missing.value.read())
        search.processes(living.process.pid)
        for verb in (("status",), ("status", "--json"), ("check-config", str(node.config))):
            line = (*verb, "--config", str(node.config)) if verb[0] == "status" else verb
            search.look(f"terminal {verb[0]}", node.tell(*line))
        search.look("terminal doctor", node.say("doctor", "--json", "--config", str(node.config)))
        bundle = node.home / "support.tar.gz"
        search.look("terminal support-bundle", node.say("support-bundle", "--config", str(node.config), str(bundle)))
        with tarfile.open(bundle) as archive:
            for member in archive.getmembers():
                part = archive.extractfile(member)
                assert part is not None
                search.look(f"bundle {member.name}", part.read())
        search.tree("runtime", node.run)
        living.process.send_signal(signal.SIGABRT)  # with its stack in the log, should anything print one
        living.process.wait(PATIENCE_S)
        # TLS that cannot be: a broker of another authority, a key that is not the certificate's.
        for ca, key in ((foreign.ca, own.key), (server.ca, foreign.key)):
            tls = {"tls": {"ca": str(ca), "cert": str(own.cert), "key": str(key)}} | plain
            node.configure(camera, closed.mqtt_url, ward.upload_url, MQTT, **tls)
            living = node.start()
            until_said(node, "does not trust" if ca == foreign.ca else "does not belong to the certificate")
            search.processes(living.process.pid)
            living.stop()
        # A token that nobody takes, a mistake in the configuration, a password file for all to read.
        ways = (
            ("--token", f"{TOKEN}.{'0' * 64}"),
            (f"--token={TOKEN}",),
            ("--token-file", node.secret("token", TOKEN)),
        )
        for told in ways:
            line = ("enrol", "--ward", f"https://127.0.0.1:{closed.mqtt_port}", *told, "--config", str(node.config))
            search.look("terminal enrol", node.tell(*line))
        (node.home / "secrets/mqtt").chmod(0o644)
        search.look("terminal run", node.say("run", "--config", str(node.config)))
        (node.home / "secrets/mqtt").chmod(0o600)
        node.configure(camera, ward.mqtt_url, ward.upload_url, MQTT, nonsense={"password": 1}, **plain)
        search.look("check-config", node.tell("check-config", str(node.config)))
        ear.close()
    for topic, body in ear.heard:
        search.look(f"message {topic}", body)
    search.look("log", node.log.read_bytes())
    search.tree("data", node.data, node.data / "evidence/device.key")
    search.tree("runtime", node.run)
    assert search.found == []
    # And the search was one: all places had something, and each secret was used or is where it belongs.
    kinds = {"check-config", "proc/cmdline", "proc/environ", "page", "terminal", "runtime", "message", "log", "data"}
    kinds.add("bundle")
    assert {kind for kind, size in search.looked.items() if size > 0} == kinds, search.looked
    assert any(way in b"".join(asked) for way in secrets["camera password"]), "the camera was told, and nobody else"
    planted = Search(search.secrets)
    for name, spelt in search.secrets.items():
        for one in spelt:
            planted.look(name, b"x" + one + b"y")
    assert len(set(planted.found)) >= len(search.secrets)
