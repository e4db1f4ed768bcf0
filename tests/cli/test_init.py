"""`camera-agent init` at a real terminal, from a pipe and from a file of answers."""

import argparse
import io
import os
import pty
import select
import signal
import stat
import sys
from pathlib import Path

import pytest

from agent.capture.find.discovery import way_to
from agent.cli import init, init_camera, main
from agent.cli.init_asking import AT_MOST, KEYS
from agent.cli.init_camera import listed, without_login
from agent.cli.probe import Range
from agent.config.load import check_config, load_config
from agent.errors import ConfigError
from tests.capture.find.device import Answerer, Device, Stream, match
from tests.capture.find.machine import Machine

SECRET = "c@nary: word"
LINES = ["vi", "phuong-1", "Ngã tư: chợ", "", "ward.example", "rtsp://192.168.1.64/main", "viewer", SECRET, "9",
         "UBND phường, 028 3829 1234"]  # fmt: skip


def piped(lines: list[str], out: Path, monkeypatch: pytest.MonkeyPatch, *more: str) -> int:
    monkeypatch.setattr(sys, "stdin", io.StringIO("\n".join(lines) + "\n"))
    return main(["init", "--out", str(out), *more])


def test_ten_lines_make_a_configuration_with_comments(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "config.yaml"
    assert len(LINES) == AT_MOST
    assert piped(LINES, out, monkeypatch) == 0
    told = capsys.readouterr()
    text = out.read_text(encoding="utf-8")
    assert check_config(out) == ()
    config = load_config(out)
    assert (config.node.ward, config.node.id, config.node.label) == ("phuong-1", "nga-tu-cho", "Ngã tư: chợ")
    assert (config.mqtt.url, config.retention.max_days) == (("mqtts://ward.example",), 9)
    assert (config.notice.controller, config.notice.contact) == ("UBND phường", "028 3829 1234")
    (camera,) = config.cameras
    assert camera.password_file is not None and camera.username == "viewer"
    assert camera.password_file.read_text(encoding="utf-8") == SECRET + "\n"
    assert stat.S_IMODE(camera.password_file.stat().st_mode) == 0o600
    assert "nary" not in text + told.out + told.err
    assert text.count("#") > 20 and text.startswith("# Cấu hình")
    assert f"camera-agent check-config {out}" in told.out


@pytest.mark.parametrize(
    ("line", "bad", "words"),
    [
        (1, "Phường 1", "phuong-1"),
        (1, "", "phải trả lời"),
        (4, "http://ward.example", "mqtts://"),
        (5, "192.168.1.64", "rtsp://"),
        (8, "0", "ít nhất là 1"),
        (8, "x", "số nguyên"),
        (8, "-3", "ít nhất là 1"),
        (8, "30.5", "có phải ý bạn là 30?"),
    ],
)
def test_a_bad_line_ends_it_with_the_configuration_s_own_words(
    line: int, bad: str, words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("CAMERA_AGENT_LANG", "vi")
    lines = [*LINES[:line], bad, *LINES[line + 1 :]]
    assert piped(lines, tmp_path / "c.yaml", monkeypatch) == 78
    assert words in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_is_there_is_not_replaced_unasked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    out = tmp_path / "c.yaml"
    out.write_text("mine", encoding="utf-8")
    assert piped(LINES, out, monkeypatch) == 1
    assert out.read_text(encoding="utf-8") == "mine" and len(list(tmp_path.iterdir())) == 1
    assert piped(LINES, out, monkeypatch, "--force") == 0
    assert (tmp_path / "c.yaml.old").read_text(encoding="utf-8") == "mine"
    assert piped(LINES, out, monkeypatch, "--force") == 0
    assert (tmp_path / "camera-1-2.password").exists(), "a password that is there is not replaced"


def test_answers_come_from_a_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    answers, out, word = tmp_path / "answers.yaml", tmp_path / "c.yaml", tmp_path / "word"
    word.write_text(SECRET, encoding="utf-8")
    answers.write_text(
        f"ward: phuong-1\nbroker: ward.example:8883\ncamera: rtsp://10.0.0.9/1\nusername: a\npassword_file: {word}\n"
        "days: 12\ncontroller: UBND\ncontact: '0283829'\npurpose: Giữ xe\nlanguage: en\n",
        encoding="utf-8",
    )
    assert main(["init", "--answers", str(answers), "--out", str(out)]) == 0
    config = load_config(out)
    assert (config.notice.purpose, config.notice.contact, config.node.language) == ("Giữ xe", "0283829", "en")
    assert config.cameras[0].password_file == word
    told = capsys.readouterr()
    assert "Next:" in told.out and not told.err, "nothing was asked"
    for wrong, words in (("wrad: x\n", "ward"), ("ward: phuong-1\n", "`broker`"), ("ward: P 1\n", "`ward`")):
        answers.write_text(wrong, encoding="utf-8")
        assert main(["init", "--answers", str(answers), "--out", str(tmp_path / "d.yaml")]) == 78
        assert words in capsys.readouterr().err
    assert set(KEYS) >= {"ward", "camera", "days"}


def test_a_login_typed_into_the_address_is_taken_out() -> None:
    assert without_login("rtsp://admin:a%40b@10.0.0.1:554/x") == ("rtsp://10.0.0.1:554/x", "admin", "a@b")
    assert without_login("rtsp://10.0.0.1/x") == ("rtsp://10.0.0.1/x", "", "")
    assert without_login("/dev/video0") == ("/dev/video0", "", "")


CHILD = """
import sys
from pathlib import Path
from agent.capture.find.places import Places
from agent.cli import init
from agent.cli.probe import Range
import argparse
sys.exit(init.run(argparse.Namespace(out=Path(sys.argv[1]), answers=None, force=False),
              Range(Places(Path(sys.argv[2]), Path(sys.argv[2]), Path(sys.argv[2])), ())))
"""


class Terminal:
    """The command at a terminal of its own, with no network to look into."""

    def __init__(self, out: Path, places: Path) -> None:
        self.pid, self._fd = pty.fork()
        if self.pid == 0:
            os.environ["TERM"] = "dumb"
            signal.signal(signal.SIGINT, signal.SIG_DFL)  # whoever runs the tests in the background has it ignored
            os.execv(sys.executable, [sys.executable, "-c", CHILD, str(out), str(places)])
        self.seen, self._at = "", 0

    def until(self, words: str) -> None:
        """Reads until `words` were printed."""
        while words not in self.seen[self._at :]:
            ready, _, _ = select.select([self._fd], [], [], 60)
            assert ready, self.seen
            try:
                chunk = os.read(self._fd, 65536)
            except OSError:
                chunk = b""
            assert chunk, f"ended before {words!r}: {self.seen}"
            self.seen += chunk.decode(errors="replace")
        self._at = self.seen.index(words, self._at) + len(words)

    def type(self, words: str) -> None:
        os.write(self._fd, words.encode())

    def interrupt(self, until: str) -> None:
        """Ctrl-C, and again as a person does: while readline takes over the terminal a key may be thrown away."""
        for _ in range(20):
            os.write(self._fd, b"\x03")
            while select.select([self._fd], [], [], 3)[0]:
                try:
                    chunk = os.read(self._fd, 65536)
                except OSError:
                    chunk = b""
                self.seen += chunk.decode(errors="replace")
                if until in self.seen[self._at :] or not chunk:
                    return
        raise AssertionError(self.seen)

    def ended(self) -> int:
        while True:
            ready, _, _ = select.select([self._fd], [], [], 60)
            assert ready, self.seen
            try:
                chunk = os.read(self._fd, 65536)
            except OSError:
                break
            if not chunk:
                break
            self.seen += chunk.decode(errors="replace")
        _, status = os.waitpid(self.pid, 0)
        os.close(self._fd)
        return os.waitstatus_to_exitcode(status)


def test_at_a_terminal_a_bad_answer_is_asked_again_and_the_password_is_not_shown(tmp_path: Path) -> None:
    out = tmp_path / "c.yaml"
    terminal = Terminal(out, tmp_path)
    for number, answer in enumerate(LINES, 1):
        terminal.until(f"{number}/10 ")
        if number == 2:
            terminal.type("Phường 1\n")
            terminal.until("phuong-1")
            terminal.until("2/10 ")
        terminal.type(f"{answer}\n")
    assert terminal.ended() == 0, terminal.seen
    assert check_config(out) == ()
    assert "nary" not in terminal.seen


def test_ctrl_c_writes_nothing_and_tells_the_answers(tmp_path: Path) -> None:
    out = tmp_path / "c.yaml"
    out.write_text("mine", encoding="utf-8")
    terminal = Terminal(out, tmp_path)
    terminal.until("c/K")
    terminal.type("c\n")
    terminal.until("1/10 ")
    terminal.type("\n")
    terminal.until("2/10 ")
    terminal.type("phuong-9\n")
    terminal.until("3/10 ")
    terminal.interrupt("ward: phuong-9")
    assert terminal.ended() == 130
    assert "ward: phuong-9" in terminal.seen
    assert [path.name for path in tmp_path.iterdir()] == ["c.yaml"] and out.read_text(encoding="utf-8") == "mine"


def test_found_cameras_are_offered_by_number_and_asked_again_with_their_login(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(init_camera, "WAIT_S", 0.5)
    streams = (Stream("m", "rtsp://127.0.0.1:554/a", width=640, height=360),
               Stream("s", "rtsp://127.0.0.1:554/b", width=320, height=180))  # fmt: skip
    out = tmp_path / "c.yaml"
    with Device(streams, login=("ward", SECRET)) as device, Answerer((match(device.service),)) as answerer:
        places = Machine(tmp_path / "machine").places(onvif_port=answerer.port)
        where = Range(places, (way_to("127.0.0.1", answerer.port),))
        offered = init_camera.search(where)
        assert "1) 127.0.0.1" in listed(offered).en and "cần mật khẩu" in listed(offered).vi
        lines = [*LINES[:5], "1", "ward", SECRET, *LINES[8:]]
        monkeypatch.setattr(sys, "stdin", io.StringIO("\n".join(lines)))
        assert init.run(argparse.Namespace(out=out, answers=None, force=False), where) == 0
        lines[5] = "2"
        monkeypatch.setattr(sys, "stdin", io.StringIO("\n".join(lines)))
        with pytest.raises(ConfigError, match="1"):
            init.run(argparse.Namespace(out=tmp_path / "d.yaml", answers=None, force=False), where)
    (camera,) = load_config(out).cameras
    assert (camera.source, camera.sub, camera.username) == ("rtsp://127.0.0.1:554/a", "rtsp://127.0.0.1:554/b", "ward")
    assert "nary" not in out.read_text(encoding="utf-8") + capsys.readouterr().err
