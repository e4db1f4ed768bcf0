"""A whole node whose ward changes its configuration, over a real broker; the process begins again by itself."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy import assets
from deploy.ward import Ward
from tests.app.living import Living
from tests.settings.asking import Asking, changed, write_node

pytestmark = pytest.mark.real


@pytest.fixture(autouse=True)
def material() -> None:
    if assets.find_street_video() is None or assets.find_ssd_model() is None:
        pytest.skip("the street video and the model are not here (make assets)")


@pytest.fixture
def asking(ward: Ward, request: pytest.FixtureRequest) -> Iterator[Asking]:
    asking = Asking(ward, name_of(request))
    yield asking
    asking.close()


def name_of(request: pytest.FixtureRequest) -> str:
    return str(request.node.name).replace("_", "-")[:40].strip("-")


def test_a_good_configuration_stays_and_can_be_taken_back(
    ward: Ward, asking: Asking, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    file = write_node(tmp_path, ward, name_of(request))
    node = Living(file, tmp_path / "log")
    try:
        asking.wait(lambda: asking.ear.bodies("/health"))
        first = asking.ask("config.get")["answer"]["config"]
        assert first["source"] == "file" and first["hash"] == asking.birth()["hash"]
        assert asking.ask("config.apply", yaml=first["yaml"])["result"] == "done", "what get gave is in use"

        wanted = changed(file, analysis_fps=3.0, label="Cổng sau")
        answer = asking.ask("config.apply", yaml=wanted, replaces=first["hash"])
        assert answer["result"] == "accepted" and answer["job_id"] == answer["request_id"], answer
        assert asking.ended(answer["job_id"])["state"] == "done", node.words()
        assert asking.jobs(answer["job_id"]) == ["planned", "waiting", "done"]
        asking.wait(lambda: asking.birth()["source"] == "ward" and not asking.birth()["trial"])
        applied = asking.ask("config.get")["answer"]["config"]
        assert (applied["source"], applied["hash"]) == ("ward", answer["answer"]["config"]["hash"])
        assert "Cổng sau" in applied["yaml"]

        back = asking.ask("config.rollback")
        assert asking.ended(back["job_id"])["state"] == "done", node.words()
        asking.wait(lambda: asking.birth() == {**asking.birth(), "source": "file", "trial": False})
        assert asking.ask("config.get")["answer"]["config"] == first
        assert asking.ask("config.rollback")["code"] == "not_found"
    finally:
        assert node.stop() == 0
    assert "Traceback" not in node.words()
