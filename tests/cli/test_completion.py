"""Completion in a real bash; the man page is what the parsers say and renders without a warning."""

import shutil
import subprocess
from pathlib import Path

import pytest

from agent.cli import COMMANDS, main
from agent.cli.man import PAGES, page
from agent.i18n import Language
from tests.config.files import ROOT


@pytest.fixture(scope="module")
def script(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("completion") / "camera-agent.bash"
    path.write_text(printed("bash"), encoding="utf-8")
    return path


def printed(shell: str) -> str:
    import contextlib  # noqa: PLC0415
    import io  # noqa: PLC0415

    words = io.StringIO()
    with contextlib.redirect_stdout(words):
        assert main(["completion", shell]) == 0
    return words.getvalue()


def completed(script: Path, *words: str) -> list[str]:
    line = " ".join(f"'{word}'" for word in ("camera-agent", *words))
    told = f"source {script}; COMP_WORDS=({line}); COMP_CWORD={len(words)}; _camera_agent; "
    told += 'printf "%s\\n" "${COMPREPLY[@]}"'
    done = subprocess.run(
        ["bash", "--norc", "-c", told], capture_output=True, text=True, cwd=script.parent, timeout=60, check=False
    )
    assert done.stderr == ""
    return done.stdout.split()


def test_bash_completes_commands_options_choices_files_and_settings(script: Path) -> None:
    assert set(completed(script, "")) >= {name.replace("_", "-") for name in COMMANDS}
    assert completed(script, "check-c") == ["check-config"]
    assert completed(script, "config", "s") == ["show"]
    assert completed(script, "config", "explain", "footage.bu") == ["footage.budget"]
    assert "--json" in completed(script, "status", "--")
    assert completed(script, "completion", "f") == ["fish"]
    assert completed(script, "check-config", "camera") == ["camera-agent.bash"], "a file"
    assert completed(script, "status", "--config", "camera-") == ["camera-agent.bash"], "a file behind an option"
    assert completed(script, "init", "nothing") == []


def test_the_other_shells_get_all_commands() -> None:
    fish, zsh = printed("fish"), printed("zsh")
    for name in COMMANDS:
        assert f"-a {name.replace('_', '-')} " in fish
    assert zsh.startswith("#compdef camera-agent") and "bashcompinit" in zsh
    for shell, text in (("fish", fish), ("zsh", zsh)):
        program = shutil.which(shell)
        if program is not None:
            subprocess.run([program, "-n"], input=text, text=True, check=True, timeout=60)


@pytest.mark.parametrize(("name", "language"), PAGES)
def test_the_man_page_is_what_the_parsers_say(name: str, language: Language) -> None:
    kept = (ROOT / "docs/reference" / name).read_text(encoding="utf-8")
    assert kept == page(language), "run: python -m agent.cli.man docs/reference"


@pytest.mark.parametrize(("name", "language"), PAGES)
@pytest.mark.skipif(shutil.which("man") is None, reason="man is not installed")
def test_the_man_page_renders_without_a_warning(name: str, language: Language) -> None:
    done = subprocess.run(
        ["man", "--warnings", "-E", "UTF-8", "-l", str(ROOT / "docs/reference" / name)],
        capture_output=True,
        text=True,
        env={"PATH": "/usr/bin:/bin", "MANWIDTH": "100", "LC_ALL": "C.UTF-8"},
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert ("EXIT STATUS" if language == "en" else "MÃ KẾT THÚC") in done.stdout
    assert "check-config" in done.stdout
