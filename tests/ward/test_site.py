"""One template for every way to run a ward, and what `make ward` makes of it."""

import contextlib
import itertools
import json
import os
import re
import shutil
import signal
import stat
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

import pytest
import yaml

from agent.config.load import load_config
from agent.contract.topics import Topics
from deploy.ward.__main__ import main
from deploy.ward.certificates import Certificates
from deploy.ward.child import WardError
from deploy.ward.node import NodePlace, node_config
from deploy.ward.operate import add_node, lay
from deploy.ward.people import certify
from deploy.ward.running import free_ports
from deploy.ward.send import Desk
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


def test_a_staging_root_is_not_in_the_files(tmp_path: Path) -> None:
    site = Site(Path("/etc/camera-ward"), Path("/var/lib/camera-ward"), Path("/run/camera-ward"), tmp_path)
    lay(site, WardSettings("phuong-1"))
    for file in (tmp_path / "etc/camera-ward").iterdir():
        if file.is_file():
            assert str(tmp_path) not in file.read_text(), file
    assert "cafile /var/lib/camera-ward/ca/ca.pem" in (tmp_path / "etc/camera-ward/mosquitto.conf").read_text()
    assert (tmp_path / "etc/camera-ward/tls/server.key").exists()


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
    lay(Site.below(tmp_path), WardSettings("phuong-1", address="0.0.0.0"))
    services = compose["services"]
    assert set(services) == {"lay", "broker", "uploads", "media", "gate", "enrol", "database", "consumer"}
    known = {f"/ward/{path.relative_to(tmp_path)}" for path in tmp_path.rglob("*")}
    opened: set[str] = set()
    for name, service in services.items():
        images = (
            [service["image"]] if "image" in service else re.findall("FROM (.*)", service["build"]["dockerfile_inline"])
        )
        assert all(re.fullmatch(r"[a-z0-9./-]+:[0-9]+[.][0-9a-z.-]+", image) for image in images), f"{name}: {images}"
        assert "no-new-privileges:true" in service["security_opt"], name
        if name not in {"database", "lay"}:
            assert service["read_only"] is True
            assert service["user"] not in {"0", "0:0"}
            assert service["depends_on"] == {"lay": {"condition": "service_completed_successfully"}}
        opened |= {str(port).rpartition(":")[2] for port in service.get("ports", ())}
        for copied in re.findall(
            r"COPY (\S+(?: \S+)*) \S+", str(service.get("build", {}).get("dockerfile_inline", ""))
        ):
            context = ROOT / "deploy/ward" / service["build"]["context"]
            assert all((context / source).exists() for source in copied.split()), copied
        words = re.findall(r"/ward/[a-z/._]+", " ".join(service.get("command", ())))
        assert {word for word in words if word not in known} <= {"/ward/database"}, name
    ports = Ports()
    assert opened == {str(port) for port in (ports.nodes, ports.staff, ports.uploads, ports.live, ports.enrol)}


@contextlib.contextmanager
def program(log: Path, *words: str) -> Iterator["subprocess.Popen[str]"]:
    """One of ours, ended as Ctrl-C ends it."""
    environ = os.environ | {"CAMERA_AGENT_LANG": "en"}
    command = (sys.executable, "-m", *words)
    with (
        log.open("w") as errors,
        subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=errors, text=True, env=environ) as child,
    ):
        try:
            yield child
        finally:
            child.send_signal(signal.SIGINT)


@pytest.mark.real
@pytest.mark.skipif(not shutil.which("ffmpeg"), reason="no ffmpeg here")
def test_make_ward_and_a_node_and_an_officer(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`make ward` without root, `camera-agent run` on the configuration it wrote, and an answer to a signed command."""
    film = tmp_path / "film.mp4"
    drawn = ("ffmpeg", "-v", "error", "-f", "lavfi", "-i", "testsrc=size=320x240:rate=10", "-t", "60", "-g", "10")
    subprocess.run((*drawn, "-c:v", "libx264", "-pix_fmt", "yuv420p", str(film)), check=True, timeout=60)
    base, ports = tmp_path / "ward", ",".join(map(str, asdict(free_ports()).values()))
    log = tmp_path / "agent.log"
    given = ("run", "--directory", str(base), "--ports", ports, "--camera", str(film))
    with program(tmp_path / "ward.log", "deploy.ward", *given) as here:
        assert here.stdout is not None
        told = list(itertools.takewhile(lambda line: not line.startswith("Ctrl-C"), here.stdout))
        assert any("camera-agent run --config" in line for line in told), (tmp_path / "ward.log").read_text()
        with program(log, "agent", "run", "--config", str(base / "node-1/config.yaml")):
            with Desk.of(base / "desk").line() as line:
                line.subscribe("camera/v1/phuong-thu/node-1/availability")
                heard = line.hear(100)
            assert heard is not None, log.read_text()[-2000:]
            assert b"online" in heard.payload
            send = ["send", "node-1", "rebirth", "--json", "--wait", "60", "--desk", str(base / "desk")]
            assert main([*send, "--sign", str(base / "command.key")]) == 0
            assert json.loads(capsys.readouterr().out.splitlines()[-1])["body"]["result"] == "done"
            assert main(send) == 1, "the configuration pins the command key"
    assert here.returncode == 0
