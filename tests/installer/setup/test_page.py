"""The setup page over HTTPS: what it answers to whom, and how it opens and closes."""

import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx
import pytest

from agent.i18n import Text
from agent.installer.setup.doors import Saved, TestSent
from agent.installer.setup.opening import FIRST_BOOTS, Request
from agent.installer.web.codes import code_of
from agent.worker import Outcome
from tests.installer.people import browser
from tests.installer.people import wait_for as until
from tests.installer.setup.node import CODE, Node, Person, ask, code_in, look, open_now, opened, put, running, show

READ = ("node", "look?cam=gate", "schema", "config", "save", "test", "checks", "cameras/gate/picture.jpg")
WRITTEN = (
    "extend",
    "finish",
    "check",
    "save",
    "test",
    "cameras/gate/walk",
    "cameras/gate/focus",
    "cameras/gate/reference",
)


def address_of(node: Node) -> str:
    kept = open_now(node)
    assert kept is not None
    return f"https://127.0.0.1:{kept.port}"


def test_nothing_but_the_files_and_the_login_is_there_without_a_session(stranger: httpx.Client) -> None:
    assert stranger.get("/api/session").json() == {
        "logged_in": False,
        "language": "vi",
        "locked_s": 0,
        "closes_in_s": pytest.approx(1800, abs=60),
    }
    for path in READ:
        answer = stranger.get(f"/api/{path}")
        assert (answer.status_code, code_in(answer)) == (401, "login"), path
    for path in WRITTEN:
        answer = stranger.post(f"/api/{path}", json={})
        assert (answer.status_code, code_in(answer)) == (401, "login"), path
    assert code_in(stranger.get("/api/cameras/gate/live.mjpeg")) == "login"


def test_every_answer_protects_itself(person: Person) -> None:
    for answer in (person.get("node"), person.get("nothing"), person.browser.get("/x.js"), person.browser.get("/")):
        told = answer.headers
        assert (
            "default-src 'none'" in told["Content-Security-Policy"] and "unsafe" not in told["Content-Security-Policy"]
        )
        assert told["X-Content-Type-Options"] == "nosniff" and told["X-Frame-Options"] == "DENY"
        assert "Server" not in told and "Access-Control-Allow-Origin" not in told
    assert person.get("node").headers["Cache-Control"] == "no-store"


def test_the_cookie_belongs_to_this_page_alone(node: Node, address: str) -> None:
    with browser(node, address) as one:
        answer = one.post("/api/login", json={"code": CODE.lower().replace("-", "  ")})
    told = answer.headers["Set-Cookie"]
    assert answer.status_code == 200 and told.startswith("__Host-setup=")
    assert all(word in told for word in ("HttpOnly", "Secure", "SameSite=Strict", "Path=/"))
    assert answer.json()["token"] not in told


def test_the_node_and_its_pictures(person: Person, node: Node) -> None:
    told = person.get("node").json()
    assert told["label"] == "Ngõ 12" and [camera["id"] for camera in told["cameras"]] == ["gate", "yard"]
    answer = person.get("cameras/gate/picture.jpg?width=640")
    assert answer.headers["Content-Type"] == "image/jpeg" and answer.content.startswith(b"\xff\xd8")
    assert code_in(person.get("cameras/nobody/picture.jpg")) == "not_found"
    assert code_in(person.get("look?cam=nobody")) == "not_found"
    with person.browser.stream("GET", "/api/cameras/gate/live.mjpeg") as stream:
        waiting = b""
        for piece in stream.iter_raw():
            waiting += piece
            if waiting.count(b"--picture") >= 3:
                break
    assert waiting.count(b"\xff\xd8\xff") >= 2


def test_a_camera_without_a_picture_is_said_to_have_none(person: Person) -> None:
    assert code_in(person.get("cameras/yard/picture.jpg")) == "node"
    told = person.get("look?cam=yard").json()
    assert told["focus"]["level"] == told["exposure"]["level"] == "unknown" and told["tracks"] == []


def test_aiming(person: Person, node: Node) -> None:
    told = person.get("look?cam=gate").json()
    assert told["focus"]["share"] == 1.0 and told["exposure"]["level"] == "good"
    assert told["wifi"]["rssi_dbm"] == -58 and told["wifi"]["level"] == "good" and told["link"]["connected"]
    people = [each for each in told["tracks"] if each["label"] == "person"]
    assert people and all(each["distance_m"] is None and each["name"]["vi"] == "người" for each in people)
    assert told["walk"] == {**told["walk"], "on": False, "farthest": None, "lens": None}


