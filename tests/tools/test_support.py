"""The support bundle: whole, bounded, without a secret in any spelling, and honest about what it could not read."""

import base64
import json
import tarfile
from pathlib import Path

import pytest
import yaml

from agent.access import AccessLog
from agent.cli import main
from agent.clock import Clock
from agent.errors import AgentError
from agent.i18n import Text
from agent.tools.support import Redactor, asked, secret_values
from agent.tools.support.asked import Line
from agent.tools.support.collect import ABOUT
from agent.tools.support.pack import CUT, LARGEST_PART, Part, bounded, pack
from agent.tools.support.timeline import MOST, timeline
from agent.values import GRANTED, Access
from tests.health.test_screen import report

MQTT, CAMERA, SETUP, KEY = "cAnArY-mqtt-7f3a", "cAnArY-camera-44e0", "CANARY7K", "cAnArYkeybody5c8dcAnArYkeybody"
PERSON, REASON = "cAnArY-officer", "cAnArY-reason"
SECRETS = (MQTT, CAMERA, SETUP, KEY, PERSON, REASON)


def spellings(secret: str) -> set[bytes]:
    raw = secret.encode()
    return {raw, raw.hex().encode(), base64.b64encode(raw).rstrip(b"="), base64.urlsafe_b64encode(raw).rstrip(b"=")}


