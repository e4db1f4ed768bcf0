"""What argparse says comes in the language of the terminal: help, headings and complaints."""

import argparse

import pytest

from agent.cli import main
from agent.cli.parser import Parser, complaint

ENGLISH = ("usage:", "positional arguments", "options:", "show this help", "error:", "required", "invalid", "expected")


def told(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    captured = capsys.readouterr()
    assert ended.value.code == (0 if "--help" in arguments else 2)
    return captured.out if "--help" in arguments else captured.err


@pytest.fixture(params=["en", "vi"])
def language(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("CAMERA_AGENT_LANG", request.param)
    return str(request.param)


@pytest.mark.parametrize("command", [(), ("probe",), ("model",), ("check-config",)], ids=str)
def test_help_is_in_one_language(command: tuple[str, ...], language: str, capsys: pytest.CaptureFixture[str]) -> None:
    text = told(capsys, *command, "--help")
    vietnamese = ("cách dùng: camera-agent", "tham số:", "tuỳ chọn:", "hiện hướng dẫn này rồi thoát")
    english = ("usage: camera-agent", "positional arguments:", "options:", "show this help message and exit")
    wanted, other = (vietnamese, english) if language == "vi" else (english, vietnamese)
    assert [word for word in wanted if word not in text] == []
    assert [word for word in other if word in text] == []


@pytest.mark.parametrize(
    ("arguments", "en", "vi"),
    [
        (("jump",), "invalid choice: 'jump'", "không có 'jump'; hãy chọn một trong: "),
        (("version", "now"), "unrecognized arguments: now", "không có tham số này: now"),
        (("check-config",), "the following arguments are required: FILE", "còn thiếu tham số bắt buộc: FILE"),
        (("probe", "--timeout"), "expected one argument", "tham số --timeout: cần một giá trị đi kèm"),
        (("reach", "--lens", "x"), "invalid float value: 'x'", "cần một số, không phải 'x'"),
        (("reach", "--height", "1.5"), "invalid int value: '1.5'", "cần một số nguyên, không phải"),
        (("model", "check", "m", "--score", "nan"), "a number from 0 to 1, like 0.4", "một số từ 0 đến 1, ví dụ 0.4"),
        (("model", "check", "m", "--score", "inf"), "not 'inf'", "không phải 'inf'"),
        (("model", "check", "m", "--runs", "0"), "a whole number from 1 to 10000", "một số nguyên từ 1 đến 10000"),
        (("model", "check", "m", "--runs", "1.5"), "like 20, not '1.5'", "ví dụ 20, không phải '1.5'"),
        (("eval", "v.mp4", "--truth", "t", "--until=nan"), "a number from 0.1 to 86400", "một số từ 0.1 đến 86400"),
        (("eval", "v.mp4", "--truth", "t", "--until=-1"), "not '-1'", "không phải '-1'"),
        (("logs", "--lines=-1"), "a whole number from 0 to 100000", "một số nguyên từ 0 đến 100000"),
        (("model", "check", "m.onnx", "--p", "x"), "could match --provider, --picture", "chưa rõ, có thể là: --p"),
        (
            ("reach", "--lens", "4", "--fov", "9"),
            "not allowed with argument --lens",
            "không dùng chung được với",
        ),
        (("probe", "--try=yes"), "ignored explicit argument 'yes'", "không nhận giá trị: 'yes'"),
        (("probe", "nowhere"), "expected an IPv4 address", "cần một địa chỉ IPv4"),
    ],
)
def test_complaints(
    arguments: tuple[str, ...], en: str, vi: str, language: str, capsys: pytest.CaptureFixture[str]
) -> None:
    text = told(capsys, *arguments)
    last = text.splitlines()[-1]
    assert last.startswith("camera-agent")
    if language == "en":
        assert en in last
        assert ": error: " in last
    else:
        assert vi in last
        assert ": lỗi: " in last
        assert [word for word in ENGLISH if word in text] == []


def test_what_the_table_does_not_know_stays_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CAMERA_AGENT_LANG", "vi")
    assert complaint("something new") == "something new"
    assert complaint("argument --x: something new") == "tham số --x: something new"


def test_each_complaint_of_the_table_is_one_that_argparse_makes(language: str) -> None:
    parser = Parser(prog="x", exit_on_error=False)
    group = parser.add_mutually_exclusive_group(required=True)
    group.add_argument("--one", nargs=2)
    group.add_argument("--any", nargs="+")
    for arguments, vi in ((["--one", "1"], "cần 2 giá trị đi kèm"), (["--any"], "cần ít nhất một giá trị đi kèm")):
        with pytest.raises(argparse.ArgumentError) as caught:
            parser.parse_args(arguments)
        assert (vi in complaint(str(caught.value))) == (language == "vi")
    with pytest.raises((argparse.ArgumentError, SystemExit)) as none:
        parser.parse_args([])
    if isinstance(none.value, argparse.ArgumentError):
        assert ("phải có một trong các tham số: --one --any" in complaint(str(none.value))) == (language == "vi")
