"""A whole node shows the picture of now: command and broker, nginx-rtmp, footage without a gap, masks, a crash."""

import json
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from ulid import ULID

from agent.clock import Clock
from agent.contract.base import utc
from deploy import assets
from deploy.stand_in.media import Media
from deploy.ward import Ward
from tests.app.desk import SureLiving
from tests.app.living import Ear, Living, write_config
from tests.capture.masking import TOLERANCE, planes, worst
from tests.uplink.live.conftest import started
from tests.uplink.live.pushing import seen

pytestmark = pytest.mark.real
BY = {"officer": "O-17", "case": "C-2026-4", "reason": "theft at the gate"}
WALL = [[0.0, 0.6], [0.3, 0.6], [0.3, 1.0], [0.0, 1.0]]
BLURRED = 8  # how far a low rate may blur the neighbours of a mask into its edge


@pytest.fixture(scope="module", autouse=True)
def material() -> None:
    if assets.find_street_video() is None or assets.find_ssd_model() is None:
        pytest.skip("the street video and the model are not here (make assets)")


@pytest.fixture
def media(tmp_path: Path) -> Iterator[Media]:
    with started(tmp_path / "media") as running:
        yield running


class Asked:
    """A node with a media server, and an officer who asks."""

    def __init__(self, ward: Ward, directory: Path, media: Media, **changes: Any) -> None:
        self.name = f"live-{uuid.uuid4().hex[:8]}"
        self.ear = Ear(ward, self.name)
        live = {"url": media.push_url, "keepalive": "30s", "max": "60s"} | changes.pop("live", {})
        self.config = write_config(directory, ward, self.name, live=live, **changes)
        self.log = directory / "log"
        self.node = SureLiving(self.config, self.log)
        self.data = directory / "data"

    def __enter__(self) -> "Asked":
        self.ear.wait(lambda: self.health(lambda cam: cam["state"] == "ok" and cam["fps"] > 1))
        return self

    def __exit__(self, *_: object) -> None:
        if self.node.process.poll() is None:
            self.node.stop()
        self.ear.close()

    def order(self, command: str, **fields: Any) -> str:
        """Publish a command; its id."""
        request = str(ULID())
        body = {"request_id": request, "issued_utc": utc(Clock().now().wall_ns), "expires_in_s": 60} | fields
        self.ear._client.publish(f"camera/v1/test/{self.name}/cmd/{command}", json.dumps(body), qos=1)
        return request

    def answer(self, request: str) -> dict[str, Any]:
        self.ear.wait(lambda: self.ear.bodies(f"/rsp/{request}"))
        return self.ear.bodies(f"/rsp/{request}")[0]

    def job(self, request: str, state: str) -> dict[str, Any]:
        self.ear.wait(lambda: any(body["state"] == state for body in self.ear.bodies(f"/job/{request}")))
        return next(body for body in self.ear.bodies(f"/job/{request}") if body["state"] == state)

    def health(self, true: Callable[[dict[str, Any]], bool]) -> bool:
        return any(true(cam) for body in self.ear.bodies("/health")[-1:] for cam in body["cams"])

    def missing_s(self) -> float:
        """Of the footage, since the start; in a report that begins after this call."""
        count = len(self.ear.bodies("/health"))
        self.ear.wait(lambda: len(self.ear.bodies("/health")) > count + 1)
        cam = self.ear.bodies("/health")[-1]["cams"][0]
        assert cam["state"] == "ok"
        return float(cam["gap_s"])

    def accesses(self) -> list[dict[str, Any]]:
        lines = [line for file in sorted((self.data / "access").glob("*.log")) for line in file.open()]
        return [json.loads(line) for line in lines]


def test_an_officer_looks_and_looks_away(ward: Ward, media: Media, tmp_path: Path) -> None:
    video = assets.find_street_video()
    assert video is not None
    with Asked(ward, tmp_path, media) as asked:
        ear = asked.ear
        assert {"live.start", "live.keepalive", "live.stop"} <= set(ear.bodies("/birth")[-1]["capabilities"])
        before_s = asked.missing_s()
        request = asked.order("live.start", cam="gate", by=BY)
        answer = asked.answer(request)
        assert answer["result"] == "accepted", json.dumps(answer)
        assert answer["answer"]["live"]["keepalive_s"] == 30.0
        assert asked.job(request, "uploading")["kind"] == "live"
        pictures = seen(media.play_url(f"{asked.name}.gate"), 10)
        ear.wait(lambda: asked.health(lambda cam: cam["watched"]))
        assert asked.answer(asked.order("live.keepalive", job_id=request))["result"] == "done"
        second = asked.answer(asked.order("live.start", cam="gate", by=BY))
        assert (second["result"], second["code"]) == ("rejected", "busy")
        assert asked.answer(asked.order("live.stop", job_id=request))["result"] == "done"
        done = asked.job(request, "done")
        assert done["bytes_sent"] > 1000 and "closed" in done["reason"]["en"]
        ear.wait(lambda: asked.health(lambda cam: not cam["watched"]))
        assert asked.answer(asked.order("live.keepalive", job_id=request))["code"] == "not_found"
        assert asked.missing_s() == before_s, "footage goes on meanwhile"
    if answer["answer"]["live"]["encoded"]:
        assert pictures[0].width <= 640
    told = [(line["action"], line["result"], line["by"]) for line in asked.accesses()]
    assert ("live", "granted", "O-17") in told and ("live", "busy", "O-17") in told
    assert any(action == "live_end" and result.startswith(str(done["bytes_sent"])) for action, result, _ in told)
    assert "Traceback" not in asked.node.words()