def test_the_walk_test_tells_how_far_somebody_was_followed(person: Person, node: Node) -> None:
    begun = person.post("cameras/gate/walk", {"on": True, "lens": {"fov_deg": 90}}).json()
    assert begun["on"] and begun["lens"] == {"fov_deg": 90.0} and begun["promised"]["day"] > 0
    told = person.get("look?cam=gate").json()
    people = [each for each in told["tracks"] if each["label"] == "person"]
    # A pinhole camera of 90 degrees: the focal length is half the width.
    assert all(each["distance_m"] == pytest.approx(640 * 1.65 / each["height_px"], abs=0.2) for each in people)
    farthest = told["walk"]["farthest"]
    assert farthest["height_px"] == min(each["height_px"] for each in people)
    assert told["walk"]["people_seen"] == len(people)
    assert person.post("cameras/gate/walk", {"on": False}).json()["farthest"] == farthest
    lenses: tuple[Any, ...] = ({"fov_deg": 0}, {"fov_deg": "wide"}, {"lens_mm": -1}, [], {"fov_deg": True})
    for lens in lenses:
        assert code_in(person.post("cameras/gate/walk", {"on": True, "lens": lens})) == "body"


def test_the_forms_are_the_configuration_s_own(person: Person) -> None:
    told = person.get("schema").json()
    assert len(told["rules"]) == 13 and told["limits"]["rules"] == 64 and len(told["schedule"]["days"]) == 7
    by_name = {rule["rule"]: {field["key"]: field for field in rule["fields"]} for rule in told["rules"]}
    after = by_name["loitering"]["after"]
    assert (after["kind"], after["default"], after["max"]) == ("duration", "1m", 86400.0)
    assert by_name["line_crossing"]["line"]["required"] and not by_name["intrusion"]["zone"]["required"]
    assert by_name["wrong_way"]["direction"]["kind"] == "arrow" and "classes" not in by_name["tamper"]
    for fields in by_name.values():
        for field in fields.values():
            assert field["title"]["vi"] != field["key"] and field["about"]["vi"] and field["about"]["en"], field


def test_what_runs_shows_no_secret(person: Person) -> None:
    answer = person.get("config")
    assert "secret-path" not in answer.text and "192.168" not in answer.text and "mqtts" not in answer.text
    gate = answer.json()["cameras"][0]
    assert gate["zones"]["san"][0] == [0.44, 0.63] and gate["rules"] == [{"rule": "intrusion", "zone": "san"}]


def test_a_dry_check_tells_each_mistake_with_its_place_in_both_languages(person: Person) -> None:
    gate = person.get("config").json()["cameras"][0]
    gate["rules"] = [
        {"rule": "intrusion", "zone": "sân"},
        {"rule": "loitering", "after": 5},
        {"rule": "crowd", "count": 1, "schedule": {"days": ["monday"]}},
    ]
    gate["privacy_masks"] = {"nha": [[0, 0], [1, 1], [1, 0], [0, 1]]}
    told = person.post("check", {"cameras": [gate]}).json()
    found = {mistake["path"]: mistake for mistake in told["mistakes"]}
    assert not told["ok"] and {
        "cameras[0].rules[1].after",
        "cameras[0].rules[2].count",
        "cameras[0].rules[2].schedule.days[0]",
        "cameras[0].privacy_masks.nha",
    } <= set(found)
    assert found["cameras[0].rules[1].after"]["steps"] == ["cameras", 0, "rules", 1, "after"]
    assert all(mistake["text"]["vi"] and mistake["text"]["en"] for mistake in told["mistakes"])


def test_nothing_but_drawings_and_rules_can_be_changed(person: Person, node: Node) -> None:
    kept = person.get("config").json()
    cameras: tuple[Any, ...] = (
        {"id": "gate", "source": "rtsp://evil.example/"},
        {"id": "gate", "encode_cpu": 4},
        {"zones": {}},
        {"id": 7},
        "gate",
    )
    for camera in cameras:
        assert code_in(person.post("check", {"cameras": [camera]})) == "body"
    twice = [{"id": "gate", "label": "x"}, {"id": "gate", "label": "y"}]
    assert code_in(person.post("check", {"cameras": twice})) == "body"
    assert code_in(person.post("check", {"cameras": [{"id": "nobody", "label": "x"}]})) == "changed"
    assert person.post("save", {"hash": kept["hash"], "cameras": []}).status_code == 202
    assert "rtsp://192.168.1.64/***" in node.saves[0], "a text that is kept holds no secret of the file's"


