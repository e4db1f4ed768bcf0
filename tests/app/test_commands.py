"""Every command about footage and the node, through a real broker and a real tus server, to a whole node."""

from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import av
import pytest

from agent.access import AccessLog
from agent.clock import Clock
from deploy import assets
from deploy.ward import Ward
from tests.app.desk import Desk, SureLiving
from tests.app.living import Ear, write_config

pytestmark = pytest.mark.real
RECORDED_S = 8.0


class House:
    """A living node, the desk that speaks to it, and where it keeps things."""

    def __init__(self, ward: Ward, name: str, directory: Path, **changes: Any) -> None:
        self.ward = ward
        self.ear = Ear(ward, name)
        self.desk = Desk(ward, name, self.ear, directory)
        changes = {"commands": {"key": str(self.desk.key_file)}} | changes
        self.config = write_config(directory, ward, name, **changes)
        self.data = directory / "data"
        self.log = directory / "log"
        self.node = SureLiving(self.config, self.log)
        self.ear.wait(lambda: self.ear.bodies("/health"))  # said after it has subscribed

    def recorded(self) -> dict[str, Any]:
        """The page of all footage, once there is some."""
        self.ear.wait(lambda: (self.ear.bodies("/health")[-1]["cams"][0].get("recorded_s") or 0) > RECORDED_S)
        answer = self.desk.ask("footage.list", cam="gate")
        assert answer["result"] == "done", answer
        page: dict[str, Any] = answer["answer"]["footage"]
        return page

    def noted(self) -> list[tuple[str, str]]:
        """Action and result of each line of the access log."""
        log = AccessLog(self.data / "access", Clock())
        return [(record.action, record.result) for record in log.records()]

    def close(self) -> None:
        self.node.kill()
        self.desk.close()
        self.ear.close()


@pytest.fixture
def house(ward: Ward, tmp_path: Path, runtime: Path, request: pytest.FixtureRequest) -> Iterator[House]:
    if assets.find_street_video() is None:
        pytest.skip("the street video is not here (make assets)")
    name = str(request.node.name).replace("_", "-")[5:40].strip("-")
    house = House(ward, name, tmp_path, detection={})
    yield house
    house.close()


def later(text: str, seconds: float) -> str:
    stamp = datetime.fromisoformat(text.replace("Z", "+00:00")) + timedelta(seconds=seconds)
    return stamp.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def days(number: float) -> str:
    stamp = datetime.now(timezone.utc) + timedelta(days=number)
    return stamp.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def test_all_that_a_ward_may_ask_of_a_node(house: House) -> None:
    desk, ear = house.desk, house.ear
    page = house.recorded()
    first, last = page["ranges"][0]["from_utc"], page["ranges"][-1]["to_utc"]
    assert page["bytes"] == sum(one["bytes"] for one in page["ranges"]) > 0
    assert desk.ask("footage.list", cam="attic")["code"] == "not_found"

    held = desk.ask("hold.add", cam="gate", from_utc=first, to_utc=later(first, 2), until_utc=days(3))
    assert held["answer"]["hold"]["hold_id"] == held["request_id"] and held["answer"]["hold"]["bytes"] > 0
    late = desk.ask("hold.add", cam="gate", from_utc=first, to_utc=last, until_utc=days(300))
    assert late["code"] == "schema" and late["text"]["vi"] != late["text"]["en"]
    assert desk.ask("hold.release", hold_id=held["request_id"])["result"] == "done"
    assert desk.ask("hold.release", hold_id=held["request_id"])["code"] == "not_found"

    checks = desk.ask("selftest")["answer"]["checks"]
    rows = {row["name"]: row for row in checks}
    assert rows["camera gate"]["state"] == "ok" and rows["clock"]["state"] in ("ok", "warn")
    assert rows["line"]["state"] == "warn", "plain text is told"
    assert all(row["text"]["vi"] and row["text"]["en"] for row in checks)

    assert desk.first("identify", for_s="5")["code"] == "not_capable", "no light and no page here"

    shot = desk.ask("snapshot", cam="gate")
    assert shot["result"] == "done", shot
    ear.wait(lambda: any(one["state"] == "done" for one in desk.job(shot["job_id"])))
    (file,) = desk.job(shot["job_id"])[-1]["files"]
    assert desk.job(shot["job_id"])[-1]["kind"] == "snapshot" and file["name"].endswith(".jpg")
    upload = next(one for one in house.ward.uploaded() if one.clip == shot["job_id"])
    assert upload.intact() and upload.sha256 == file["sha256"]
    with av.open(str(upload.path)) as picture:
        shown = next(picture.decode(video=0))
    with av.open(str(assets.find_street_video().path)) as video:  # type: ignore[union-attr]
        stream = video.streams.video[0]
        assert (shown.width, shown.height) == (stream.width, stream.height), "the full picture, not the small one"
    taken = datetime.fromisoformat(file["from_utc"].replace("Z", "+00:00"))
    assert timedelta() <= datetime.now(timezone.utc) - taken < timedelta(seconds=90)

    wished = desk.first("clip.request", cam="gate", from_utc=first, to_utc=later(first, 2))
    job = wished["job_id"]
    ear.wait(lambda: any(one["state"] == "done" for one in desk.job(job)))
    assert desk.first("clip.cancel", job_id=job)["code"] == "not_found", "it is over"

    noted = house.noted()
    for line in (
        ("list", "granted"),
        ("list", "not_found"),
        ("hold", "granted"),
        ("hold", "schema"),
        ("release", "granted"),
        ("snapshot", "granted"),
        ("clip", "granted"),
        ("cancel", "not_found"),
    ):
        assert line in noted, line  # fmt: skip
    assert house.node.stop() == 0
    assert "Traceback" not in house.node.words()


@pytest.mark.long("two lives of a whole node")
def test_restart_is_answered_before_and_after_and_not_given_twice(house: House) -> None:
    desk, ear = house.desk, house.ear
    pid, births = house.node.process.pid, len(ear.bodies("/birth"))
    request_id = desk.send("restart")
    ear.wait(lambda: desk.answers(request_id))
    assert desk.answers(request_id)[0]["result"] == "accepted"
    assert desk.ended(request_id)["result"] == "done"
    ear.wait(lambda: len(ear.bodies("/birth")) > births)
    first, second = ear.bodies("/birth")[0], ear.bodies("/birth")[-1]
    assert first["session"] != second["session"]
    assert house.node.process.poll() is None and house.node.process.pid == pid, "the same process, begun again"
    again = desk.first("restart")
    assert again["code"] == "rate_limited" and "min" in again["text"]["en"]
    assert house.noted().count(("restart", "granted")) == 1
    assert house.node.stop() == 0
