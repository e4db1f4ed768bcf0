"""A whole node, paused by its household over its own page: the ward sees it, nothing is kept, it goes on by itself."""

import ssl
from itertools import pairwise
from pathlib import Path
from typing import Any

import av
import httpx
import pytest
import yaml

from agent.clock import NS, Clock
from agent.contract.base import utc
from deploy.ward import Ward
from tests.app.desk import Desk, SureLiving
from tests.app.living import Ear
from tests.installer import scene

# `runtime`: the copy of the access log is named after the node alone, and another run of this test may be under way.
pytestmark = pytest.mark.real
NODE = "household-living"
CODE = "HNHA-2468"


def written(directory: Path, ward: Ward, key: Path) -> Path:
    """A node that the household may pause."""
    video, code = directory / "lane.mp4", directory / "household.code"
    scene.write_clip(video)
    code.write_text(f"{CODE}\n", encoding="utf-8")
    code.chmod(0o600)
    tree = {
        "node": {"ward": "test", "id": NODE, "label": "Ngõ 12", "data_dir": str(directory / "data")},
        "mqtt": {"url": ward.mqtt_url},
        "upload": {"url": ward.upload_url},
        "live": {"url": "rtmp://127.0.0.1:1/live"},
        "commands": {"key": str(key)},
        "insecure": True,
        "retention": {"max_days": 3},
        "cameras": [{"id": "gate", "label": "Cổng", "source": str(video)}],
        "footage": {"segment": "1s"},
        "health": {"interval": "1s"},
        "household": {"port": 0, "listen": "127.0.0.1", "code_file": str(code), "pause": "30m"},
    }
    path = directory / "config.yaml"
    path.write_text(yaml.safe_dump(tree, sort_keys=False, allow_unicode=True), encoding="utf-8")
    return path


class House:
    """The node, the ward's ear and desk, and somebody of the family."""

    def __init__(self, directory: Path, ward: Ward) -> None:
        self.directory = directory
        self.ear = Ear(ward, NODE)
        self.desk = Desk(ward, NODE, self.ear, directory / "keys")
        self.config = written(directory, ward, self.desk.key_file)
        self.node = self.begin()
        self.cookies = httpx.Cookies()
        self.token = ""

    def begin(self) -> SureLiving:
        self.ear.heard.clear()
        self.node = SureLiving(self.config, self.directory / "log")
        self.ear.wait(lambda: "household" in self.health())
        return self.node

    def die(self) -> None:
        """As a power cut does it; when this returns, nothing that it said is still on its way."""
        self.node.kill()
        self.ear.wait(lambda: self.ear.bodies("/availability")[-1]["state"] == "offline")

    def health(self) -> dict[str, Any]:
        found = self.ear.bodies("/health")
        return found[-1] if found else {}

    def gate(self) -> dict[str, Any]:
        found: dict[str, Any] = self.health()["cams"][0]
        return found

    def later(self, reports: int = 2) -> dict[str, Any]:
        """The camera in a report that begins after this call."""
        count = len(self.ear.bodies("/health"))
        self.ear.wait(lambda: len(self.ear.bodies("/health")) >= count + reports)
        return self.gate()

    def faults(self) -> set[str]:
        return set(self.health().get("faults", ()))

    def browser(self) -> httpx.Client:
        trusted = ssl.create_default_context(cafile=str(self.directory / "data" / "setup" / "cert.pem"))
        url = f"https://127.0.0.1:{self.health()['household']['port']}"
        return httpx.Client(base_url=url, verify=trusted, timeout=60, cookies=self.cookies)

    def login(self) -> None:
        with self.browser() as browser:
            self.token = browser.post("/api/login", json={"code": CODE}).json()["token"]
            self.cookies = browser.cookies

    def home(self) -> dict[str, Any]:
        with self.browser() as browser:
            found: dict[str, Any] = browser.get("/api/home").json()
            return found

    def post(self, path: str, **body: Any) -> httpx.Response:
        with self.browser() as browser:
            return browser.post(f"/api/{path}", json=body, headers={"X-Household-Token": self.token})


