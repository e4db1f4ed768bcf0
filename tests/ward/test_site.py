"""One template for every way to run a ward, and what `make ward` makes of it."""

import json
import os
import re
import shutil
import signal
import stat
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from agent.config.load import load_config
from agent.contract.topics import Topics
from deploy.ward.certificates import Certificates
from deploy.ward.child import WardError
from deploy.ward.node import NodePlace, node_config
from deploy.ward.operate import add_node, lay
from deploy.ward.people import certify
from deploy.ward.running import free_ports
from deploy.ward.site import FILES, TEMPLATES, Ports, Site, WardSettings, fill

ROOT = Path(__file__).parents[2]


def test_every_word_of_the_templates_is_filled(tmp_path: Path) -> None:
    site = Site.below(tmp_path)
    site.lay(WardSettings("phuong-1"))
    assert {file.name for file in TEMPLATES.iterdir()} == set(FILES)
    for name in FILES:
        assert not re.search(r"@[A-Z]", (site.etc / name).read_text()), name
    with pytest.raises(KeyError):
        fill("@NOBODY@", {})
    with pytest.raises(ValueError, match="line break"):
        fill("@X@", {"X": "a\ntopic readwrite #"})


@pytest.mark.parametrize("name", ["", "Phuong", "a b", "x/#", "x\nallow_anonymous true", "+", "-x"])
def test_a_ward_has_a_name_that_fits_into_topics(name: str) -> None:
    with pytest.raises(WardError):
        WardSettings(name)
    with pytest.raises(WardError):
        WardSettings("phuong-1", prefix=name)


def test_the_rights_are_the_contracts(tmp_path: Path) -> None:
    """No topic that a node writes is missing in its list of rights, and there is none too many."""
    site = Site.below(tmp_path)
    site.lay(WardSettings("w"))
    lines = (site.etc / "nodes.acl").read_text().splitlines()
    listed = {line.split()[2] for line in lines if line.startswith("pattern write")}
    topics = Topics("camera", "w", "%u")
    written = {
        topics.availability(),
        topics.birth(),
        topics.health(),
        topics.fault("+"),
        topics.event("+", "+"),
        topics.thumb("+", "+"),
        topics.state("+", "+"),
        topics.job("+"),
        topics.response("+"),
    }
    assert listed == written
    read = {line.split()[2] for line in lines if line.startswith("pattern read")}
    assert read == {topics.command("+"), topics.server_state()}
    assert [line for line in lines if line and not line.startswith(("#", "pattern "))] == []


def test_laying_again_changes_nothing(tmp_path: Path) -> None:
    site, settings = Site.below(tmp_path), WardSettings("phuong-1", hosts=("ward.example", "10.0.0.2"))
    lay(site, settings)
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file() and path.name != "crl.pem"}
    lay(site, settings)
    assert {path: path.read_bytes() for path in before} == before
    assert site.settings() == settings
    for key in tmp_path.rglob("*.key"):
        assert stat.S_IMODE(key.stat().st_mode) & 0o007 == 0, key
    certify(site, WardSettings("phuong-1", hosts=("other.example",)))
    assert (site.tls / "server.pem").read_bytes() != before[site.tls / "server.pem"]


def test_another_place_is_named_as_its_servers_see_it(tmp_path: Path) -> None:
    site = Site.elsewhere(tmp_path, Path("/ward"))
    lay(site, WardSettings("phuong-1"))
    conf = (tmp_path / "etc/mosquitto.conf").read_text()
    assert "cafile /ward/ca/ca.pem" in conf
    assert str(tmp_path) not in conf
    assert json.loads((tmp_path / "etc/uploads.json").read_text())["directory"] == "/ward/uploads"
    assert (tmp_path / "etc/tls/server.key").exists()


