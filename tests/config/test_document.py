"""Files that are no configuration at all, and YAML that is broken or does more than a configuration may."""

import os
from pathlib import Path

import pytest

from agent.config.document import MAX_DEPTH, read_document
from agent.config.load import check_config, load_config
from agent.config.mistakes import InvalidConfig
from tests.config.files import EXAMPLE, MINIMAL, mistakes_in

BOMB = "a: &a [x, x]\nb: &b [*a, *a]\nc: &c [*b, *b]\nd: [*c, *c]\n"
SYNTAX = [
    ("tab", MINIMAL.replace("  ward", "\tward"), "2:1", "a tab stands here", "ký tự tab"),
    ("bad indent", "node:\n  ward: a\n   id: b\n", "3:4", "not indented", "thụt vào không khớp"),
    ("indent of a list", "cameras:\n  - id: a\n - id: b\n", "3:2", "not indented", "thụt vào không khớp"),
    ("key further out", "node:\n    ward: a\n  id: b\n", "3:3", "not indented", "thụt vào không khớp"),
    ("missing colon", "node:\n  ward a\n  id: b\n", "2:7", "a colon", "dấu hai chấm"),
    ("colon in a text", "node: {label: a: b}\n", "1:7", "needs quotes", "trong dấu nháy"),
    ("open bracket", "a: [1, 2\nb: 3\n", "1:4", "bracket [ or {", "ngoặc [ hoặc {"),
    ("open quote", 'a: 1\nb: "text\n', "2:4", "is not closed", "chưa được đóng"),
    ("escape", 'a: "C:\\qideo"\n', "1:7", "backslash", "gạch chéo ngược"),
    ("escape too large", 'a: "\\UFFFFFFFF"\n', "1:1", "backslash", "gạch chéo ngược"),
    ("at sign", "a: @b\n", "1:4", "needs quotes", "trong dấu nháy"),
    ("control character", "a: b\x07\n", "1:5", "U+0007", "U+0007"),
    ("too deep", "a: " + "[" * 200_000, "1:20", "nested too deep", "lồng nhau quá sâu"),
    ("too many", "a: [" + "1," * 30_000 + "]", "1:10001", "too many values", "quá nhiều giá trị"),
]
REFUSED = [
    ("anchor", MINIMAL + "health: &h {}\n", "15:9 health", "anchors", "neo"),
    ("tag", MINIMAL.replace("node-1", "!!str node-1"), "3:7 node.id", "tags (!name)", "thẻ (!tên)"),
    ("python tag", MINIMAL + "health: !!python/object:os.system {}\n", "15:9 health", "tags", "thẻ"),
    ("secret", MINIMAL.replace("node-1", "!secret x"), "3:7 node.id", "`password_file`", "ghi mật khẩu vào một tệp"),
    ("include", MINIMAL + "health: !include config.yaml\n", "15:9 health", "tags", "thẻ"),
    ("merge key", MINIMAL + "health: {<<: {interval: 5s}}\n", "15:10 health", "merge keys", "khoá gộp"),
    ("second document", MINIMAL + "---\nnode: {}\n", "15:1 ", "a second document", "tài liệu thứ hai"),
    ("list as a key", MINIMAL + "? [a]\n: b\n", "15:3 ", "a key must be one word", "phải là một từ"),
    ("hidden character", MINIMAL.replace("node-1", '"node-1\\0"'), "3:7 node.id", "invisible", "ký tự điều khiển"),
]


@pytest.mark.parametrize(("name", "text", "place", "en", "vi"), SYNTAX, ids=[row[0] for row in SYNTAX])
def test_broken_yaml_is_one_clear_line(name: str, text: str, place: str, en: str, vi: str, tmp_path: Path) -> None:
    (mistake,) = mistakes_in(text, tmp_path)
    assert f"{mistake.line}:{mistake.col}" == place
    assert en in mistake.say("en")
    assert vi in mistake.say("vi")


@pytest.mark.parametrize(("name", "text", "place", "en", "vi"), REFUSED, ids=[row[0] for row in REFUSED])
def test_what_a_configuration_may_not_use(name: str, text: str, place: str, en: str, vi: str, tmp_path: Path) -> None:
    mistake = mistakes_in(text, tmp_path)[0]
    assert f"{mistake.line}:{mistake.col} {mistake.path}" == place
    assert en in mistake.say("en")
    assert vi in mistake.say("vi")


def test_aliases_are_never_followed(tmp_path: Path) -> None:
    assert read_document(BOMB).data["d"] == [None, None]
    told = [mistake.text.en for mistake in mistakes_in(BOMB, tmp_path)]
    assert sum("aliases" in line for line in told) == 6