def test_a_save_is_taken_only_when_it_can_be(person: Person, node: Node) -> None:
    kept = person.get("config").json()
    gate = {"id": "gate", "zones": {"san": [[0.1, 0.1], [0.5, 0.1], [0.5, 0.5]]}, "label": "Cổng sau"}
    assert code_in(person.post("save", {"hash": "0" * 64, "cameras": [gate]})) == "changed"
    refused = person.post("save", {"hash": kept["hash"], "cameras": [{"id": "gate", "zones": {}}]})
    assert code_in(refused) == "mistakes" and refused.json()["mistakes"][0]["path"] == "cameras[0].rules[0].zone"
    node.hindered = Text(en="on trial", vi="đang thử")
    assert code_in(person.post("save", {"hash": kept["hash"], "cameras": [gate]})) == "busy" and node.saves == []
    node.hindered = None
    answer = person.post("save", {"hash": kept["hash"], "cameras": [gate]})
    assert (answer.status_code, answer.json()["job"]) == (202, "job-1")
    assert "Cổng sau" in node.saves[0]
    assert [each.result for each in node.notes if each.action == "save"] == ["mistakes", "granted"]
    node.saved = Saved("undone", "job-1", why=Text(en="no picture", vi="không có hình"))
    assert person.get("save").json() == {
        "state": "undone",
        "job": "job-1",
        "left_s": None,
        "why": {"vi": "không có hình", "en": "no picture"},
    }


def test_test_event_photo_and_checks(person: Person, node: Node) -> None:
    assert person.get("test").json()["state"] == "none"
    assert person.post("test", {"cam": "gate"}).status_code == 202
    assert code_in(person.post("test", {"cam": "gate"})) == "busy_page"
    node.tested = TestSent("back", "01M82CQJRRCT48Y2G2Z4B2N4ST", 83.6, reads=False)
    told = person.get("test").json()
    assert (told["state"], told["ms"]) == ("back", 84) and "84 ms" in told["text"]["vi"]
    assert code_in(person.get("cameras/gate/reference.jpg")) == "not_found"
    kept = person.post("cameras/gate/reference").json()
    photo = person.get("cameras/gate/reference.jpg")
    assert len(photo.content) == kept["bytes"] and photo.content.startswith(b"\xff\xd8")
    assert (node.photos.folder / "gate.jpg").stat().st_mode & 0o777 == 0o600
    assert person.get("checks").json()["checks"][0]["title"] == {"en": "Disk", "vi": "Ổ đĩa"}


