"""The whole node with its ring in memory, against a real broker and a real tus server; killed half-way."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from agent.app.ring import in_memory
from deploy import assets
from deploy.ward import Ward
from tests.app.living import Ear, Living, write_config

pytestmark = pytest.mark.real
NODE = "events-mode"
SECTION = {"mode": "events", "memory": "24MB", "segment": "1s", "pre_roll": "1s", "post_roll": "1s", "max_clip": "5s"}


@pytest.fixture
def runtime() -> Iterator[Path]:
    if assets.find_street_video() is None or assets.find_ssd_model() is None:
        pytest.skip("the street video and the model are not here (make assets)")
    if not in_memory(Path("/dev/shm")):
        pytest.skip("no file system in memory here")
    directory = Path(tempfile.mkdtemp(dir="/dev/shm"))
    yield directory
    shutil.rmtree(directory, ignore_errors=True)


@pytest.mark.long("two lives of a whole node")
@pytest.mark.fault("A1", "kill -9 of a node whose ring is in memory")
def test_clips_reach_the_ward_from_a_ring_in_memory_also_after_kill_9(
    ward: Ward, tmp_path: Path, runtime: Path
) -> None:
    ear = Ear(ward, NODE)
    config = write_config(tmp_path, ward, NODE, footage=SECTION)
    node = Living(config, tmp_path / "log", RUNTIME_DIRECTORY=str(runtime))

    def uploaded() -> set[str]:
        return {body["id"] for body in ear.bodies("/event/") if body["media"]["clip"]["state"] == "uploaded"}

    try:
        ear.wait(uploaded)
        node.kill()
        before = uploaded()
        assert list(runtime.glob(f"footage-{NODE}-*/gate/*.mp4"))
        node = Living(config, tmp_path / "log", RUNTIME_DIRECTORY=str(runtime))
        ear.wait(lambda: uploaded() - before)
        ear.wait(lambda: any(body["cams"][0].get("footage_memory_bytes") for body in ear.bodies("/health")))
    finally:
        code = node.stop()
        ear.close()
    assert code == 0 and "Traceback" not in node.words(), node.words()
    assert list((tmp_path / "data" / "footage" / "gate").glob("*.mp4"))
