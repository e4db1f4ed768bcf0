"""`camera-agent access-log`: what the household reads, in both languages, and what a check finds."""

import json
from pathlib import Path

import pytest

from agent.access import AccessLog, files
from agent.cli import main
from agent.clock import MediaClock
from agent.contract.base import parse_utc
from agent.values import Access

AT_NS = 1_790_000_000 * 10**9  # 2026-09-21 21:13:20 in Ho Chi Minh City


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "config.yaml"
    path.write_text(
        f"node: {{ward: w, id: n-access, data_dir: {tmp_path / 'data'}}}\nmqtt: {{url: 'mqtts://h'}}\n"
        "retention: {max_days: 9}\ncameras: [{id: gate, source: /dev/video0}]\n",
        encoding="utf-8",
    )
    log = AccessLog(tmp_path / "data" / "access", MediaClock(AT_NS))
    hour = 3600 * 10**9
    log.write(Access("clip", "ca-12", "HS-7", "mất xe máy", "gate", AT_NS - hour, AT_NS - hour + 600 * 10**9))
    log.write(Access("clip", "ca-12", "HS-8", "va chạm", "gate", AT_NS - hour, AT_NS, result="not_found"))
    return path


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("vi", ("xin đoạn hình; đã cho", "người xin: ca-12, hồ sơ HS-7: mất xe máy", "đã từ chối: không tìm thấy")),
        (
            "en",
            (
                "a clip was asked for; granted",
                "by ca-12, case HS-7: mất xe máy",
                "refused: what was asked",
            ),
        ),
    ],
)
def test_the_household_reads_who_what_when_and_why(
    language: str,
    words: tuple[str, ...],
    config: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("CAMERA_AGENT_LANG", language)
    assert main(["access-log", "--config", str(config)]) == 0
    told = capsys.readouterr().out
    assert all(word in told for word in words)
    assert "1. 2026-09-21 21:13:20" in told
    assert "gate: 2026-09-21 20:13:20 – 20:23:20" in told


def test_programs_get_a_record_per_line(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["access-log", "--config", str(config), "--json"]) == 0
    records = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [(record["number"], record["case"], record["result"]) for record in records] == [
        (1, "HS-7", "granted"),
        (2, "HS-8", "not_found"),
    ]


def test_a_check_tells_the_line_that_was_changed(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["access-log", "--config", str(config), "--check"]) == 0
    assert "2" in capsys.readouterr().out
    path = files.newest(config.parent / "data" / "access")
    path.write_bytes(path.read_bytes().replace(b"HS-8", b"HS-9"))
    assert main(["access-log", "--config", str(config), "--check"]) == 1
    assert "2" in capsys.readouterr().err


def test_without_a_log_it_says_what_to_do(tmp_path: Path, config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config.write_text(config.read_text(encoding="utf-8").replace("/data", "/other"), encoding="utf-8")
    assert main(["access-log", "--config", str(config)]) == 1
    assert "sudo" in capsys.readouterr().err


def test_nobody_writes_lines_of_his_own_with_a_reason(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    log = AccessLog(config.parent / "data" / "access", MediaClock(AT_NS))
    reason = "x\n4. 2026-09-21 21:13:20: a clip was asked for; granted\x1b[2J\x9b1A\r\u202e"
    log.write(Access("clip", "ca\n-12", "HS\x07-9", reason, "gate", AT_NS - 10**9, AT_NS))
    assert main(["access-log", "--config", str(config)]) == 0
    told = capsys.readouterr().out
    assert len(told.splitlines()) == 3 * 3
    assert all(letter.isprintable() or letter == "\n" for letter in told)


@pytest.mark.parametrize("zone", ["Asia/Ho_Chi_Minh", "America/Los_Angeles"])
def test_whatever_a_stranger_asked_for_the_household_can_read_the_log(
    zone: str, config: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """An attempt without the ward's signature is noted too: its times may be of any year, its words hold anything."""
    config.write_text(config.read_text().replace("node: {", f"node: {{timezone: {zone}, "))
    log = AccessLog(tmp_path / "data" / "access", MediaClock(AT_NS))
    first, last = parse_utc("0001-01-01T00:00:00.000Z"), parse_utc("9999-12-31T23:59:59.999Z")
    words = "x\n9. 2026-09-21 21:13:20: granted\x1b[2J\N{RIGHT-TO-LEFT OVERRIDE}"
    log.write(Access("clip", words, words, words, "gate", first, last, result="unauthorised"))
    log.write(Access("clip", "ca-13", "HS-9", "after it", "gate", last, first))
    assert main(["access-log", "--config", str(config)]) == 0
    told = capsys.readouterr().out
    assert "1-01-01" in told and "9999-12-31" in told and "after it" in told
    assert "\x1b" not in told and "\N{RIGHT-TO-LEFT OVERRIDE}" not in told
    assert not any(line.startswith("9. ") for line in told.splitlines())
