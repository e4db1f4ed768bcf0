"""wipe: nothing of what was asked for is left, whenever it is killed; others' files stay; the ward is told."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from agent.app.erase import ALL, IDENTITY, erase, links, own
from agent.app.marked import MARKER
from agent.app.wiping import Marker, erase_asked, finish, read_marker, wake_erased, write_marker
from agent.clock import Clock
from agent.commands.seen import SeenRequests
from agent.config.load import load_config
from agent.config.model import Config
from agent.spool import Spool
from agent.values import ClipWanted, Draft
from deploy import assets
from deploy.ward import Ward
from tests.app.desk import Desk, SureLiving
from tests.app.living import ROOT, Ear, write_config
from tests.spool.support import make_clip, queue_clip

CANARY = b"CANARY-of-a-face"
JOB, EVENT = "01JZ0000000000000000000001", "01JZ0000000000000000000002"
EVERY = {"footage": 3, "all": 9} if os.environ.get("FAULTS") != "1" else {"footage": 1, "all": 3}  # of the steps
MARKER_SAYS_WIPED = b'"step": "wiped"'
REQUEST = "01JZ0000000000000000000009"
FOREIGN = "holiday.txt"
STATE = "camera/v1/ward-1/node-7/cam/gate/state/crowd"
SECRET_FILES = (
    "footage/gate/20260101T000000Z-a-1.mp4",
    "footage/gate/x.part.mp4",
    "footage/holds/h.json",
    "footage/index.db",
    "page/01JZ0000000000000000000003.mp4",
    "spool/spool.db.corrupt-20260101T000000Z-1",
)
ALL_FILES = (
    *SECRET_FILES,
    "access/0001.jsonl",
    "commands.db-wal",
    "commands.corrupt",
    "config/applied.yaml",
    "evidence/device.key",
    "parked/gate.json",
    "tls/node.key",
    "escalation.json",
    "time-floor",
)


class Home:
    """A data directory with a canary in everything that shows people, and a file that is not the agent's."""

    def __init__(self, directory: Path) -> None:
        self.data = directory / "data"
        tree = {
            "node": {"id": "node-7", "ward": "ward-1", "data_dir": str(self.data)},
            "mqtt": {"url": "mqtt://127.0.0.1:9"},
            "insecure": True,
            "retention": {"max_days": 30},
            "cameras": [{"id": "gate", "source": "rtsp://192.168.1.64/stream"}],
        }
        self.file = directory / "config.yaml"
        directory.mkdir(parents=True, exist_ok=True)
        self.file.write_text(yaml.safe_dump(tree), encoding="utf-8")
        self.config: Config = load_config(self.file)
        self.clock = Clock()

    def fill(self) -> None:
        spool = Spool(self.data / "spool", self.config.spool, self.clock)
        now = self.clock.now()
        spool.put(Draft("camera/v1/ward-1/node-7/cam/gate/thumb/e1", CANARY * 50, now, 30, binary=True))
        spool.note_retained(STATE)
        spool.put(Draft("camera/v1/ward-1/node-7/rsp/r1", b'{"n":1}', now, 5))
        queue_clip(spool, make_clip(spool, JOB, CANARY * 100, priority=60))
        queue_clip(spool, make_clip(spool, EVENT, CANARY * 100, priority=130))
        spool.want(ClipWanted("01JZ0000000000000000000004", "gate", now, now, now, 60))
        spool.close()
        seen = SeenRequests(self.data / "commands.db")
        seen.remember(JOB)
        seen.close()
        for name in ALL_FILES:
            path = self.data / name
            path.parent.mkdir(parents=True, exist_ok=True)
            if not path.exists():
                path.write_bytes(CANARY)
        (self.data / FOREIGN).write_bytes(b"not the agent's")
        (self.data / "lock").write_bytes(b"1\n")

    def left(self) -> list[str]:
        """Files that still hold the canary."""
        return sorted(
            str(path.relative_to(self.data))
            for path in self.data.rglob("*")
            if path.is_file() and CANARY in path.read_bytes()
        )

    def names(self) -> list[str]:
        return sorted(path.name for path in self.data.iterdir())


@pytest.fixture
def home(tmp_path: Path, runtime: Path) -> Home:
    home = Home(tmp_path)
    home.fill()
    assert len(home.left()) >= len(ALL_FILES)
    return home


