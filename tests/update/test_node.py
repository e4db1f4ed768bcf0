"""The node's side: its proof, what it tells the ward, what it fetches; and root's commands around it."""

import ast
import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlsplit

import pytest

from agent.app.update import Updates, standing
from agent.app.update_fetch import Fetching, is_chosen
from agent.app.update_gate import NodeGate
from agent.app.update_proof import ON_TRIAL, OwnWord
from agent.cli import main
from agent.clock import Clock
from agent.config.model import TlsSection
from agent.i18n import Text
from agent.settings.state import Before
from agent.update.judge import Interrupted
from agent.update.place import Place, own_place, point
from agent.update.proof import Proof, read_proof, write_proof
from agent.update.services import Systemd, folder_of
from agent.update.sight import Sight, Worked
from agent.update.state import Ended, History, read_history, read_trial, write_history
from agent.update.wanted import ask, next_wanted
from agent.uplink.fetch import PIECE, FetchDoors, FetchJob
from tests.update.bundles import OLD, Device, FakeClock

ROOT = Path(__file__).parents[2]
GOOD = Sight(captured=("gate",), analysed=("gate",), inferred=True, acknowledged=True)
BEFORE = Worked(cams=("gate",), model=True, broker=True)


def looks(gate: NodeGate, seen: Sight, *times: float) -> Any:
    verdict: Any = None
    for now_s in times:
        verdict = gate.look(seen, now_s)
    return verdict


@pytest.mark.parametrize(
    ("lacking", "words"),
    [
        ({"captured": ()}, "gives no picture"), ({"analysed": ()}, "analysed"), ({"inferred": False}, "model"),
        ({"acknowledged": False}, "acknowledged nothing"), ({"broken": ("footage",)}, "footage fails"),
    ],
)  # fmt: skip
def test_what_worked_before_must_work_again(lacking: dict[str, Any], words: str) -> None:
    assert looks(NodeGate(BEFORE, 60.0, 0.0), GOOD, 1.0, 12.0) == "good"
    gate, ill = NodeGate(BEFORE, 60.0, 0.0), replace(GOOD, **lacking)
    assert looks(gate, ill, 1.0, 12.0) == "wait"
    verdict = gate.look(ill, 61.0)
    assert isinstance(verdict, Text) and words in verdict.en


def test_what_did_not_work_before_need_not() -> None:
    assert looks(NodeGate(Worked(), 60.0, 0.0), Sight(), 1.0, 12.0) == "good"


def test_a_line_that_is_down_for_everybody_is_waited_for() -> None:
    gate = NodeGate(BEFORE, 60.0, 0.0)
    seen = replace(GOOD, acknowledged=False, silent=True)
    assert looks(gate, seen, 1.0, 100.0, 800.0) == "wait"
    assert isinstance(gate.look(seen, 901.0), Text)


def test_where_nobody_knows_what_worked_a_camera_and_the_model_must() -> None:
    assert looks(NodeGate(None, 60.0, 0.0), GOOD, 1.0, 12.0) == "good"
    assert looks(NodeGate(None, 60.0, 0.0), Sight(), 1.0, 12.0) == "wait"
    assert looks(NodeGate(None, 60.0, 0.0), replace(GOOD, inferred=False), 1.0, 12.0) == "wait"
    assert looks(NodeGate(None, 60.0, 0.0), replace(GOOD, inferred=False, model=False), 1.0, 12.0) == "good"
    assert looks(NodeGate(None, 60.0, 0.0, broker=True), replace(GOOD, acknowledged=False), 1.0, 12.0) == "wait"


@pytest.mark.parametrize("told", [{}, {"cams": 7}, {"cams": [7]}, {"model": "yes"}, [], None, 1], ids=str)
def test_nonsense_about_what_worked_counts_as_unknown(told: Any) -> None:
    assert Worked.of(told) is None


def test_nonsense_about_what_is_seen_counts_as_not_seen() -> None:
    wrong = {"captured": "gate", "analysed": [7], "inferred": 1, "acknowledged": "true", "silent": None, "more": 1}
    assert Sight.of(wrong) == Sight.of({}) == Sight()


class Faults:
    def __init__(self) -> None:
        self.open: dict[str, str] = {}

    def raised(self, source: str, error: Any) -> None:
        self.open[source] = error.code

    def cleared(self, source: str) -> None:
        self.open.pop(source, None)


def node_of(monkeypatch: pytest.MonkeyPatch) -> Any:
    seen = SimpleNamespace(
        captured={"gate"}, analysed={"gate"}, broken=set(), inferred=True, acknowledged=True, silent=False
    )
    monkeypatch.setattr("agent.app.update_proof.before", lambda _node: Before(**asdict(BEFORE)))
    return SimpleNamespace(
        trying=SimpleNamespace(seen=lambda: seen), settings=SimpleNamespace(busy=False), faults=Faults(), eye=None
    )


