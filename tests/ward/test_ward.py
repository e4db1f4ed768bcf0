"""The embedded ward itself: it starts, says why it cannot, and leaves nothing behind."""

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import httpx
import psutil
import pytest

from deploy.ward import Ward, WardError, WardOptions, free_port
from deploy.ward.broker import find_mosquitto
from deploy.ward.uploads import install_server

ROOT = Path(__file__).parents[2]
STARTER = """
import sys, time
from pathlib import Path
from deploy.ward import Ward
with Ward.start(Path(sys.argv[1])) as ward:
    print(ward._broker.process.pid, ward._server.process.pid, flush=True)
    sys.stdin.read()
"""


@pytest.fixture(autouse=True)
def _needs_a_ward(ward: Ward) -> None:
    """Skips where no ward can be had."""


def test_both_servers_answer_and_stop(tmp_path: Path) -> None:
    with Ward.start(tmp_path) as ward:
        assert httpx.options(ward.upload_url).headers["Tus-Version"] == "1.0.0"
        with socket.create_connection(("127.0.0.1", ward.mqtt_port), 5):
            pass
    for port in (ward.mqtt_port, ward.upload_port):
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", port), 5)


def test_servers_listen_on_this_machine_only(ward: Ward) -> None:
    for port in (ward.mqtt_port, ward.upload_port):
        listening = [item.laddr.ip for item in psutil.net_connections("tcp") if item.laddr and item.laddr.port == port]
        assert set(listening) <= {"127.0.0.1"}


def test_nothing_outlives_a_killed_parent(tmp_path: Path) -> None:
    command = (sys.executable, "-c", STARTER, str(tmp_path))
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        children = [psutil.Process(int(pid)) for pid in parent.stdout.readline().split()]
        assert len(children) == 2
        os.kill(parent.pid, signal.SIGKILL)
    _, alive = psutil.wait_procs(children, timeout=60)
    assert [process.pid for process in alive if process.status() != psutil.STATUS_ZOMBIE] == []


@pytest.mark.parametrize("which", ["mqtt_port", "upload_port"])
def test_a_port_that_is_taken_is_named(tmp_path: Path, which: str) -> None:
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        port = int(holder.getsockname()[1])
        options = WardOptions(mqtt_port=port) if which == "mqtt_port" else WardOptions(upload_port=port)
        with pytest.raises(WardError, match=str(port)):
            Ward.start(tmp_path, options)
    assert not [
        child
        for child in psutil.Process().children()
        if "mosquitto" in child.name() and str(tmp_path) in " ".join(child.cmdline())
    ]


def test_a_chosen_port_is_kept_over_restarts(tmp_path: Path) -> None:
    port = free_port()
    with Ward.start(tmp_path, WardOptions(mqtt_port=port, upload=False)) as ward:
        ward.kill_broker()
        ward.start_broker()
        assert ward.mqtt_url == f"mqtt://127.0.0.1:{port}"


def test_missing_programs_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.which", lambda *_, **__: None)
    with pytest.raises(WardError, match="npm"):
        install_server(tmp_path)

    def nothing(packages: list[str], target: Path) -> None:
        raise OSError("no archive")

    monkeypatch.setattr("deploy.assets.unpack_debian", nothing)
    with pytest.raises(WardError, match="mosquitto"):
        find_mosquitto(tmp_path)
