"""A whole node whose ward changes its configuration, over a real broker; the process begins again by itself."""

import hashlib
import random
import signal
import socket
import stat
import threading
from collections.abc import Iterator
from pathlib import Path
from subprocess import TimeoutExpired
from typing import Any

import pytest

from agent.access import files, parse
from agent.app.escalate import RESTART_CODE
from agent.settings import in_use
from deploy import assets
from deploy.ward import Ward
from tests.app.living import Living
from tests.settings.asking import Asking, changed, write_node

pytestmark = pytest.mark.real
KILLS = 20


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
    """One for each case: what the broker retains is of one node."""
    return f"config-{hashlib.sha256(str(request.node.name).encode()).hexdigest()[:12]}"


def test_a_good_configuration_stays_and_can_be_taken_back(
    ward: Ward, asking: Asking, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    file = write_node(tmp_path, ward, name_of(request))
    systemd = Systemd(tmp_path / "notify")
    node = Living(file, tmp_path / "log", NOTIFY_SOCKET=str(tmp_path / "notify"))
    try:
        asking.ready()
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
        assert systemd.heard.count("READY=1") == 3 and "STOPPING=1" not in systemd.heard
    finally:
        assert node.stop() == 0
    assert "Traceback" not in node.words()


class Systemd:
    """Hears what a service tells of itself."""

    def __init__(self, path: Path) -> None:
        self.heard = ""
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(str(path))
        threading.Thread(target=self._hear, daemon=True).start()

    def _hear(self) -> None:
        while True:
            self.heard += self._socket.recv(4096).decode() + "\n"


class Harmful(Living):
    """Some configurations harm this one."""

    module = "tests.settings.harmful_node"


def harmful(rule: str) -> list[dict[str, Any]]:
    """Rules that harm the node of tests/settings/harmful_node.py."""
    return [{"rule": "tamper", "id": rule}]


@pytest.mark.long("the whole trial has to pass")
@pytest.mark.fault("config", "a candidate under which analysis breaks, in a whole node")
def test_a_candidate_that_does_not_work_goes_and_the_last_good_one_is_back(
    ward: Ward, asking: Asking, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    file = write_node(tmp_path, ward, name_of(request))
    node = Harmful(file, tmp_path / "log")
    try:
        asking.ready()
        first = asking.birth()["hash"]
        answer = asking.ask("config.apply", yaml=changed(file, rules=harmful("breaks")), window_s=30)
        ended = asking.ended(answer["job_id"])
        assert ended["state"] == "failed" and "last good configuration is back" in ended["error"]["en"]
        assert "vision-gate" in ended["error"]["en"], ended
        asking.wait(lambda: (asking.birth()["hash"], asking.birth()["trial"]) == (first, False))
        assert asking.ask("config.get")["answer"]["config"]["hash"] == first
    finally:
        node.stop()


@pytest.mark.parametrize(
    ("harm", "end", "words"),
    [
        pytest.param(
            *("hangs", RESTART_CODE, "camera gate is analysed"), marks=pytest.mark.long("the whole trial has to pass")
        ),
        ("dies", -signal.SIGKILL, "started anew"),
        pytest.param(*("holds", -signal.SIGALRM, "started anew"), marks=pytest.mark.long("an alarm has to pass")),
    ],
)
@pytest.mark.fault("config", "a candidate that hangs, kills the process or holds it for ever, in a whole node")
def test_a_candidate_that_takes_the_process_with_it_is_tried_once(
    ward: Ward, asking: Asking, tmp_path: Path, request: pytest.FixtureRequest, harm: str, end: int, words: str
) -> None:
    """Whoever starts services starts it again, as systemd does."""
    file = write_node(tmp_path, ward, name_of(request))
    node = Harmful(file, tmp_path / "log")
    asking.ready()
    first = asking.birth()["hash"]
    job = asking.say("config.apply", yaml=changed(file, rules=harmful(harm)), window_s=30)
    assert node.process.wait(120) == end, node.words()
    again = Harmful(file, tmp_path / "log")
    try:
        ended = asking.ended(job)
        assert ended["state"] == "failed" and words in ended["error"]["en"]
        asking.wait(lambda: (asking.birth()["hash"], asking.birth()["trial"]) == (first, False))
    finally:
        assert again.stop() == 0


@pytest.mark.long("the whole trial has to pass")
@pytest.mark.fault("config", "the model is gone while a configuration is applied, in a whole node")
def test_what_lacks_is_named_when_the_model_is_gone(
    ward: Ward, asking: Asking, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    found = assets.find_ssd_model()
    assert found is not None
    model = tmp_path / "model.onnx"
    model.write_bytes(found.read_bytes())
    file = write_node(tmp_path, ward, name_of(request), detection={"model": str(model)})
    node = Living(file, tmp_path / "log")
    try:
        asking.ready()
        model.unlink()
        answer = asking.ask("config.apply", yaml=changed(file, analysis_fps=3.0), window_s=30)
        ended = asking.ended(answer["job_id"])
        assert ended["state"] == "failed" and "the model does not run" in ended["error"]["en"]
    finally:
        assert node.stop() == 0


def test_what_cannot_be_taken_is_refused_and_says_where(
    ward: Ward, asking: Asking, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    file = write_node(tmp_path, ward, name_of(request))
    node = Living(file, tmp_path / "log")
    try:
        asking.ready()
        wrong = changed(file, analysis_fps="fast", rules=[{"rule": "intrusion", "zone": "raod"}])
        validated = asking.ask("config.validate", yaml=wrong)
        mistakes = validated["answer"]["config"]["mistakes"]
        assert validated["result"] == "done"
        assert {each["path"] for each in mistakes} == {"cameras[0].analysis_fps", "cameras[0].rules[0].zone"}
        assert all(each["line"] > 1 and each["text"]["vi"] != each["text"]["en"] for each in mistakes)
        refused = asking.ask("config.apply", yaml=wrong)
        assert (refused["result"], refused["code"]) == ("rejected", "schema")
        assert refused["answer"]["config"]["mistakes"] == mistakes

        elsewhere = changed(file).replace(ward.mqtt_url, "mqtt://evil.example:1883")
        locked = asking.ask("config.apply", yaml=elsewhere)
        assert (locked["code"], "mqtt.url" in locked["text"]["vi"]) == ("unauthorised", True), locked
        assert locked["answer"]["config"]["mistakes"][0]["path"].startswith("mqtt.url")
        another = asking.ask("config.apply", yaml=changed(file, analysis_fps=3.0), replaces="0" * 64)
        assert another["code"] == "not_found"
        assert asking.birth()["source"] == "file" and len(asking.ear.bodies("/birth")) == 1, "nothing began again"
        records = [parse(line) for line in files.lines(tmp_path / "data" / "access")]
        results = [record.result for record in records if record is not None and record.action == "config"]
        assert results == ["schema", "unauthorised", "not_found"]
    finally:
        assert node.stop() == 0


def test_without_a_pinned_key_nobody_applies_anything(
    ward: Ward, asking: Asking, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    file = write_node(tmp_path, ward, name_of(request), commands={})
    node = Living(file, tmp_path / "log")
    try:
        asking.ready()
        for command, more in (("config.apply", {"yaml": changed(file, analysis_fps=3.0)}), ("config.rollback", {})):
            request_id = asking.say(command, **more)
            asking.wait(lambda: asking.ear.bodies(f"/rsp/{request_id}"))  # noqa: B023
            assert asking.ear.bodies(f"/rsp/{request_id}")[0]["code"] == "unauthorised"
    finally:
        assert node.stop() == 0


@pytest.mark.long("three lives of a whole node")
@pytest.mark.fault("config", "the installer's file breaks under a node that the ward configured")
def test_a_broken_file_leaves_the_last_good_one_and_an_edit_wins(
    ward: Ward, asking: Asking, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    file = write_node(tmp_path, ward, name_of(request))
    text = file.read_text(encoding="utf-8")
    node = Living(file, tmp_path / "log")
    asking.ready()
    answer = asking.ask("config.apply", yaml=changed(file, analysis_fps=3.0), window_s=30)
    assert asking.ended(answer["job_id"])["state"] == "done"
    assert node.stop() == 0

    file.write_text(text.replace("retention:", "retension:"), encoding="utf-8")
    node = Living(file, tmp_path / "log")
    asking.wait(lambda: asking.ear.bodies("/birth")[-1]["config"]["last_known_good"])
    asking.wait(lambda: asking.ear.bodies("/fault/config_broken"))
    fault = asking.ear.bodies("/fault/config_broken")[-1]
    assert str(file) in fault["text"]["en"] and "check-config" in fault["remedy"]["vi"]
    assert asking.birth()["hash"] == answer["answer"]["config"]["hash"]
    assert asking.ask("config.apply", yaml=changed(file, analysis_fps=2.0))["code"] == "busy"
    assert node.stop() == 0

    file.write_text(text.replace("id: gate", "id: gate\n  label: Cổng"), encoding="utf-8")
    node = Living(file, tmp_path / "log")
    try:
        asking.wait(lambda: asking.birth() == {**asking.birth(), "source": "file", "last_known_good": False})
        asking.wait(lambda: asking.ear.bodies("/fault/config_set_aside"))
    finally:
        assert node.stop() == 0
    assert "Traceback" not in node.words()


@pytest.mark.fault("config", "the folder of configurations cannot be written while one is applied")
def test_a_folder_that_cannot_be_written_refuses_and_the_node_goes_on(
    ward: Ward, asking: Asking, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    file = write_node(tmp_path, ward, name_of(request))
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "config").write_text("a file where a folder should be", encoding="ascii")
    node = Living(file, tmp_path / "log")
    try:
        asking.ready()
        job = asking.say("config.apply", yaml=changed(file, analysis_fps=3.0))
        assert asking.ended(job)["state"] == "failed"
        asking.wait(lambda: asking.final(job))
        assert asking.final(job)[-1]["code"] == "busy"
        assert asking.birth()["source"] == "file"
    finally:
        assert node.stop() == 0
    assert "Traceback" not in node.words()


@pytest.mark.long("twenty lives of a whole node")
@pytest.mark.timeout(900)
@pytest.mark.fault("config", "kill -9 of the whole node at random moments of an apply")
def test_kills_at_random_moments_of_an_apply(
    ward: Ward, asking: Asking, tmp_path: Path, request: pytest.FixtureRequest, seed: int
) -> None:
    """After each kill the node comes back with a configuration that works, and says which."""
    chance = random.Random(seed)
    file = write_node(tmp_path, ward, name_of(request))
    rates = {5.0}
    for turn in range(KILLS):
        births = len(asking.ear.bodies("/birth"))
        node = Living(file, tmp_path / "log")
        asking.wait(lambda: len(asking.ear.bodies("/birth")) > births)  # noqa: B023
        asking.ready()
        rate = 6.0 + turn / 2
        asking.say("config.apply", yaml=changed(file, analysis_fps=rate), window_s=30)
        rates.add(rate)
        try:
            node.process.wait(chance.uniform(0.0, 14.0))
        except TimeoutExpired:
            node.kill()
        assert in_use(file).config.cameras[0].analysis_fps in rates
    births = len(asking.ear.bodies("/birth"))
    node = Living(file, tmp_path / "log")
    try:
        asking.wait(lambda: len(asking.ear.bodies("/birth")) > births)
        assert asking.ask("config.get")["answer"]["config"]["hash"] == asking.birth()["hash"]
    finally:
        assert node.stop() == 0
    assert "Traceback" not in node.words()
    folder = tmp_path / "data" / "config"
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {0o600}