def test_the_photo_waits_for_the_first_picture_when_nobody_watched(
    person: Person, node: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown, nothing = node.view, iter((None, None))
    monkeypatch.setattr(Node, "view", property(lambda _: next(nothing, shown)), raising=False)
    assert person.post("cameras/gate/reference").json()["bytes"] > 0


def test_the_page_closes_when_somebody_is_done(person: Person, node: Node, address: str) -> None:
    assert node.asked.state is not None and person.post("finish").json() == {"closed": True}
    until(lambda: node.asked.state is None and not (node.file.folder / "open.json").exists())
    with pytest.raises(httpx.ConnectError):
        person.get("node")
    again = ask(node, "ZZZZ-9999")
    with browser(node, again, cookies=person.browser.cookies) as old:
        assert code_in(old.get("/api/node")) == "login", "a session does not outlive the page"
        assert code_in(old.post("/api/login", json={"code": CODE})) == "wrong_code", "nor does a code"


def test_the_page_closes_by_itself(person: Person, node: Node) -> None:
    node.clock.ahead_s = 1700
    assert person.get("node").json()["closes_in_s"] <= 101
    assert person.post("extend").json()["closes_in_s"] == 1800
    node.clock.ahead_s = 3600
    until(lambda: node.asked.state is None)
    with pytest.raises(httpx.ConnectError):
        person.get("node")


def test_it_is_prolonged_only_for_so_long(person: Person, node: Node) -> None:
    left_s = [person.post("extend").json()["closes_in_s"]]
    while left_s[-1] == 1800:
        node.clock.ahead_s += 1000
        left_s.append(person.post("extend").json()["closes_in_s"])
    assert node.clock.ahead_s + left_s[-1] == pytest.approx(4 * 3600, abs=60)


def test_session_lock_and_codes_outlive_the_node_s_beginning_again(node: Node) -> None:
    with opened(node) as address:
        person = Person(node, address)
        port = address.rpartition(":")[2]
        for _ in range(5):
            person.browser.post("/api/login", json={"code": "00000000"})
    kept = open_now(node)
    assert kept is not None and kept.locked_until_s > 0
    node.section = node.section.model_copy(update={"port": int(port)})
    with running(node):
        until(lambda: node.asked.state is not None)
        assert person.get("node").status_code == 200 and person.post("extend").status_code == 200
        with browser(node, address) as other:
            assert code_in(other.post("/api/login", json={"code": CODE})) == "locked"


def test_another_boot_knows_nothing_of_it(node: Node) -> None:
    with opened(node):
        pass
    kept = open_now(node)
    assert kept is not None
    assert node.file.read("another boot", node.clock.mono_s()) is None


def test_the_first_boots_open_it_by_themselves_with_the_code_of_the_label(node: Node) -> None:
    node.section = node.section.model_copy(update={"first_boot": True})
    assert look(node) is Outcome.IDLE, "without a label nobody could come in"
    node.label = code_of("LABE-L111")
    boots = []
    for boot in range(FIRST_BOOTS + 2):
        node.clock.boot_id = f"boot-{boot}"
        boots.append(look(node))
        kept = open_now(node)
        assert (kept is not None and kept.why == "first_boot") is (boot < FIRST_BOOTS)
    assert boots == [Outcome.WORKED] * FIRST_BOOTS + [Outcome.IDLE] * 2


def test_a_first_boot_that_was_finished_is_over(node: Node) -> None:
    node.section = node.section.model_copy(update={"first_boot": True})
    node.label = code_of("LABE-L111")
    with running(node):
        until(lambda: node.asked.state is not None)
        person = Person(node, address_of(node), "labe l111")
        person.post("finish")
        until(lambda: node.asked.state is None and node.file.first_boots("another") >= FIRST_BOOTS)


def test_identify_opens_it_only_where_the_configuration_and_a_label_say_so(node: Node) -> None:
    node.label = code_of("LABE-L111")
    with running(node):
        node.asked.open.set()
        until(lambda: node.asked.state is not None)
        assert node.asked.state is not None and node.asked.state.why == "identify"
        Person(node, address_of(node), "LABE-L111")
    node.file.forget()
    node.by_itself = False
    node.asked.open.set()
    assert look(node) is Outcome.IDLE and not node.asked.open.is_set()
    node.by_itself, node.label = True, None
    node.asked.open.set()
    assert look(node) is Outcome.IDLE


def test_identify_lets_the_label_in_once_more_but_lifts_no_lock(node: Node) -> None:
    node.label = code_of("LABE-L111")
    node.asked.open.set()
    with running(node):
        until(lambda: node.asked.state is not None)
        Person(node, address_of(node), "LABE-L111")
        with browser(node, address_of(node)) as other:
            assert code_in(other.post("/api/login", json={"code": "LABE-L111"})) == "used_code"
            node.asked.open.set()
            until(lambda: node.asked.entry is not None and node.asked.entry.opening.codes)
            for _ in range(5):
                other.post("/api/login", json={"code": "00000000"})
            node.asked.open.set()
            until(lambda: not node.asked.open.is_set())
            assert code_in(other.post("/api/login", json={"code": "LABE-L111"})) == "locked"
            node.clock.ahead_s = 301
            Person(node, address_of(node), "LABE-L111")


def test_a_second_code_is_let_in_beside_the_first_and_close_closes(node: Node) -> None:
    with opened(node, CODE, "ZZZZ-9999") as address:
        Person(node, address, "ZZZZ-9999")
        Person(node, address, CODE)
        put(node, Request("close", close=True))
        until(lambda: node.asked.state is None)


def test_a_port_that_is_taken_is_told_and_tried_again(node: Node) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        node.section = node.section.model_copy(update={"port": taken.getsockname()[1]})
        put(node, Request("r0", code_of(CODE)))
        with running(node):
            until(lambda: node.errors)
            assert node.errors[0].code == "page_port" and node.errors[0].text.vi
            taken.close()
            until(lambda: node.asked.state is not None)


def test_nothing_is_looked_at_and_nothing_listens_while_nobody_looks(node: Node) -> None:
    assert look(node) is Outcome.IDLE
    assert node.looks == 0 and open_now(node) is None and node.asked.state is None


def test_a_closed_page_loads_no_server(tmp_path: Path) -> None:
    told = (
        "import sys; import agent.app.node; "
        "print([name for name in ('aiohttp', 'asyncio', 'ssl_', 'agent.installer.setup.site', 'cryptography')"
        " if name in sys.modules])"
    )
    out = subprocess.run([sys.executable, "-c", told], capture_output=True, text=True, check=True, timeout=120)
    assert out.stdout.strip() == "[]"


def test_a_picture_is_encoded_once_for_all(person: Person, node: Node) -> None:
    first = person.get("cameras/gate/picture.jpg").content
    assert person.get("cameras/gate/picture.jpg").content == first
    node.view = show(6.0, node.clock, seq=2)
    assert person.get("cameras/gate/picture.jpg").content != first