@pytest.fixture
def node(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A node that does not run, with a canary in each place; gives its configuration."""
    etc, data = tmp_path / "etc", tmp_path / "data"
    etc.mkdir()
    data.mkdir()
    files = {"mqtt.password": MQTT, "camera.password": CAMERA, "setup.code": SETUP}
    files["node.key"] = f"-----BEGIN PRIVATE KEY-----\n{KEY}\n-----END PRIVATE KEY-----\n"
    for name, secret in files.items():
        (etc / name).write_text(f"{secret}\n")
        (etc / name).chmod(0o600)
    tree = {
        "node": {"ward": "w", "id": "gate-12", "data_dir": str(data), "latitude": 10.12345, "longitude": 106.5},
        "mqtt": {"url": "mqtt://127.0.0.1:1", "username": "u", "password_file": str(etc / "mqtt.password")},
        "insecure": True,
        "retention": {"max_days": 30},
        "cameras": [{"id": "gate", "source": str(tmp_path / f"none-{CAMERA}.mp4")}],
    }
    (etc / "config.yaml").write_text(yaml.safe_dump(tree))
    log = AccessLog(data / "access", Clock())
    log.write(Access("clip", PERSON, "case-7", REASON, "gate", 10**18, 2 * 10**18, GRANTED, "r-1"))
    (data / "footage").mkdir()
    (data / "footage" / "gate.mp4").write_bytes(b"cAnArY-picture" * 1000)
    said = [
        {
            "__REALTIME_TIMESTAMP": "1790000000000000",
            "PRIORITY": "4",
            "MESSAGE": f"login u:{MQTT} refused, psk={SETUP}",
        },
        {"__REALTIME_TIMESTAMP": "1790000001000000", "PRIORITY": "6", "MESSAGE": "rtsp://viewer:hunter22@cam/ opened"},
        {"__REALTIME_TIMESTAMP": "1790000002000000", "PRIORITY": "4", "MESSAGE": list(b"Under-voltage detected! \xff")},
        {"__REALTIME_TIMESTAMP": "x"},
    ]
    bin_dir = tmp_path / "bin"
    bin_dir.mkdir()
    lines = "\n".join(map(json.dumps, said))
    for name, text in (
        ("journalctl", lines),
        ("systemctl", f"Active: failed {base64.b64encode(MQTT.encode()).decode()}"),
    ):
        (bin_dir / name).write_text(f"#!/bin/sh\ncat <<'END'\n{text}\nEND\n")
        (bin_dir / name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{bin_dir}:/usr/bin:/bin")
    return etc / "config.yaml"


def unpacked(path: Path) -> dict[str, bytes]:
    with tarfile.open(path) as archive:
        members = archive.getmembers()
        assert all(member.isfile() and member.name.startswith("camera-agent-gate-12/") for member in members)
        return {member.name.partition("/")[2]: archive.extractfile(member).read() for member in members}  # type: ignore[union-attr]


def test_nothing_secret_and_no_footage_is_in_it(node: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "bundle.tar.gz"
    assert main(["support-bundle", "--config", str(node), str(out)]) == 0
    parts = unpacked(out)
    assert set(parts) == {"contents.txt", *ABOUT} - {"status.json"}
    printed = capsys.readouterr().out.encode()
    for name, data in (parts | {"terminal": printed}).items():
        for secret in SECRETS:
            assert not [way for way in spellings(secret) if way in data], f"{secret} in {name}"
        assert b"hunter22" not in data and b"cAnArY" not in data and b"10.12345" not in data, name
    # And it was a search: each of these places had one to lose.
    assert b"login u:***" in parts["journal.txt"] and b"psk=***" in parts["journal.txt"]
    assert b"rtsp://***@cam/" in parts["journal.txt"] and b"failed ***" in parts["service.txt"]
    assert b"none-***.mp4" in parts["doctor.json"] and b"latitude: ***" in parts["config.yaml"]
    assert b"password_file: " in parts["config.yaml"], "names of files stay"
    assert b"access 1 clip: granted gate" in parts["timeline.txt"]
    assert b"Under-voltage" in parts["kernel.txt"]
    contents = parts["contents.txt"].decode()
    assert all(name in contents for name in ABOUT) and "status.json" in contents and "NOT INCLUDED" in contents
    assert out.stat().st_mode & 0o777 == 0o600 and out.stat().st_size < 200_000
    assert json.loads(parts["doctor.json"])["schema"] == "doctor/1"


def test_a_configuration_with_mistakes_is_told_not_fatal(node: Path, tmp_path: Path) -> None:
    node.write_text("node: {ward: w\n")
    out = tmp_path / "b.tar.gz"
    assert main(["support-bundle", "--config", str(node), str(out)]) == 0
    with tarfile.open(out) as archive:
        parts = {member.name.partition("/")[2] for member in archive.getmembers()}
        mistakes = archive.extractfile("camera-agent-unknown/check-config.txt")
        assert mistakes is not None and b"config.yaml:" in mistakes.read()
    assert parts == {"contents.txt", *ABOUT} - {"status.json", "doctor.json", "config.yaml"}


def test_it_is_never_written_among_the_nodes_own_files(node: Path, tmp_path: Path) -> None:
    assert main(["support-bundle", "--config", str(node), str(tmp_path / "data" / "b.tar.gz")]) == 1
    assert main(["support-bundle", "--config", str(node), str(tmp_path / "nowhere" / "b.tar.gz")]) == 1


def test_secrets_go_in_every_spelling_and_what_looks_like_one(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"abc\xff\xfe~?long-secret-one\nsecond-line-of-it\n")
    (tmp_path / "short").write_text("ab\n")
    (tmp_path / "config.yaml").write_text("mqtt")
    redact = Redactor(secret_values((), tmp_path))
    for secret in (b"abc\xff\xfe~?long-secret-one", b"second-line-of-it"):
        for way in (secret, secret.hex().encode(), base64.b64encode(secret), base64.urlsafe_b64encode(secret)):
            assert redact(b"x " + way + b" y").rstrip(b"= y") == b"x ***", way
    assert redact(b"ab mqtt://broker/ mqtt") == b"ab mqtt://broker/ mqtt"
    assert redact(b"mqtt://u:p@h Authorization: Basic dTpwcHBw\n") == b"mqtt://***@h Authorization: *** ***\n"
    assert redact(b'"token": "abcdef", password_file: /x') == b'"token": "***", password_file: /x'
    key = b"-----BEGIN EC PRIVATE KEY-----\nAAAA\n"
    assert redact(key) == b"***" and redact(key + b"-----END EC PRIVATE KEY-----\nrest") == b"***\nrest"


def test_a_part_is_bounded_and_ends_with_the_newest() -> None:
    data = b"".join(b"line %07d\n" % number for number in range(200_000))
    cut = bounded(data)
    assert len(cut) < LARGEST_PART + 100 and cut.startswith(CUT + b"line ") and cut.endswith(data[-14:])
    assert bounded(b"short") == b"short"


def test_the_timeline_is_one_order_of_all(tmp_path: Path) -> None:
    status = report(tmp_path, "too_hot")
    lines = [
        Line("2026-01-02T00:00:00Z", 4, "second"),
        Line("2026-01-01T00:00:00Z", 6, "agent.health.faults: fault disk_full is over"),
        Line("2026-01-01T00:00:00Z", 6, "chatter"),
    ]
    told = timeline((), lines, status)
    assert told[0].startswith("1970-01-01T00:00:00Z  fault too_hot is open") and len(told) == 3
    assert told[1].endswith("fault disk_full is over") and told[2].endswith("<4> second")
    assert len(timeline((), [Line("2026", 3, "x")] * (MOST + 5), None)) == MOST


def test_programs_that_are_not_there_are_told(tmp_path: Path) -> None:
    for ask in (asked.journal, asked.kernel, asked.service):
        with pytest.raises(AgentError, match="cannot be asked"):
            ask(command=str(tmp_path / "none"))
    mute = tmp_path / "journalctl"
    mute.write_text("#!/bin/sh\nexit 0\n")
    mute.chmod(0o755)
    with pytest.raises(AgentError, match="no lines"):
        asked.journal(command=str(mute))
    assert asked.kernel(command=str(mute)) == ()
    mute.write_text("#!/bin/sh\necho 'No journal files were opened' >&2\nexit 1\n")
    with pytest.raises(AgentError, match="No journal files"):
        asked.kernel(command=str(mute))


def test_a_disk_that_is_full_leaves_nothing_half_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    out = tmp_path / "b.tar.gz"
    out.write_bytes(b"before")
    (tmp_path / "b.tar.gz.tmp").mkdir()  # it cannot be written aside
    part = Part("a.txt", Text(en="a", vi="a"), b"x" * 1000)
    with pytest.raises((AgentError, OSError)):
        pack((part,), "n", out, Clock().now())
    assert out.read_bytes() == b"before"