@pytest.mark.long("a whole node that is left alone")
def test_it_ends_by_itself_when_nobody_says_that_they_look(ward: Ward, media: Media, tmp_path: Path) -> None:
    with Asked(ward, tmp_path, media, live={"keepalive": "5s"}) as asked:
        request = asked.order("live.start", cam="gate", by=BY)
        assert "somebody still looks" in asked.job(request, "done")["reason"]["en"]


def test_masks_are_black_in_what_arrives(ward: Ward, media: Media, tmp_path: Path) -> None:
    video = assets.find_street_video()
    assert video is not None
    gate = {
        "id": "gate",
        "source": str(video.path),
        "transcode": True,
        "encode_cpu": 4,
        "privacy_masks": {"wall": WALL},
    }
    with Asked(ward, tmp_path, media, cameras=[gate]) as asked:
        for limits in ({}, {"max_kbps": 300}):  # the masked stream itself, and small pictures made of masked frames
            request = asked.order("live.start", cam="gate", by=BY, **limits)
            encoded = asked.answer(request)["answer"]["live"]["encoded"]
            pictures = seen(media.play_url(f"{asked.name}.gate"), 10)
            asked.order("live.stop", job_id=request)
            asked.job(request, "done")
            for picture in pictures:
                assert worst(planes(picture), [WALL]) <= (BLURRED if encoded else TOLERANCE)
                assert planes(picture)[0][: picture.height // 2].std() > 20
        assert encoded, "a limit below the stream's rate makes small pictures"


@pytest.mark.long("two lives of a whole node")
@pytest.mark.fault("L5", "kill -9 of the node while the ward looks")
def test_after_a_crash_nothing_goes_on_and_the_ward_is_told(ward: Ward, media: Media, tmp_path: Path) -> None:
    with Asked(ward, tmp_path, media) as asked:
        request = asked.order("live.start", cam="gate", by=BY)
        asked.job(request, "uploading")
        seen(media.play_url(f"{asked.name}.gate"), 2)
        asked.node.kill()
        asked.node = SureLiving(asked.config, asked.log)
        failed = asked.job(request, "failed")
        assert "started anew" in failed["error"]["en"] and failed["cam"] == "gate"
        assert not (asked.data / "live.json").exists()
        asked.ear.wait(lambda: asked.health(lambda cam: cam["state"] == "ok" and not cam["watched"]))


def test_a_node_without_a_media_server_cannot_and_does_not_claim_to(ward: Ward, tmp_path: Path) -> None:
    name = f"live-{uuid.uuid4().hex[:8]}"
    ear = Ear(ward, name)
    node = Living(write_config(tmp_path, ward, name), tmp_path / "log")
    try:
        ear.wait(lambda: ear.bodies("/birth"))
        assert "live.start" not in ear.bodies("/birth")[-1]["capabilities"]
    finally:
        assert node.stop() == 0
        ear.close()


@pytest.mark.long("the cap has to pass")
@pytest.mark.fault("L6", "the media server stops reading while the node records")
def test_a_server_that_stops_reading_leaves_no_hole_in_the_footage(ward: Ward, media: Media, tmp_path: Path) -> None:
    with Asked(ward, tmp_path, media, live={"max": "15s"}) as asked:
        before_s = asked.missing_s()
        request = asked.order("live.start", cam="gate", by=BY)
        seen(media.play_url(f"{asked.name}.gate"), 2)
        media.freeze()
        # What fits into the buffers on the way is taken even so: then the cap ends it.
        asked.ear.wait(lambda: {body["state"] for body in asked.ear.bodies(f"/job/{request}")} & {"done", "failed"})
        media.thaw()
        assert asked.missing_s() == before_s
