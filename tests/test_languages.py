"""Whatever a person reads is there in Vietnamese and in English.

Walks the syntax trees of agent/ and deploy/, the words of the pages, the shell scripts and the guides. What it cannot
see: words that come from libraries (each is translated where it enters: agent/config/syntax.py, agent/uplink/peer.py,
agent/system_words.py, agent/cli/parser.py have tests of their own), and whether a translation is right.
Log lines are for technicians and programs, in English (agent/health says the same to people as a `Text`).
"""

import ast
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from agent.i18n_po import catalogue

ROOT = Path(__file__).parent.parent
SOURCES = sorted((*(ROOT / "agent").rglob("*.py"), *(ROOT / "deploy").rglob("*.py")))
SCRIPTS = sorted((ROOT / "deploy").rglob("*.sh"))
SHOWN = {"print", "input", "ArgumentTypeError", "AgentError", "ConfigError", "StorageError", "LinkError"}
# deploy/ has programs that only run at the desk of a developer or within tests; they speak English.
FOR_PEOPLE = ("agent/", "deploy/flash/", "deploy/bundle/", "deploy/first_boot/", "deploy/deb/", "deploy/demo/")
WORD = re.compile(r"[^\W\d_]{3,}")
NAMES = re.compile(r"`[^`]*`|\{[^}]*\}|https?://\S+|camera-agent\S*|[\w.-]*[/_.][\w/.-]+|[A-Z]{2,}\w*")


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


def called(node: ast.Call) -> str:
    return node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")


