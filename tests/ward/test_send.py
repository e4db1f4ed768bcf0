"""The officers' desk: a command as the node's door takes it, its answer and its job, told as they come."""

import base64
import json
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import rfc8785
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from agent.contract.topics import COMMANDS, Topics
from deploy.ward.__main__ import main
from deploy.ward.child import WardError
from deploy.ward.line import Line
from deploy.ward.operate import make_desk
from deploy.ward.order import Order, parse_fields, signature, write
from deploy.ward.send import Desk, Manner, send
from tests.ward.conftest import WARD, Whole

BY = "Trung uý Lan/VA-2026-17/mất xe máy"
CLIP = {"cam": "cong", "from_utc": "2026-03-05T07:30:00.000Z", "to_utc": "2026-03-05T07:31:00.000Z"}


def order(command: str = "clip.request", by: str | None = BY, **fields: str) -> Order:
    return Order(WARD, "node-1", command, fields or CLIP, by)


def test_a_letter_is_what_the_contract_wants() -> None:
    letter = write(order(**CLIP, max_mb="20.5", priority="7"))
    body = json.loads(letter.payload)
    assert body["by"] == {"officer": "Trung uý Lan", "case": "VA-2026-17", "reason": "mất xe máy"}
    assert (body["max_mb"], body["priority"], body["request_id"]) == (20.5, 7, letter.request_id)
    assert body["schema"] == "command/1"
    assert "signature" not in body


def test_a_time_may_be_written_in_any_zone() -> None:
    told = order(cam="cong", from_utc="2026-03-05T14:30:00+07:00", to_utc="2026-03-05T07:31:00Z")
    body = json.loads(write(told).payload)
    assert (body["from_utc"], body["to_utc"]) == (CLIP["from_utc"], CLIP["to_utc"])


@pytest.mark.parametrize(
    "given",
    [
        ["send", "node-1", "selftest", "--expires=nan"],
        ["send", "node-1", "selftest", "--wait=-1"],
        ["token", "node-1", "--days=inf"],
        ["run", "--seconds=nan"],
    ],
)
def test_a_number_that_is_none_is_refused_with_what_is_taken(
    given: list[str], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CAMERA_AGENT_LANG", "en")
    with pytest.raises(SystemExit):
        main(given)
    assert "a number from" in capsys.readouterr().err


@pytest.mark.parametrize("node", ["Node_1", "a/b", "#", "", "-a"])
def test_a_name_that_no_node_can_have_is_refused(node: str) -> None:
    with pytest.raises(WardError) as told:
        write(Order(WARD, node, "rebirth", {}))
    assert "no node is called" in told.value.text.en and "không thiết bị nào tên" in told.value.text.vi


def test_a_time_that_is_none_is_told_with_an_example_in_both_languages() -> None:
    with pytest.raises(WardError) as told:
        write(order(by=None, cam="cong", from_utc="16:38", to_utc="2026-03-05T07:31:00"))
    assert "2026-03-05T07:30:00Z" in told.value.text.vi
    assert "to_utc: a time with its zone" in told.value.text.en
    assert "by: còn thiếu" in told.value.text.vi


@pytest.mark.parametrize("verb", [["token", "n"], ["revoke", "n"], ["refresh"], ["add", "n", "f"], ["desk", "f"]])
def test_where_no_ward_is_laid_none_is_begun(
    verb: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*verb, "--site", str(tmp_path)]) == 1
    assert "--site" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_revoking_what_is_not_there_is_no_success(whole: Whole, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["revoke", "nod-1", "--site", str(whole.ward.site.state)]) == 1
    assert "nod-1" in capsys.readouterr().err


def test_ports_that_are_none_are_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run", "--ports", "80,a"]) == 1
    assert "--ports 80,a" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("bad", "named"),
    [
        (order(command="fly"), "fly"),
        (order(by=None), "by"),
        (order(by="Lan/VA-1"), "OFFICER"),
        (order(**CLIP, priority="101"), "priority"),
        (order(**CLIP, priority="many"), "priority"),
        (order(**CLIP, colour="red"), "colour"),
        (order(**CLIP, request_id="x"), "request_id"),
        (order(cam="cong"), "from_utc"),
        (Order(WARD, "node-1", "rebirth", {}, expires_in_s=100_000), "expires_in_s"),
    ],
)
def test_what_the_node_would_refuse_is_not_sent(bad: Order, named: str) -> None:
    with pytest.raises(WardError, match=named):
        write(bad)


