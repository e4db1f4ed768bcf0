"""Whatever stands in the file: a configuration or mistakes with a place in it, in bounded time, and nothing else."""

import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.config.load import load_config
from agent.config.mistakes import InvalidConfig, format_mistakes
from agent.config.model import Config
from tests.config.files import EXAMPLE, MINIMAL, mistakes_in

EXAMPLE_TEXT = EXAMPLE.read_text(encoding="utf-8")
TRAPS = (
    "", "~", "Chợ", "{}", "[]", "[[]]", "-1", "0", "1.5", "true", "on", "''", '"\\0"', '"\\ud800"', '"\\UFFFFFFFF"',
    "!x y", "&a b", "*a", "|\n  x", "? x", "10s", "10", "9999999999d", "99999999999999999999", "22:00", "\t", "- a",
    "%", "@", "`", "rtsp://[::1", "mqtts://:", "http://[", "Asia/", "/", "..", "\u2028", "x" * 300, "a: b",
)  # fmt: skip


def check_outcome(content: bytes) -> None:
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory) / "config.yaml"
        path.write_bytes(content)
        try:
            assert isinstance(load_config(path), Config)
        except InvalidConfig as error:
            check(error, content)


def check(error: InvalidConfig, content: bytes) -> None:
    lines = content.count(b"\n") + content.count(b"\r") + 2
    assert error.mistakes
    for mistake in error.mistakes:
        assert 0 <= mistake.line <= lines + content.count("\u2028".encode()) + content.count("\x85".encode())
        assert (mistake.line == 0) == (mistake.col == 0)
        for language in ("en", "vi"):
            told = mistake.say(language)
            assert len(told.splitlines()) == 1
            assert len(told) < 700
            told.encode("utf-8")
        assert "is not valid (" not in mistake.text.en  # every kind of error has words of its own


@settings(max_examples=150, deadline=None)
@given(st.one_of(st.binary(max_size=300), st.text(max_size=300).map(lambda text: text.encode("utf-8", "replace"))))
def test_any_bytes(content: bytes) -> None:
    check_outcome(content)


@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.sampled_from([*TRAPS, "\n", "  ", ": ", "- ", ", ", "{", "}", "[", "]", "node", "cameras", "rules"]))
)
def test_words_of_yaml_in_any_order(words: list[str]) -> None:
    check_outcome("".join(words).encode("utf-8", "replace"))


@settings(max_examples=100, deadline=None)
@given(st.data())
def test_the_example_with_any_value_replaced(data: st.DataObject) -> None:
    lines = EXAMPLE_TEXT.splitlines()
    for _ in range(data.draw(st.integers(1, 3))):
        index = data.draw(st.integers(0, len(lines) - 1))
        key, colon, _ = lines[index].partition(": ")
        lines[index] = key + colon + data.draw(st.one_of(st.sampled_from(TRAPS), st.text(max_size=20)))
    check_outcome("\n".join(lines).encode("utf-8", "replace"))


@settings(max_examples=100, deadline=None)
@given(st.integers(0, len(EXAMPLE_TEXT)), st.integers(0, 40), st.sampled_from(TRAPS))
def test_the_example_with_a_piece_cut_out_or_put_in(start: int, length: int, piece: str) -> None:
    check_outcome((EXAMPLE_TEXT[:start] + piece + EXAMPLE_TEXT[start + length :]).encode("utf-8", "replace"))


# Just below the bound on the number of values, above which the file is refused as too large.
FLOODS = {
    "unknown keys": MINIMAL + "".join(f"key{index}: 1\n" for index in range(4500)),
    "unknown nested": MINIMAL + "health:\n" + "".join(f"  interval{index}: 1\n" for index in range(4500)),
    "rules": MINIMAL + "      - {rule: intrusion}\n" * 900,
    "cameras": MINIMAL + "  - {id: cong}\n" * 900,
    "a long zone": MINIMAL.replace("[0.1, 0.5],", "[0.1, 0.5]," * 900),
    "long words": MINIMAL + "x" * 200_000 + ": " + "y" * 40_000,
    "classes": MINIMAL + "        classes: [" + "persn, " * 4500 + "]\n",
}


@pytest.mark.parametrize("text", FLOODS.values(), ids=FLOODS)
def test_a_flood_of_mistakes_stays_bounded(text: str, tmp_path: Path) -> None:
    mistakes = mistakes_in(text, tmp_path)
    assert mistakes
    assert len(format_mistakes(mistakes, "vi").encode()) < 40_000