def constant(node: ast.expr | None) -> str | None:
    """The words of a string; of an f-string what stands between the braces."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(str(part.value) if isinstance(part, ast.Constant) else "{}" for part in node.values)
    return None


def calls(path: Path) -> Iterator[ast.Call]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    yield from (node for node in ast.walk(tree) if isinstance(node, ast.Call))


def pairs(path: Path) -> Iterator[tuple[int, str, str]]:
    """Every `Text` and every `Bilingual` that is written out: line, English, Vietnamese."""
    for node in calls(path):
        if called(node) not in ("Text", "Bilingual"):
            continue
        words = {word.arg: constant(word.value) for word in node.keywords}
        en = words.get("en") if "en" in words else constant(node.args[0]) if node.args else None
        vi = words.get("vi") if "vi" in words else constant(node.args[1]) if len(node.args) > 1 else None
        if en is not None and vi is not None:
            yield node.lineno, en, vi


def translated(en: str, vi: str) -> bool:
    if not WORD.search(NAMES.sub("", en)):
        return bool(vi.strip()) or not en.strip()  # nothing but names, numbers, addresses
    return bool(vi.strip()) and vi != en


# Nothing to translate: what is typed into a shell, what a format is called, a word that both languages have.
ALIKE = re.compile(
    r"(sudo|apt|chmod|camera-agent) .*|true, false|sha256|Camera|.*\(camera \{\}\)|\{\}, \{\} dBm .*"
    r"|\s*tls:\s*ca:.*|\{\} \[person\]|MOTChallenge: .*|JSON Schema .*|MQTT \[auto\]|(make-card|demo): \{\}",
    re.DOTALL,
)


def test_every_text_has_both_languages() -> None:
    found = [(path, *each) for path in SOURCES for each in pairs(path)]
    wrong = [
        f"{name(path)}:{line}: {en!r} / {vi!r}"
        for path, line, en, vi in found
        if not translated(en, vi) and not (en == vi and ALIKE.fullmatch(en))
    ]
    assert wrong == []
    assert len(found) > 1500, "the walk found the texts"


def bare(path: Path) -> Iterator[tuple[int, str]]:
    """Words in one language where a person reads them."""
    for node in calls(path):
        shown = node.args[:1] if called(node) in SHOWN else []
        shown += [word.value for word in node.keywords if word.arg in ("help", "description", "epilog")]
        for each in shown:
            words = constant(each)
            if words is not None and WORD.search(NAMES.sub("", words)):
                yield node.lineno, words


def test_nothing_is_told_to_people_in_one_language_only() -> None:
    told = [(path, *each) for path in SOURCES if name(path).startswith(FOR_PEOPLE) for each in bare(path)]
    assert [f"{name(path)}:{line}: {words!r}" for path, line, words in told if not ALIKE.fullmatch(words)] == []


@pytest.mark.parametrize("script", SCRIPTS, ids=name)
def test_shell_scripts_say_everything_twice(script: Path) -> None:
    text = script.read_text(encoding="utf-8").replace("\\\n", " ")
    while "$(" in text and (shorter := re.sub(r"\"?\$\([^()]*\)\"?", "VALUE", text)) != text:
        text = shorter
    said = [(each[1], each[2]) for each in SAID.findall(text)]
    if "say() {" in text:
        assert said, "the pattern finds them"
        assert len(said) >= len(re.findall(r"^\s*say \"", text, re.MULTILINE)), "one with a single language"
    assert [pair for pair in said if not translated(*pair)] == []
    loud = re.findall(r"^\s*echo +['\"]([A-Z][a-z]+ [a-z]+[^'\"]*)", text, re.MULTILINE)
    assert loud == [], "words without Vietnamese"


SAID = re.compile(r"^\s*(?:\S.*[;{&|] *)?(say|fail|die) +\"((?:[^\"\\]|\\.)*)\"\s+\"((?:[^\"\\]|\\.)*)\"", re.MULTILINE)


def keys(text: str) -> list[str]:
    """The names of a flat table of words in JavaScript."""
    return re.findall(r"^\s*[\"']?([A-Za-z_][\w.]*)[\"']?\s*:\s*(?=[\"'`(\[])", text, re.MULTILINE)


@pytest.mark.parametrize("folder", ["installer/static/setup", "installer/static/household"])
def test_the_pages_have_the_same_words_in_both_languages(folder: str) -> None:
    files = sorted((ROOT / "agent" / folder).glob("words_*.js"))
    if not files:
        pytest.skip("its words are in one file, which its own test compares")
    found = {file.stem: keys(file.read_text(encoding="utf-8")) for file in files}
    assert set(found["words_en"]) == set(found["words_vi"])
    assert len(found["words_en"]) > 20


def test_every_guide_is_there_in_both_languages() -> None:
    guides = set((ROOT / "docs/guide").rglob("*.md"))
    english = {path for path in guides if not path.name.endswith(".vi.md")}
    assert [name(path) for path in sorted(english) if path.with_name(f"{path.stem}.vi.md") not in guides] == []
    assert [
        name(path)
        for path in sorted(guides - english)
        if path.with_name(path.name.replace(".vi.md", ".md")) not in english
    ] == []


def test_the_walk_sees_what_it_should(tmp_path: Path) -> None:
    file = tmp_path / "a.py"
    file.write_text(
        'Text(en="bad thing", vi="")\nText("same words", "same words")\nText(en="good thing", vi="điều tốt")\n'
        'print("only English here")\nparser.add_argument("--x", help="one language")\nprint(f"{a}: {b}")\n',
        encoding="utf-8",
    )
    assert [translated(en, vi) for _, en, vi in pairs(file)] == [False, False, True]
    assert [line for line, _ in bare(file)] == [4, 5]


def test_translators_get_a_catalogue_that_gettext_accepts(tmp_path: Path) -> None:
    text = catalogue()
    assert text.count("\nmsgid ") > 1500
    assert 'msgid "Footage never takes more."\nmsgstr "Hình ghi không bao giờ chiếm nhiều hơn mức này."' in text
    program = shutil.which("msgfmt")
    if program is None:
        pytest.skip("gettext is not installed")
    file = tmp_path / "vi.po"
    file.write_text(text, encoding="utf-8")
    done = subprocess.run(
        [program, "--check-format", "--check-domain", "-o", "/dev/null", str(file)],
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
