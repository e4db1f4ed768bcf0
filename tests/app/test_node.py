"""The whole node on real video against a real broker and a real tus server."""

import re
import socket
from collections.abc import Iterator
from pathlib import Path

import av
import pytest

from agent.config.load import load_config
from agent.evidence.check import check
from agent.evidence.public import parse_public
from agent.pipeline import load_eyes
from agent.tools.replay import Replay, ReplayOptions, numbered
from deploy import assets
from deploy.ward import Ward
from tests.app.living import Ear, Living, write_config

pytestmark = pytest.mark.real


@pytest.fixture(scope="module", autouse=True)
def material() -> None:
    if assets.find_street_video() is None or assets.find_ssd_model() is None:
        pytest.skip("the street video and the model are not here (make assets)")


@pytest.fixture
def ear(ward: Ward, request: pytest.FixtureRequest) -> Iterator[Ear]:
    ear = Ear(ward, node_name(request))
    yield ear
    ear.close()


def node_name(request: pytest.FixtureRequest) -> str:
    return str(request.node.name).replace("_", "-")[:40].strip("-")


def test_from_a_picture_to_an_event_and_a_clip_at_the_ward(
    ward: Ward, ear: Ear, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    config = write_config(tmp_path, ward, node_name(request))
    node = Living(config, tmp_path / "log")
    try:
        ear.wait(lambda: ear.bodies("/event/line_crossing") and ear.bodies("/health"))
        ear.wait(lambda: any(body["media"]["clip"]["state"] == "uploaded" for body in ear.bodies("/event/")))
    finally:
        code = node.stop()
    ear.wait(lambda: ear.bodies("/availability")[-1]["state"] == "stopped")
    assert code == 0, node.words()
    assert "Traceback" not in node.words()

    birth = ear.bodies("/birth")[0]
    assert birth["models"][0]["name"] == "ssdlite_mobilenet_v2_300"
    first = {body["id"]: body for body in reversed(ear.bodies("/event/intrusion"))}
    start = next(iter(first.values()))
    assert (start["rev"], start["phase"], start["severity"]) == (1, "start", "alert")
    assert start["config_hash"] == birth["config"]["hash"]
    thumbs = [payload for topic, payload in ear.heard if "/thumb/" in topic]
    assert thumbs and all(thumb[:2] == b"\xff\xd8" and len(thumb) <= 40_000 for thumb in thumbs)

    told = next(body for body in ear.bodies("/event/") if body["media"]["clip"]["state"] == "uploaded")
    clip = next(item for item in ward.uploaded() if item.clip == told["id"])
    assert clip.intact() and clip.sha256 == told["media"]["clip"]["sha256"]
    with av.open(str(clip.path)) as container:
        assert sum(1 for _ in container.decode(video=0)) >= 10

    manifest = next(item for item in ward.uploaded() if item.clip == f"{told['id']}.manifest")
    assert manifest.sha256 == told["media"]["clip"]["manifest"]["sha256"]
    verdict = check(clip.path, manifest.path, parse_public(birth["evidence"]["public_key"]))
    assert verdict.state.genuine, verdict.findings

    camera = ear.bodies("/health")[-1]["cams"][0]
    assert (camera["state"], camera["vision"], camera["encoder"]) == ("ok", "objects", "passthrough")
    assert ear.bodies("/state/line-crossing-gate")[-1]["total_in"] is not None
    ends = {body["id"] for body in ear.bodies("/event/") if body["phase"] == "end"}
    assert set(first) <= ends, "a stop ends what is open"


@pytest.mark.fault("A1", "kill -9 of the whole node in the middle of an event")
def test_kill_9_in_the_middle_of_an_event_ends_it_after_the_restart(
    ward: Ward, ear: Ear, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    config = write_config(tmp_path, ward, node_name(request))
    node = Living(config, tmp_path / "log")
    ear.wait(lambda: ear.bodies("/event/intrusion"))
    node.kill()
    started = ear.bodies("/event/intrusion")[0]
    again = Living(config, tmp_path / "log")
    try:
        ear.wait(
            lambda: any(
                body["id"] == started["id"] and body.get("end_reason") == "restart"
                for body in ear.bodies("/event/intrusion")
            )
        )
        ear.wait(lambda: any(body["id"] != started["id"] for body in ear.bodies("/event/intrusion")))
    finally:
        assert again.stop() == 0
    for path in (tmp_path / "data" / "footage").rglob("*.mp4"):
        with av.open(str(path)) as container:
            assert sum(1 for _ in container.decode(video=0)) > 0, path


@pytest.mark.long("two nodes, and the lock has tests of its own")
@pytest.mark.fault("A16", "a second whole node on one data directory")
def test_two_agents_on_one_data_directory_do_not_mix(
    ward: Ward, ear: Ear, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    config = write_config(tmp_path, ward, node_name(request))
    node = Living(config, tmp_path / "log")
    try:
        ear.wait(lambda: ear.bodies("/birth"))
        second = Living(config, tmp_path / "second.log")
        assert second.process.wait(60) == 78
        assert str(node.process.pid) in second.words()
        assert "Traceback" not in second.words()
    finally:
        assert node.stop() == 0


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"detection": {"model": "/nowhere/model.onnx"}}, "model_missing"),
        ({"cameras": [{"id": "gate", "source": "/nowhere/video.mp4"}]}, "camera_file"),
        pytest.param(
            *({"upload": {"url": "http://127.0.0.1:9/files"}}, "upload_unreachable"),
            marks=pytest.mark.long("a clip has to be finished before it can be sent"),
        ),
        pytest.param(*({"page": {"port": 1}}, "page_port"), marks=pytest.mark.long("as the others")),
    ],
    ids=["model", "camera", "upload", "page"],
)
def test_what_is_broken_is_a_fault_and_the_rest_goes_on(
    ward: Ward, tmp_path: Path, changes: dict[str, object], code: str
) -> None:
    name = f"broken-{code.replace('_', '-')}"
    if code == "page_port":
        changes = {"page": {"port": ward.mqtt_port}}
    ear = Ear(ward, name)
    node = Living(write_config(tmp_path, ward, name, **changes), tmp_path / "log")
    try:
        ear.wait(lambda: ear.bodies(f"/fault/{code}"))
        ear.wait(lambda: ear.bodies("/health"))
    finally:
        assert node.stop() == 0
        ear.close()
    fault = ear.bodies(f"/fault/{code}")[0]
    assert fault["text"]["vi"] and fault["remedy"]["en"]
    assert "Traceback" not in node.words()