def test_fields_come_from_words_and_files(tmp_path: Path) -> None:
    file = tmp_path / "c.yaml"
    file.write_text("a: 1\n")
    assert parse_fields(["x=1=2", f"yaml=@{file}"]) == {"x": "1=2", "yaml": "a: 1\n"}
    for bad in ("x", "=1", f"x=@{tmp_path}/none"):
        with pytest.raises(WardError):
            parse_fields([bad])


def test_a_signature_is_over_the_place_and_all_of_the_body() -> None:
    key = Ed25519PrivateKey.generate()
    told = order()
    body = json.loads(write(told, key).payload)
    given = base64.b64decode(body.pop("signature"))
    place = f"{WARD}/node-1/clip.request\n".encode()
    key.public_key().verify(given, place + rfc8785.dumps(body))
    for other, changed in (
        (place.replace(b"node-1", b"node-2"), body),
        (place.replace(b"clip", b"klip"), body),
        (place, body | {"cam": "san"}),
    ):
        with pytest.raises(InvalidSignature):
            key.public_key().verify(given, other + rfc8785.dumps(changed))
    assert signature(key, told, {"b": 1.0, "a": "é"}) == signature(key, told, {"a": "é", "b": 1, "signature": "x"})


@pytest.fixture
def desk(whole: Whole, tmp_path: Path) -> Path:
    make_desk(whole.ward.site, tmp_path / "desk", "127.0.0.1")
    return tmp_path / "desk"


Say = Callable[[str, dict[str, Any]], None]
Play = Callable[[dict[str, Any], Say], None]


@pytest.fixture
def node(whole: Whole) -> Iterator[Callable[[str, Play], Line]]:
    """A node of few words: what it says to a command is handed in. Says that it is online, as nodes do."""
    stop = threading.Event()
    lines: list[Line] = []
    threads: list[threading.Thread] = []

    def live(name: str, play: Play) -> Line:
        line = whole.as_node(name)
        topics = Topics("camera", WARD, name)
        for command in COMMANDS:
            line.subscribe(topics.command(command))
        line.publish(topics.availability(), b'{"state":"online","session":"s-1"}', retain=True)

        def say(place: str, body: dict[str, Any]) -> None:
            topic = topics.response(body["request_id"]) if place == "rsp" else topics.job(body["job_id"])
            line.publish(topic, json.dumps(body).encode())

        def answer() -> None:
            while not stop.is_set():
                heard = line.hear(0.1)
                if heard is not None:
                    play({"command": heard.topic.rpartition("/")[2]} | json.loads(heard.payload), say)

        lines.append(line)
        threads.append(threading.Thread(target=answer))
        threads[-1].start()
        return line

    yield live
    stop.set()
    for thread in threads:
        thread.join(20)
    for line in lines:
        line.leave()