def test_footage_goes_and_the_rest_stays(home: Home) -> None:
    write_marker(home.data, Marker("footage", REQUEST))
    assert erase_asked(home.config, home.clock) is None
    kept = set(ALL_FILES) - set(SECRET_FILES)
    assert set(home.left()) <= kept, "keys, logs and settings only"
    assert (home.data / FOREIGN).exists() and (home.data / "evidence" / "device.key").exists()
    assert read_marker(home.data) is None
    spool = Spool(home.data / "spool", home.config.spool, home.clock)
    waiting = spool.pending(100)
    topics = [message.topic for message in waiting]
    assert any(topic.endswith(f"/rsp/{REQUEST}") for topic in topics), "the ward hears that it was done"
    assert any(topic.endswith("/rsp/r1") for topic in topics), "what was said before still leaves"
    (job,) = [message for message in waiting if "/job/" in message.topic]
    assert b'"failed"' in job.payload and b"wipe" in job.payload
    assert spool.wanted() == () and spool.state().clips == 0
    spool.close()


def test_all_goes_but_what_is_not_ours(home: Home) -> None:
    write_marker(home.data, Marker("all", REQUEST, retained=("a/b",)))
    told: list[Marker] = []
    marker = erase_asked(home.config, home.clock)
    assert marker is not None and marker.step == "tell"
    assert home.left() == ["tls/node.key"], "the key is still needed: the ward is to be told"
    finish(home.config, marker, told.append)
    assert [one.retained for one in told] == [("a/b", STATE)], "also what came after the command"
    assert home.left() == []
    assert home.names() == sorted([FOREIGN, "lock", MARKER])
    again = erase_asked(home.config, home.clock)
    assert again is not None and again.step == "wiped", "whatever starts it, it stays erased"
    finish(home.config, again, told.append)
    assert len(told) == 1


def test_names_that_only_begin_like_ours_are_not_ours(home: Home) -> None:
    theirs = ("footage-2024/a.mp4", "page.html", "config-old.yaml", "tls.txt", "run-me.sh", "access.log", "spooler")
    for name in theirs:
        (home.data / name).parent.mkdir(exist_ok=True)
        (home.data / name).write_bytes(b"not the agent's")
    ours = ("spool.damaged", "commands.db.corrupt-2", "uplink.json.tmp", "commands.corrupt.tmp")
    for name in ours:
        (home.data / name).write_bytes(CANARY)
    erase(home.data, (*ALL, *IDENTITY))
    assert home.left() == []
    assert all((home.data / name).exists() for name in (*theirs, FOREIGN))


CHILD = """
import os, sys
from pathlib import Path
import agent.app.erase as erase, agent.durable as durable
from agent.app.wiping import erase_asked, finish
from agent.clock import Clock
from agent.config.load import load_config
def counted(work):
    def run(*args, **kwargs):
        global left
        left -= 1
        if left < 0:
            os._exit(9)
        return work(*args, **kwargs)
    return run
erase._unlink, erase._rmdir = counted(erase._unlink), counted(erase._rmdir)
os.fsync = counted(os.fsync)
os.replace = counted(os.replace)
def live(config):
    marker = erase_asked(config, Clock())
    if marker is not None:
        finish(config, marker, lambda told: None)
for line in sys.stdin:
    steps, _, file = line.rstrip("\\n").partition(" ")
    left = int(steps)
    if (pid := os.fork()) == 0:
        try:
            live(load_config(Path(file)))
            os._exit(0)
        finally:
            os._exit(1)
    print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), flush=True)
"""


class Lives:
    """Processes that erase a node, each killed after so many steps; one parent imports the agent for them all."""

    def __init__(self) -> None:
        command = (sys.executable, "-c", CHILD)
        self._parent = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def live(self, home: Home, steps: int) -> int:
        """The exit code."""
        assert self._parent.stdin is not None and self._parent.stdout is not None
        self._parent.stdin.write(f"{steps} {home.file}\n")
        self._parent.stdin.flush()
        return int(self._parent.stdout.readline())

    def end(self) -> None:
        self._parent.communicate(timeout=60)


@pytest.fixture
def lives() -> Iterator[Lives]:
    lives = Lives()
    yield lives
    lives.end()


@pytest.mark.parametrize("scope", [pytest.param("footage", marks=pytest.mark.long("as when all is erased")), "all"])
@pytest.mark.fault("A1", "kill while the node is being erased")
def test_killed_at_any_step_it_goes_on(tmp_path: Path, runtime: Path, lives: Lives, scope: str) -> None:
    step = killed = 0
    while True:
        home = Home(tmp_path / str(step))
        home.fill()
        write_marker(home.data, Marker("footage" if scope == "footage" else "all", REQUEST))
        first = lives.live(home, step)
        if first == 0:
            break
        assert first == 9
        killed += 1
        assert read_marker(home.data) is not None or scope == "footage"
        assert lives.live(home, 10**6) == 0
        kept = set(ALL_FILES) - set(SECRET_FILES) if scope == "footage" else set()
        assert set(home.left()) <= kept, (step, home.left())
        assert (home.data / FOREIGN).exists()
        step += EVERY[scope]
    assert killed >= 5