def test_live_finds_exactly_what_replay_finds(ward: Ward, tmp_path: Path) -> None:
    name = "live-is-replay"
    ear = Ear(ward, name)
    config = write_config(tmp_path, ward, name)
    node = Living(config, tmp_path / "log")
    try:
        ear.wait(lambda: len(ear.bodies("/event/line_crossing")) >= 2)
    finally:
        assert node.stop() == 0
        ear.close()
    first = re.search(r"first frame analysed .*mono_ms=(\d+)", node.words())
    assert first is not None
    camera = ear.bodies("/health")[-1]["cams"][0]
    # Under load the model's budget shrinks; a replay has all of it.
    if camera["dropped"] or camera["inferences_refused"]:
        pytest.skip(f"this machine was too busy: {camera['dropped']} frames, {camera['inferences_refused']} inferences")
    starts = {(body["rule_id"], body["mono_ms"] - int(first[1])) for body in ear.bodies("/event/") if body["rev"] == 1}
    last_ms = max(media_ms for _, media_ms in starts)
    settings = load_config(config)
    options = ReplayOptions(Path(settings.cameras[0].source), settings, until_s=last_ms / 1000 + 0.3)
    replayed = [event for event, revision in numbered(Replay(options, load_eyes(settings.detection))) if revision == 1]
    expected = {(event.rule_id, event.at.mono_ns // 10**6) for event in replayed}
    assert {item for item in expected if item[1] <= last_ms} == starts


def test_systemd_hears_ready_status_watchdog_and_stopping(ward: Ward, tmp_path: Path) -> None:
    name = "under-systemd"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
        systemd.bind(str(tmp_path / "notify"))
        systemd.settimeout(60)
        config = write_config(tmp_path, ward, name)
        node = Living(config, tmp_path / "log", NOTIFY_SOCKET=str(tmp_path / "notify"), WATCHDOG_USEC="4000000")
        heard = ""
        try:
            while not all(word in heard for word in ("READY=1", "WATCHDOG=1", "1/1 camera, đã kết nối với phường")):
                heard += systemd.recv(4096).decode() + "\n"
        finally:
            assert node.stop() == 0
        while "STOPPING=1" not in heard:
            heard += systemd.recv(4096).decode() + "\n"
    # One comes before READY: a process that began again inherits the watchdog that runs.
    assert heard.index("READY=1") < heard.rindex("WATCHDOG=1") < heard.index("STOPPING=1")