def test_a_nodes_configuration_is_one(tmp_path: Path) -> None:
    settings = WardSettings("phuong-1", hosts=("ward.example",))
    files = Certificates(tmp_path / "ca.pem", tmp_path / "node.pem", tmp_path / "node.key")
    place = NodePlace(
        "node-7", files, tmp_path / "data", "rtsp://192.168.1.64/main", command_key=tmp_path / "command.pub"
    )
    file = tmp_path / "config.yaml"
    file.write_text(node_config(settings, place))
    config = load_config(file)
    assert config.mqtt.url == ("mqtts://ward.example:8883",)
    assert config.insecure is False
    site = Site.below(tmp_path / "site")
    lay(site, settings)
    load_config(add_node(site, "node-8", tmp_path / "node-8"))
    with pytest.raises(WardError, match="revoke"):
        add_node(site, "node-8", tmp_path / "again")
    with pytest.raises(WardError, match="Node_8"):
        add_node(site, "Node_8", tmp_path / "again")


def test_the_compose_file_names_what_is_there(tmp_path: Path) -> None:
    compose = yaml.safe_load((ROOT / "deploy/ward/compose.yaml").read_text())
    lay(Site.elsewhere(tmp_path, Path("/ward")), WardSettings("phuong-1", address="0.0.0.0"))
    services = compose["services"]
    assert {"broker", "uploads", "media", "gate", "enrol", "database", "consumer"} <= set(services)
    known = {f"/ward/{path.relative_to(tmp_path)}" for path in tmp_path.rglob("*")}
    opened = set()
    for name, service in services.items():
        image = service.get("image")
        assert image is None or re.fullmatch(r"[a-z0-9./-]+:[0-9][0-9a-z.-]+", image), f"{name}: name and version"
        assert service.get("read_only") is True or name == "database", name
        assert "no-new-privileges:true" in service["security_opt"], name
        opened |= {str(port).rpartition(":")[2] for port in service.get("ports", ())}
        for volume in service.get("volumes", ()):
            source = volume.partition(":")[0]
            assert not source.startswith("..") or (ROOT / "deploy/ward" / source).exists(), volume
        words = service.get("command", ())
        assert not {word for word in words if word.startswith("/ward/") and word not in known}, name
    ports = Ports()
    assert opened == {str(port) for port in (ports.nodes, ports.staff, ports.uploads, ports.live, ports.enrol)}


@pytest.mark.real
@pytest.mark.skipif(not shutil.which("ffmpeg"), reason="no ffmpeg here")
def test_make_ward_and_a_node_and_an_officer(tmp_path: Path) -> None:
    """`make ward` without root, `camera-agent run` on the configuration it wrote, and an answer to a signed command."""
    film = tmp_path / "film.mp4"
    drawn = ("ffmpeg", "-v", "error", "-f", "lavfi", "-i", "testsrc=size=320x240:rate=10", "-t", "60", "-g", "10")
    subprocess.run((*drawn, "-c:v", "libx264", "-pix_fmt", "yuv420p", str(film)), check=True, timeout=60)
    base, ports = tmp_path / "ward", free_ports()
    numbers = ",".join(
        str(getattr(ports, name)) for name in ("nodes", "staff", "uploads", "live", "enrol", "rtmp", "ask")
    )
    environ = os.environ | {"CAMERA_AGENT_LANG": "en"}
    ward = (sys.executable, "-m", "deploy.ward", "run", "--directory", str(base), "--ports", numbers)
    with subprocess.Popen(
        (*ward, "--camera", str(film)), cwd=ROOT, stdout=subprocess.PIPE, text=True, env=environ
    ) as here:
        assert here.stdout is not None
        try:
            told = []
            for line in here.stdout:
                told.append(line)
                if line.startswith("Ctrl-C"):
                    break
            assert any("camera-agent run --config" in line for line in told), "".join(told)
            agent = (sys.executable, "-m", "agent", "run", "--config", str(base / "node-1/config.yaml"))
            with subprocess.Popen(agent, cwd=ROOT, stderr=subprocess.DEVNULL, env=environ) as node:
                try:
                    send = (sys.executable, "-m", "deploy.ward", "send", "node-1", "rebirth", "--json", "--wait", "60")
                    desk = ("--desk", str(base / "desk"), "--sign", str(base / "command.key"))
                    done = subprocess.run(
                        (*send, *desk), cwd=ROOT, capture_output=True, text=True, timeout=120, check=False
                    )
                    assert done.returncode == 0, done.stdout + done.stderr
                    assert json.loads(done.stdout.splitlines()[-1])["body"]["result"] == "done"
                finally:
                    node.terminate()
        finally:
            here.send_signal(signal.SIGINT)
        assert here.wait(30) == 0