def test_systemd_hears_that_it_goes_on(home: Home) -> None:
    heard: list[str] = []
    write_marker(home.data, Marker("footage", REQUEST))
    erase_asked(home.config, home.clock, lambda: heard.append("."))
    assert len(heard) > len(SECRET_FILES) - 2


def test_a_link_that_leads_out_is_told_and_never_followed(tmp_path: Path) -> None:
    outside, data = tmp_path / "usb", tmp_path / "data"
    outside.mkdir()
    (outside / "film.mp4").write_bytes(CANARY)
    data.mkdir()
    (data / "footage").symlink_to(outside)
    (data / "spool").mkdir()
    (data / "spool" / "inner").symlink_to(outside)
    assert links(data, ("footage", "spool")) == ["footage"]
    erase(data, ("footage", "spool"))
    assert (outside / "film.mp4").exists() and list(data.iterdir()) == []


def test_a_marker_that_cannot_be_read_asks_for_everything(tmp_path: Path) -> None:
    (tmp_path / MARKER).write_bytes(b"{")
    marker = read_marker(tmp_path)
    assert marker is not None and marker.scope == "all"


@pytest.fixture
def node(request: pytest.FixtureRequest) -> str:
    return str(request.node.name).replace("_", "-")[5:40].strip("-")


@pytest.fixture
def ear(ward: Ward, node: str) -> Iterator[Ear]:
    ear = Ear(ward, node)
    yield ear
    ear.close()


@pytest.mark.real
@pytest.mark.long("four lives of a whole node")
def test_a_whole_node_is_erased_and_stays_quiet(ward: Ward, ear: Ear, node: str, tmp_path: Path, runtime: Path) -> None:
    if assets.find_street_video() is None:
        pytest.skip("the street video is not here (make assets)")
    desk = Desk(ward, node, ear, tmp_path)
    config = write_config(tmp_path, ward, node, detection={}, commands={"key": str(desk.key_file)})
    living, data = SureLiving(config, tmp_path / "log"), tmp_path / "data"
    try:
        ear.wait(lambda: ear.bodies("/health") and (ear.bodies("/health")[-1]["cams"][0].get("recorded_s") or 0) > 4)
        names = {path.name for path in own(data, (*ALL, *IDENTITY))}
        assert {path.name for path in data.iterdir()} - names == {"lock"}, "nothing of ours has another name"

        assert desk.first("wipe", token="x" * 32)["code"] == "unauthorised"
        answer = desk.first("wipe", scope="footage")["answer"]["wipe"]
        assert answer["footage_bytes"] > 0
        assert desk.first("wipe", scope="all", token=answer["token"])["code"] == "unauthorised", "of another scope"
        token = desk.first("wipe", scope="footage")["answer"]["wipe"]["token"]
        before = set((data / "footage").rglob("*.mp4"))
        births = len(ear.bodies("/birth"))
        request = desk.send("wipe", scope="footage", token=token)
        assert desk.ended(request)["result"] == "done"
        ear.wait(lambda: len(ear.bodies("/birth")) > births)
        assert before and not any(path.exists() for path in before)

        ear.wait(lambda: ear.bodies("/health")[-1]["cams"][0]["state"] == "ok")
        token = desk.first("wipe", scope="all")["answer"]["wipe"]["token"]
        request = desk.send("wipe", scope="all", token=token)
        assert desk.ended(request)["result"] == "done"
        while MARKER_SAYS_WIPED not in (data / MARKER).read_bytes():
            assert living.process.poll() is None
        assert len(desk.answers(request)) == 2, "accepted, then done: told once"
        assert desk.retained(ward) == []
        assert living.process.poll() is None, "it runs, so that nothing starts it again"
        assert living.stop() == 0
        assert sorted(path.name for path in data.iterdir()) == ["lock", MARKER]
        assert "erased" in living.words() and "Traceback" not in living.words()
        again = SureLiving(config, tmp_path / "again.log")
        try:
            heard = len(ear.heard)
            while "records nothing" not in (again.words() if again.log.exists() else ""):
                assert again.process.poll() is None
            assert len(ear.heard) == heard and desk.retained(ward) == []
            assert sorted(path.name for path in data.iterdir()) == ["lock", MARKER]
            wake_erased(data)  # as `camera-agent enrol` does
            births = len(ear.bodies("/birth"))
            ear.wait(lambda: len(ear.bodies("/birth")) > births)
        finally:
            assert again.stop() == 0
    finally:
        living.kill()
        desk.close()