def test_a_job_is_followed_to_its_end(
    node: Callable[[str, Play], Line], desk: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    asked: list[dict[str, Any]] = []

    def play(body: dict[str, Any], say: Say) -> None:
        asked.append(body)
        about = {"request_id": body["request_id"], "job_id": "01JZ0000000000000000000009"}
        say("rsp", {"request_id": "01JZ0000000000000000000008", "command": "x", "result": "rejected"})  # another's
        say("rsp", about | {"command": "clip.request", "result": "accepted"})
        for state, sent in (("planned", 0), ("uploading", 500_000), ("done", 1_000_000)):
            say("job", about | {"kind": "clip", "state": state, "bytes_sent": sent, "bytes_total": 1_000_000})

    node("desk-1", play)
    fields = [f"{name}={value}" for name, value in CLIP.items()]
    given = ["send", "desk-1", "clip.request", *fields, "--by", BY, "--desk", str(desk), "--wait", "20"]
    assert main(given) == 0
    said = capsys.readouterr().out.splitlines()
    assert [line.split()[1] for line in said] == ["accepted", "planned", "uploading", "done"]
    assert "0.50/1.00 MB" in said[2]
    assert asked[0]["session"] == "s-1"
    assert main([*given, "--json"]) == 0
    told = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [one["body"].get("result") or one["body"]["state"] for one in told] == [
        "accepted",
        "planned",
        "uploading",
        "done",
    ]


def test_a_job_that_goes_on_after_done_is_followed(node: Callable[[str, Play], Line], desk: Path) -> None:
    def play(body: dict[str, Any], say: Say) -> None:
        about = {"request_id": body["request_id"], "job_id": "01JZ000000000000000000000B"}
        say("rsp", about | {"command": "snapshot", "result": "accepted"})
        say("rsp", about | {"command": "snapshot", "result": "done"})
        say("job", about | {"kind": "snapshot", "state": "uploading"})
        say("job", about | {"kind": "snapshot", "state": "failed"})

    node("desk-snap", play)
    assert main(["send", "desk-snap", "snapshot", "cam=cong", "--by", BY, "--desk", str(desk), "--wait", "20"]) == 1


@pytest.mark.parametrize(
    ("answers", "code"),
    [
        (["done"], 0),
        (["accepted", "done"], 0),
        (["rejected"], 1),
        (["accepted"], 3),
        ([], 3),
    ],
)
def test_the_exit_code_tells_how_it_ended(
    node: Callable[[str, Play], Line], desk: Path, answers: list[str], code: int
) -> None:
    def play(body: dict[str, Any], say: Say) -> None:
        for result in answers:
            say("rsp", {"request_id": body["request_id"], "command": body["command"], "result": result})

    name = f"desk-{'-'.join(answers) or 'mute'}"
    node(name, play)
    assert main(["send", name, "selftest", "--desk", str(desk), "--wait", "1.5"]) == code


def test_who_looks_says_so_while_he_looks(node: Callable[[str, Play], Line], desk: Path) -> None:
    asked: list[str] = []
    job = "01JZ000000000000000000000A"

    def play(body: dict[str, Any], say: Say) -> None:
        asked.append(body["command"])
        live = {"live": {"kbps": 300, "encoded": True, "ends_utc": "2026-03-05T07:30:00.000Z", "keepalive_s": 0.3}}
        if body["command"] == "live.start":
            about = {"request_id": body["request_id"], "job_id": job, "command": "live.start"}
            say("rsp", about | {"result": "accepted", "answer": live})
        else:
            assert body["job_id"] == job
            said = {"request_id": body["request_id"], "job_id": job, "command": body["command"], "result": "done"}
            say("rsp", said)  # which is not the end of looking
        if asked.count("live.keepalive") == 3:
            say("job", {"request_id": "x", "job_id": job, "kind": "live", "state": "done"})

    node("desk-live", play)
    assert main(["send", "desk-live", "live.start", "cam=cong", "--by", BY, "--desk", str(desk), "--wait", "20"]) == 0
    assert asked[:4] == ["live.start", *["live.keepalive"] * 3]


def test_the_end_of_a_picture_is_told_after_ctrl_c(node: Callable[[str, Play], Line], desk: Path) -> None:
    job, told = "01JZ000000000000000000000B", []

    def play(body: dict[str, Any], say: Say) -> None:
        if body["command"] == "live.start":
            about = {"request_id": body["request_id"], "job_id": job, "command": "live.start", "result": "accepted"}
            say("rsp", about | {"answer": {"live": {"keepalive_s": 30.0}}})
            say("job", {"request_id": "x", "job_id": job, "kind": "live", "state": "uploading"})
        elif body["command"] == "live.stop":
            say("job", {"request_id": "x", "job_id": job, "kind": "live", "state": "done"})

    def interrupted(words: str) -> None:
        told.append(words)
        if "uploading" in words:
            raise KeyboardInterrupt

    node("desk-stop", play)
    wanted = Order(WARD, "desk-stop", "live.start", {"cam": "cong"}, BY)
    assert send(Desk.of(desk), wanted, Manner(wait_s=20.0), interrupted) == 130
    assert told[-1] == "live done"


def test_a_broker_that_does_not_answer_is_named(desk: Path, capsys: pytest.CaptureFixture[str]) -> None:
    told = json.loads((desk / "desk.json").read_text())
    (desk / "desk.json").write_text(json.dumps(told | {"port": 1}))
    assert main(["send", "node-1", "rebirth", "--desk", str(desk)]) == 1
    assert "127.0.0.1:1" in capsys.readouterr().err
    assert main(["send", "node-1", "rebirth", "--desk", str(desk / "none")]) == 1
    assert "camera-ward desk" in capsys.readouterr().err