def test_a_pause_from_the_familys_page(tmp_path: Path, ward: Ward, runtime: Path) -> None:
    house = House(tmp_path, ward)
    ear, desk = house.ear, house.desk
    try:
        ear.wait(lambda: house.gate()["state"] == "ok" and house.gate()["analysed"] > 5)
        house.login()
        home = house.home()
        assert (home["state"], home["pause"]["left"], home["asked"]) == ("records", 2, [])

        # Begun: seen by the ward, and nothing goes on.
        paused = house.post("pause", for_s=1200).json()
        assert paused["state"] == "paused" and 1190 <= paused["pause"]["left_s"] <= 1200
        ear.wait(lambda: house.health().get("paused", {}).get("left_s", 0) > 1000 and "paused" in house.faults())
        ear.wait(lambda: any(body.get("code") == "paused" for body in ear.bodies("/fault/paused")))
        before, after = house.later(2), house.later(1)
        assert after["analysed"] == before["analysed"] and after["recorded_s"] == before["recorded_s"]
        assert after["state"] == "ok", "the camera is not lost"
        looked = desk.ask("live.start", cam="gate")
        assert (looked["result"], looked["code"]) == ("rejected", "busy") and "household" in looked["text"]["en"]
        shot = desk.ask("snapshot", cam="gate")
        assert (shot["result"], shot["code"]) == ("rejected", "busy") and "household" in shot["text"]["en"]

        # A process that dies does not end it, nor does it log the family out.
        house.die()
        house.begin()
        ear.wait(lambda: house.health().get("paused", {}).get("left_s", 0) > 900)
        home = house.home()
        assert home["state"] == "paused" and home["pause"]["left"] == 1
        assert not house.gate().get("recorded_s") and not house.gate()["analysed"]
        told = [(one["what"]["en"], one["given"]) for one in home["asked"]]
        assert ("the live picture was asked for", False) in told and ("a picture was asked for", False) in told

        # Ended early.
        assert house.post("resume").json()["state"] != "paused"
        ear.wait(lambda: "paused" not in house.health() and "paused" not in house.faults())
        ear.wait(lambda: house.gate().get("recorded_s", 0) > 4)

        # A short one ends by itself; then there is none left.
        assert house.post("pause", for_s=4).json()["pause"]["left"] == 0
        begin_ns = Clock().now().wall_ns
        ear.wait(lambda: "paused" in house.health())
        ear.wait(lambda: "paused" not in house.health() and "paused" not in house.faults())
        refused = house.post("pause", for_s=60)
        assert refused.status_code == 409 and refused.json()["error"]["code"] == "pause"
        recorded_s = house.gate()["recorded_s"]
        ear.wait(lambda: house.gate()["recorded_s"] > recorded_s + 2)
        assert house.health()["cams"][0]["gaps"][-1]["cause"] == "paused"

        # The clip around it says why there is a hole, and plays.
        span = {"from_utc": utc(begin_ns - 3 * NS), "to_utc": utc(begin_ns + 7 * NS)}
        wished = desk.first("clip.request", cam="gate", **span)
        assert wished["result"] == "accepted", wished
        job = wished["job_id"]
        ear.wait(lambda: any(one["state"] == "done" for one in desk.job(job)))
        upload = next(one for one in ward.uploaded() if one.clip == job)
        causes = {gap["cause"] for one in desk.job(job) for gap in one.get("gaps") or ()}
        causes |= {gap["cause"] for gap in wished.get("answer", {}).get("clip", {}).get("gaps", ())}
        assert causes == {"paused"}
        with av.open(str(upload.path)) as clip:
            packets = [packet for packet in clip.demux(video=0) if packet.pts is not None]
        steps = [(b.pts - a.pts) * b.time_base for a, b in pairwise(packets)]
        assert packets[0].is_keyframe and packets[steps.index(max(steps)) + 1].is_keyframe
        with av.open(str(upload.path)) as clip:
            assert len(list(clip.decode(video=0))) == len(packets), "every picture can be seen"

        # All of it is on the page.
        ear.wait(lambda: _sent(house.home(), "asked")["count"] == 1)
        home = house.home()
        assert _sent(home, "asked")["bytes"] >= upload.bytes and _sent(home, "reports")["bytes"] > 0
        assert home["newest"][0]["kind"] == "asked" and home["newest"][0]["camera"] == "Cổng"
        assert [one for one in home["asked"] if one["given"] and one["case"] == "C-2026-4"]
    finally:
        house.node.stop()
        desk.close()
        ear.close()
    words = house.node.words()
    assert "Traceback" not in words and CODE not in words and house.token not in words


def _sent(home: dict[str, Any], kind: str) -> dict[str, Any]:
    found: dict[str, Any] = next(one for one in home["days"][0]["sent"] if one["kind"] == kind)
    return found