def test_other_mistakes_are_told_beside_what_is_refused(tmp_path: Path) -> None:
    mistakes = mistakes_in(MINIMAL + "health: &h {interval: 5}\nspool: *h\nfootage: {segment: 2h}\n", tmp_path)
    assert [(one.line, one.path) for one in mistakes] == [
        (15, "health"), (15, "health.interval"), (16, "spool"), (17, "footage.segment"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("content", "en", "vi"),
    [
        (b"", "the file is empty", "tệp trống"),
        (b"# only a comment\n", "the file is empty", "tệp trống"),
        (b"\xef\xbb\xbf", "the file is empty", "tệp trống"),
        (b"just text", "expected sections", "cần các mục"),
        (b"- a\n- b\n", "expected sections", "cần các mục"),
        (b"\x7fELF\x02\x01\x01\x00\x00", "not a text file", "không phải tệp văn bản"),
        ("node: {}".encode("utf-16"), "save it as UTF-8", "lưu dạng UTF-8"),
        ("node: {label: Chợ}".encode("cp1258", "replace") + b"\xff", "not UTF-8", "không phải văn bản UTF-8"),
        (b"a" * 300_000, "larger than 256 kB", "lớn hơn 256 kB"),
    ],
)
def test_files_that_are_no_configuration(content: bytes, en: str, vi: str, tmp_path: Path) -> None:
    (mistake,) = mistakes_in(content, tmp_path)
    assert en in mistake.say("en")
    assert vi in mistake.say("vi")


def test_the_place_of_a_byte_that_is_not_utf8(tmp_path: Path) -> None:
    (mistake,) = mistakes_in("node:\n  label: Chợ ".encode() + b"\xe1\n", tmp_path)
    assert (mistake.line, mistake.col) == (2, 14)


def test_missing_directory_pipe_and_unreadable(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    told = [str(check_config(path)[0]) for path in (tmp_path / "none.yaml", tmp_path, pipe, Path("/proc/self/mem"))]
    assert "there is no such file" in told[0]
    assert "this is a directory" in told[1]
    assert "not a regular file" in told[2]
    assert "cannot be read" in told[3]
    assert told[0].startswith(f"{tmp_path}/none.yaml: ")


def test_a_file_this_user_may_not_read(tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    path.write_text(MINIMAL, encoding="utf-8")
    path.chmod(0)
    user = os.geteuid()
    if user == 0:
        os.seteuid(65534)  # root may read everything
    try:
        (mistake,) = check_config(path)
    finally:
        os.seteuid(user)
    assert "may not read" in mistake.say("en")


@pytest.mark.parametrize("text", ["\ufeff" + MINIMAL, MINIMAL.replace("\n", "\r\n"), "---\n" + MINIMAL + "...\n"])
def test_bom_crlf_and_document_markers_are_fine(text: str, tmp_path: Path) -> None:
    assert mistakes_in(text, tmp_path) == ()


def test_the_example_is_the_same_with_crlf(tmp_path: Path) -> None:
    path = tmp_path / "crlf.yaml"
    path.write_bytes(EXAMPLE.read_bytes().replace(b"\n", b"\r\n"))
    assert load_config(path) == load_config(EXAMPLE)


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("on", "on"), ("yes", "yes"), ("No", "No"), ("22:00", "22:00"), ("1_000", "1_000"), ("010", "010"),
        ("0x1f", "0x1f"), ("0o17", "0o17"), (".inf", None), (".NaN", None), ("'.nan'", ".nan"), ("1e3", "1e3"),
        ("2026-06-01", "2026-06-01"), ("3.1.1", "3.1.1"), ("9" * 30, "9" * 30),
        ("true", True), ("FALSE", False), ("null", None), ("~", None),
        ("5", 5), ("-7", -7), ("0", 0), ("0.5", 0.5), (".5", 0.5), ("5.", 5.0),
        ("'5'", "5"), ('"true"', "true"), ("'~'", "~"),
    ],
)  # fmt: skip
def test_plain_words_stay_words(written: str, read: object) -> None:
    value = read_document(f"a: {written}\n").data["a"]
    assert (value, type(value)) == (read, type(read))


def test_a_configuration_is_far_from_the_depth_cap() -> None:
    document = read_document(EXAMPLE.read_text(encoding="utf-8"))
    assert 2 * max(len(path) for path in document.values) <= MAX_DEPTH + 2


def test_the_error_is_one_line_without_a_traceback_s_words(tmp_path: Path) -> None:
    with pytest.raises(InvalidConfig) as caught:
        load_config(tmp_path / "none.yaml")
    assert "\n" not in str(caught.value)
    assert "Error" not in caught.value.text.en