def config_of(data: Path) -> Any:
    return SimpleNamespace(
        node=SimpleNamespace(data_dir=data, id="gate-1"),
        detection=SimpleNamespace(model=Path("m.onnx")),
        update=SimpleNamespace(url="https://ward.invalid/channel.json", stage=100),
        tls=TlsSection(),
    )


def test_the_proof_of_a_node_on_trial_convinces_the_judge(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    device = Device(tmp_path)
    name = device.take(device.bundle("0.2.0"))
    monkeypatch.setenv("RUNTIME_DIRECTORY", str(device.place.run))
    word = OwnWord(config_of(tmp_path), device.clock, str(device.place.folder(name)))
    assert word.judged and word.hinders() == ON_TRIAL

    word.look(node_of(monkeypatch))

    proof, trial = read_proof(device.place.run), read_trial(device.place)
    assert proof is not None and trial is not None
    assert (proof.folder, proof.trial, proof.pid, proof.before) == (name, trial.id, os.getpid(), BEFORE)
    assert looks(NodeGate(proof.before, 60.0, 0.0), proof.seen, 1.0, 12.0) == "good"
    health = word.health()
    assert health is not None and (health.version, health.state, health.wanted) == ("0.2.0", "trying", "0.2.0")


def test_a_version_that_went_back_is_a_fault_until_one_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    device = Device(tmp_path)
    device.system.bad.add(device.take(device.bundle("0.2.0")))
    device.course().resume()
    word = OwnWord(config_of(tmp_path), device.clock, str(device.place.folder(OLD)))
    node = node_of(monkeypatch)
    word.look(node)
    assert node.faults.open == {"update": "update_returned"}
    health = word.health()
    assert health is not None and health.why is not None
    assert (health.version, health.state, health.wanted) == ("0.1.0", "returned", "0.2.0")
    device.system.bad.clear()
    device.take(device.bundle("0.3.0"))
    device.course().resume()
    word.look(node)
    assert node.faults.open == {}


def test_a_node_from_a_checkout_says_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    word = OwnWord(config_of(tmp_path), Clock())
    word.look(node_of(monkeypatch))
    assert (word.health(), word.version, word.judged, word.hinders()) == (None, None, False, None)


def test_the_place_of_a_program_is_told_from_its_own_path() -> None:
    assert own_place("/opt/camera-agent/versions/0.1.0-00000000") == Place(Path("/"))
    for elsewhere in ("/checkout/.venv", "/usr", "/opt/camera-agent", "/versions/x", "/srv/camera-agent/versions/x"):
        assert own_place(elsewhere) is None


@pytest.mark.parametrize("content", [b"", b"relative.bundle", b"\0", b"\xff\xfe"])
def test_a_request_that_makes_no_sense_is_removed(tmp_path: Path, content: bytes) -> None:
    place = Device(tmp_path).place
    (place.run / "update-wanted").write_bytes(content)
    assert next_wanted(place) is None
    assert not (place.run / "update-wanted").exists()


def test_a_request_by_link_or_pipe_is_removed_and_not_followed(tmp_path: Path) -> None:
    place = Device(tmp_path).place
    path = place.run / "update-wanted"
    path.symlink_to("/etc/passwd")
    assert next_wanted(place) is None
    os.mkfifo(path)
    assert next_wanted(place) is None
    assert not os.path.lexists(path)


def test_a_request_counts_once(tmp_path: Path) -> None:
    place = Device(tmp_path).place
    ask(place.run, Path("/a/b.bundle"))
    assert next_wanted(place) == Path("/a/b.bundle")
    assert next_wanted(place) is None


def test_a_refused_request_is_noted_and_not_fetched_again(tmp_path: Path) -> None:
    device = Device(tmp_path)
    bundle = tmp_path / "0.2.0-4.bundle"
    bundle.write_bytes(b"evil")
    ask(device.place.run, bundle)
    said: list[Text] = []
    Updates(device.place, threading.Event(), said.append).resume()
    history = read_history(device.place)
    assert history.last is not None and history.last.result == "refused" and history.failed == (bundle.name,)
    assert device.runs == "0.1.0" and said
    word = OwnWord(config_of(tmp_path), FakeClock(), str(device.place.folder(OLD)))
    fetching = Fetching(SimpleNamespace(word=word), config_of(tmp_path), FakeClock())  # type: ignore[arg-type]
    assert not fetching.wants("0.2.0")
    assert fetching.wants("0.3.0")
    assert not fetching.wants("0.1.0")


def test_stages_grow_and_differ_between_versions() -> None:
    nodes = [f"node-{number}" for number in range(2000)]
    tenth = {node for node in nodes if is_chosen(node, "0.2.0", 10)}
    half = {node for node in nodes if is_chosen(node, "0.2.0", 50)}
    assert tenth < half
    assert 0.07 < len(tenth) / 2000 < 0.13 and 0.45 < len(half) / 2000 < 0.55
    assert all(is_chosen(node, "0.2.0", 100) and not is_chosen(node, "0.2.0", 0) for node in nodes)
    assert tenth != {node for node in nodes if is_chosen(node, "0.3.0", 10)}


class Line:
    """A governor that lets everything through and counts."""

    def __init__(self) -> None:
        self.taken = 0
        self.shut = False

    def rests(self) -> bool:
        return self.shut

    def others_first(self) -> bool:
        return False

    def share(self, _kbps: float) -> Any:
        def take(count: int) -> float:
            self.taken += count
            return 0.0

        return SimpleNamespace(take=take, close=lambda: None)


class Server:
    def __init__(self, content: bytes, channel: dict[str, Any]) -> None:
        self.content, self.channel = content, channel
        self.fails = 0
        self.ranges: list[str] = []

    @contextmanager
    def stream(self, _method: str, url: str, headers: Mapping[str, str]) -> Iterator[Any]:
        if urlsplit(url).path == "/channel.json":
            yield answer(200, json.dumps(self.channel).encode())
            return
        if self.fails:
            self.fails -= 1
            raise ConnectionResetError("gone")
        self.ranges.append(headers["Range"])
        first, last = (int(each) for each in headers["Range"].removeprefix("bytes=").split("-"))
        yield answer(206, self.content[first : last + 1])


def answer(status: int, body: bytes) -> Any:
    return SimpleNamespace(status=status, pieces=lambda _size: iter([body]))


def fetch_job(
    tmp_path: Path, server: Server, line: Line, clock: FakeClock, wants: bool = True
) -> tuple[FetchJob, list[Path]]:
    got: list[Path] = []
    doors = FetchDoors(tmp_path / "update", lambda _version: wants, lambda _version, path: got.append(path))
    job = FetchJob("https://ward.invalid/channel.json", TlsSection(), doors, line, clock, threading.Event())  # type: ignore[arg-type]
    job._http = server  # type: ignore[assignment]
    clock.at_s += 10_000
    return job, got


def test_a_bundle_is_fetched_in_pieces_and_goes_on_after_a_break_and_a_restart(tmp_path: Path) -> None:
    content = os.urandom(3 * PIECE + 17)
    server = Server(content, {"version": "0.2.0", "url": "x.bundle", "bytes": len(content)})
    line, clock = Line(), FakeClock()
    job, got = fetch_job(tmp_path, server, line, clock)
    job.run_once()  # the channel
    job.run_once()
    server.fails = 1
    job.run_once()
    clock.at_s += 10_000
    job, got = fetch_job(tmp_path, server, line, clock)
    for _ in range(4):
        job.run_once()
    assert [path.read_bytes() for path in got] == [content]
    assert server.ranges[0] == f"bytes=0-{PIECE - 1}" and len(server.ranges) == 4, "nothing twice"
    assert line.taken == len(content), "all of it counts for the household"


def test_nothing_is_fetched_in_quiet_hours_or_when_it_is_not_wanted(tmp_path: Path) -> None:
    server = Server(b"x", {"version": "0.2.0", "url": "x.bundle", "bytes": 1})
    line = Line()
    line.shut = True
    job, _ = fetch_job(tmp_path, server, line, FakeClock())
    job._stop.set()  # does not wait
    job.run_once()
    job, got = fetch_job(tmp_path, server, Line(), FakeClock(), wants=False)
    job.run_once()
    assert (server.ranges, got) == ([], [])


@pytest.mark.parametrize(
    "channel",
    [
        {}, {"version": "0.2", "url": "x", "bytes": 1}, {"version": "0.2.0", "url": "http://x/y", "bytes": 1},
        {"version": "0.2.0", "url": "x", "bytes": 3 << 30}, {"version": "0.2.0", "url": "x", "bytes": "1"},
        {"version": "../../x", "url": "x", "bytes": 1}, {"version": "0.2.0", "url": "x", "bytes": -1},
        {"version": "0.2.0", "url": "x", "bytes": 1, "pad": "x" * 9000},
    ],
    ids=lambda channel: str(channel)[:40],
)  # fmt: skip
def test_a_channel_that_makes_no_sense_fetches_nothing(tmp_path: Path, channel: dict[str, Any]) -> None:
    server = Server(b"x", channel)
    job, got = fetch_job(tmp_path, server, Line(), FakeClock())
    for _ in range(3):
        job._stop.set()
        job.run_once()
    assert (server.ranges, got) == ([], [])


def test_systemctl_is_asked_and_the_program_of_the_service_is_known(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "versions/0.1.0-00000000/bin"
    folder.mkdir(parents=True)
    (folder / "python").symlink_to(sys.executable)
    child = subprocess.Popen([folder / "python", "-c", "input()"], stdin=subprocess.PIPE)
    try:
        while folder_of(child.pid) is None:  # between fork and exec it is still us
            pass
        log = tmp_path / "log"
        tool = tmp_path / "systemctl"
        tool.write_text(
            f'#!/bin/sh\necho "$@" >> {log}\n'
            f"echo ActiveState=active; echo MainPID={child.pid}; echo NRestarts=2\n"
            'case "$1" in is-active) exit 3 ;; daemon-reload) echo refused >&2; exit 1 ;; esac\n'
        )
        tool.chmod(0o755)
        monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
        life = Systemd().life()
        assert (life.active, life.pid, life.folder, life.ends) == (True, child.pid, "0.1.0-00000000", 2)
        Systemd().restart()
        assert not Systemd().judged()
        with pytest.raises(Exception, match=r"daemon-reload.*refused"):
            Systemd().reload()
        assert "restart --no-block camera-agent.service" in log.read_text()
    finally:
        child.communicate(b"\n")


def test_the_gate_says_what_a_slot_exchange_needs_to_know(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place = Device(tmp_path).place
    clock = Clock()
    monkeypatch.setattr("agent.settings.gate.STEADY_S", 0.0)

    def proves(seen: Sight) -> None:
        now_s = clock.mono_s()
        write_proof(place.run, Proof(OLD, "0.1.0", 1, clock.boot_id, now_s, now_s, seen=seen))

    proves(GOOD)
    arguments = ["update", "--gate", "--root", str(place.root)]
    assert main([*arguments, "--window", "5s"]) == 0
    proves(replace(GOOD, acknowledged=False))
    assert main([*arguments, "--window", "100ms"]) == 1
    assert main([*arguments, "--no-broker", "--window", "5s"]) == 0
    proves(Sight())
    assert main([*arguments, "--window", "100ms"]) == 1


def test_the_gate_can_be_stopped(tmp_path: Path) -> None:
    stop = threading.Event()
    stop.set()
    with pytest.raises(Interrupted):
        Updates(Device(tmp_path).place, stop, lambda _text: None).gate(60.0, broker=True)


def test_the_status_tells_people_and_programs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    device = Device(tmp_path)
    device.take(device.bundle("0.2.0"))
    arguments = ["update", "--status", "--root", str(device.place.root)]
    assert main(arguments) == 0
    assert "On trial: 0.2.0" in capsys.readouterr().out
    device.course().resume()
    assert main([*arguments, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["current"].startswith("0.2.0-") and told["history"]["last"]["result"] == "updated"
    assert standing(device.place).trial is None


def test_a_device_that_was_not_installed_so_says_what_to_do(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["update", str(tmp_path / "x.bundle"), "--root", str(tmp_path)]) == 1
    assert "Updating needs root" in capsys.readouterr().err or os.geteuid() == 0


def test_the_history_survives_nonsense(tmp_path: Path) -> None:
    place = Device(tmp_path).place
    history = History("0.2.0", OLD, Ended("returned", OLD, "x", 1, Text(en="a", vi="b")), ("x",))
    write_history(place, history)
    assert read_history(place) == history
    for damaged in (b"", b"[]", b'{"last": 3}', b"\0\0"):
        (place.state / "history.json").write_bytes(damaged)
        assert read_history(place) == History()


def test_the_boot_step_needs_nothing_but_python() -> None:
    code = (
        "import sys, agent.update.boot; loaded = {name.split('.')[0] for name in sys.modules};"
        "print(*sorted(loaded & {'pydantic', 'numpy', 'nacl', 'yaml', 'httpx', 'psutil'}))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout.strip() == ""


def test_a_long_running_unit_starts_the_script_and_never_the_interpreter_of_a_link() -> None:
    # As current/bin/python the old process would load what the new version brings after the exchange.
    for unit in (ROOT / "systemd").glob("*.service"):
        if unit.name != "camera-agent-update-boot.service":
            assert "/bin/python" not in unit.read_text(), unit.name


def test_a_link_is_only_ever_exchanged_in_one_step() -> None:
    for path in (ROOT / "agent/update").glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            assert not (isinstance(node, ast.Attribute) and node.attr == "extractall"), path
    assert point.__module__ == "agent.update.place"


def test_outside_a_trial_a_loaded_model_counts_as_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    device = Device(tmp_path)
    monkeypatch.setenv("RUNTIME_DIRECTORY", str(device.place.run))
    node = node_of(monkeypatch)
    node.trying.seen().inferred = False
    word = OwnWord(config_of(tmp_path), device.clock, str(device.place.folder(OLD)))
    for eye in (None, object()):
        node.eye = eye
        word.look(node)
        proof = read_proof(device.place.run)
        assert proof is not None and proof.seen.inferred is (eye is not None)
        assert proof.seen.model
