"""Do the messages of `camera-agent check-config` tell where a mistake is and what to write instead?

For each kind of mistake (bench/config_mistakes.py) a file with that one mistake goes through the command, in Vietnamese
and in English. `with_place`: one message has the line and the column where the mistake stands. `with_remedy`: a machine
that knows nothing of the case does what the message says (bench/config_mending.py: write line N as ..., add ..., did
you mean ..., delete ...), message by message, at most four times; then the command has to find nothing. Where a remedy
leaves something to decide, the message must name every word that has to be written, and the file mended by hand has to
pass: `named` counts these. Both languages must do; one that fails counts as failed.

The quick run calls the command within this process; the full run starts it as a program for every file.
"""

import contextlib
import io
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from agent.cli import main
from bench.config_mending import applied
from bench.config_mistakes import KINDS, Kind

LANGUAGES = ("vi", "en")
ROUNDS = 4
MESSAGE = re.compile(r"^[^\n]*?config\.yaml:(\d+):(\d+): (.*)$", re.MULTILINE)
Told = Callable[[Path, str], tuple[int, str]]


def within(file: Path, language: str) -> tuple[int, str]:
    """Exit code and messages of the command, in this process."""
    before, words = os.environ.get("CAMERA_AGENT_LANG"), io.StringIO()
    os.environ["CAMERA_AGENT_LANG"] = language
    try:
        with contextlib.redirect_stderr(words), contextlib.redirect_stdout(io.StringIO()):
            return main(["check-config", str(file)]), words.getvalue()
    finally:
        os.environ.pop("CAMERA_AGENT_LANG")
        os.environ.update({} if before is None else {"CAMERA_AGENT_LANG": before})


def as_program(file: Path, language: str) -> tuple[int, str]:
    """The same of the program."""
    command = [sys.executable, "-m", "agent", "check-config", str(file)]
    done = subprocess.run(
        command,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "CAMERA_AGENT_LANG": language},
        timeout=60,
    )
    return done.returncode, done.stderr


def messages(words: str) -> Iterator[tuple[int, int, str]]:
    """Line, column and text of each message."""
    yield from ((int(match[1]), int(match[2]), match[3]) for match in MESSAGE.finditer(words))


def has_place(kind: Kind, words: str) -> bool:
    """Is it told at its line and column?"""
    return kind.place in [f"{line}:{col}" for line, col, _ in messages(words)]


def has_remedy(kind: Kind, file: Path, language: str, told: Told) -> bool:
    """Does doing what is said end in a file without mistakes?"""
    if kind.tokens:
        _, words = told(file, language)
        here = " ".join(text for line, _, text in messages(words) if str(line) == kind.place.split(":")[0])
        file.write_text(kind.mended, encoding="utf-8")
        return all(token in here for token in kind.tokens) and told(file, language)[0] == 0
    for _ in range(ROUNDS):
        code, words = told(file, language)
        if code == 0:
            return True
        found = sorted(messages(words), key=lambda each: f"{each[0]}:{each[1]}" != kind.place)
        mended = next((new for each in found[:1] if (new := applied(file.read_bytes(), *each)) is not None), None)
        if mended is None:
            return False
        file.write_text(mended, encoding="utf-8")
    return told(file, language)[0] == 0


def run(quick: bool) -> dict[str, object]:
    """Every kind in both languages."""
    told = within if quick else as_program
    placed: list[str] = []
    helped: list[str] = []
    print(f"{'kind':<38}{'place':<8}{'remedy':<8}")
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "config.yaml"
        for kind in KINDS:
            place = remedy = True
            for language in LANGUAGES:
                raw = kind.text if isinstance(kind.text, bytes) else kind.text.encode()
                file.write_bytes(raw)
                place &= has_place(kind, told(file, language)[1])
                remedy &= has_remedy(kind, file, language, told)
            placed += [kind.name] if place else []
            helped += [kind.name] if remedy else []
            print(f"{kind.name:<38}{'yes' if place else 'NO':<8}{'yes' if remedy else 'NO':<8}")
    return {
        "kinds": len(KINDS),
        "with_place": len(placed),
        "with_remedy": len(helped),
        "named": sum(1 for kind in KINDS if kind.tokens),
        "languages": len(LANGUAGES),
        "as_program": not quick,
        "failed": sorted({kind.name for kind in KINDS} - (set(placed) & set(helped))),
    }
