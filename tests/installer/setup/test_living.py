"""A whole node, its setup page opened by the command, over a real broker: from the first look to a saved mask."""

import json
import os
import ssl
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx
import yaml

from agent.access import files, parse
from deploy.ward import Ward
from tests.app.living import ROOT, Ear, Living
from tests.installer import scene
from tests.installer.people import wait_for

NODE = "setup-living"
MASK = {"nha": [[0.0, 0.0], [0.2, 0.0], [0.2, 0.2]]}


class SoonSteady(Living):
    """A node that takes a save for good after a second."""

    module = "tests.installer.setup.soon_steady"


def written(directory: Path, ward: Ward) -> Path:
    """A node with the drawn lane before its camera."""
    video = directory / "lane.mp4"
    scene.write_clip(video)
    zones = {"san": [[0.1, 0.1], [0.9, 0.1], [0.5, 0.9]]}
    camera = {"id": "gate", "source": str(video), "transcode": True, "zones": zones}
    tree = {
        "node": {"ward": "test", "id": NODE, "data_dir": str(directory / "data")},
        "mqtt": {"url": ward.mqtt_url},
        "insecure": True,
        "retention": {"max_days": 3},
        "cameras": [camera],
        "footage": {"segment": "1s"},
        "health": {"interval": "1s"},
        "setup": {"port": 0, "listen": "127.0.0.1"},
    }
    path = directory / "config.yaml"
    path.write_text(yaml.safe_dump(tree, sort_keys=False), encoding="utf-8")
    return path


def command(config: Path, *arguments: str, **env: str) -> subprocess.CompletedProcess[str]:
    """`camera-agent setup`, as a person runs it."""
    return subprocess.run(
        [sys.executable, "-m", "agent", "setup", "--config", str(config), *arguments],
        cwd=ROOT,
        env={**os.environ, "CAMERA_AGENT_LANG": "vi", **env},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def test_without_a_node_the_command_says_what_to_do(tmp_path: Path, ward: Ward) -> None:
    config = written(tmp_path, ward)
    told = command(config)
    assert told.returncode == 1 and "sudo systemctl start camera-agent" in told.stderr and not told.stdout
    assert command(config, "--close").returncode == 0


def test_from_the_command_to_a_saved_mask(tmp_path: Path, ward: Ward, runtime: Path) -> None:
    config, ear = written(tmp_path, ward), Ear(ward, NODE)
    node = SoonSteady(config, tmp_path / "log")

    def health() -> dict[str, Any]:
        return ear.bodies("/health")[-1] if ear.bodies("/health") else {}

    try:
        ear.wait(lambda: any(camera["state"] == "ok" for camera in health().get("cams", ())))
        assert "setup" not in health()
        told = command(config, "--json")
        assert told.returncode == 0, told.stderr
        page = json.loads(told.stdout)
        ear.wait(lambda: health().get("setup", {}).get("why") == "command")

        person = httpx.Client(base_url=page["urls"][0], verify=trusted(tmp_path), timeout=60)
        token = person.post("/api/login", json={"code": page["code"]}).json()["token"]
        sent = {"X-Setup-Token": token}
        assert person.get("/api/cameras/gate/picture.jpg").content.startswith(b"\xff\xd8")
        made = person.post("/api/test", json={"cam": "gate"}, headers=sent).json()["id"]
        wait_for(lambda: person.get("/api/test").json()["state"] == "back")
        assert person.get("/api/test").json()["ms"] < 60_000
        ear.wait(lambda: [each for each in ear.bodies("/cam/gate/event/test") if each["id"] == made and each["test"]])

        kept = person.get("/api/config").json()
        gate = {"id": "gate", "privacy_masks": MASK, "rules": [{"rule": "intrusion", "zone": "san"}]}
        job = person.post("/api/save", json={"hash": kept["hash"], "cameras": [gate]}, headers=sent).json()["job"]
        ear.wait(lambda: [each for each in ear.bodies("/job/") if each["job_id"] == job and each["state"] == "waiting"])
        wait_for(lambda: answers(tmp_path))  # at any free port, most often another than before
        again = httpx.Client(base_url=f"https://127.0.0.1:{port_now(tmp_path)}", verify=trusted(tmp_path), timeout=60)
        again.cookies = person.cookies
        assert again.get("/api/session").json()["logged_in"], "who saved is still logged in"
        wait_for(lambda: again.get("/api/save").json()["state"] == "kept")
        ear.wait(lambda: ear.bodies("/birth")[-1]["config"]["source"] == "page")
        assert again.get("/api/config").json()["cameras"][0]["privacy_masks"] == MASK

        told = command(config, "--close")
        assert told.returncode == 0 and "đóng" in told.stdout
        ear.wait(lambda: "setup" not in health())
    finally:
        node.stop()
        ear.close()
    words = node.words()
    assert "Traceback" not in words and page["code"] not in words and token not in words
    records = [record for line in files.lines(tmp_path / "data" / "access") if (record := parse(line))]
    assert [each.action for each in records if each.action.startswith("setup_")] == [
        "setup_opened",
        "setup_login",
        "setup_test",
        "setup_save",
        "setup_closed",
    ]


def trusted(directory: Path) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=str(directory / "data" / "setup" / "cert.pem"))


def port_now(directory: Path) -> int | None:
    """Where the page is; None while the node begins again."""
    try:
        return int(json.loads((directory / "data" / "setup" / "open.json").read_text(encoding="utf-8"))["port"]) or None
    except (OSError, ValueError):
        return None


def answers(directory: Path) -> bool:
    """Is the page there again?"""
    try:
        url = f"https://127.0.0.1:{port_now(directory)}/api/session"
        return httpx.get(url, verify=trusted(directory), timeout=60).status_code == 200
    except (httpx.HTTPError, httpx.InvalidURL, OSError):
        return False
