import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[3]
PROGRAM = ROOT / "agent" / "capture" / "picamera" / "child.py"
# What a Raspberry Pi's own Python has beside the standard library.
SYSTEM = {"numpy", "picamera2", "libcamera"}


def imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or ""


def test_the_child_needs_none_of_the_agents_packages() -> None:
    waiting, seen, outside = [PROGRAM], set[Path](), set[str]()
    while waiting:
        path = waiting.pop()
        seen.add(path)
        for name in imports(path):
            if name.partition(".")[0] != "agent":
                outside.add(name.partition(".")[0])
                continue
            parts = name.split(".")
            files = [ROOT.joinpath(*parts[:count], "__init__.py") for count in range(1, len(parts) + 1)]
            files.append(ROOT.joinpath(*parts).with_suffix(".py"))
            waiting += [file for file in files if file.exists() and file not in seen]
    assert ROOT / "agent" / "capture" / "picamera" / "camera.py" in seen
    assert ROOT / "agent" / "capture" / "isolated" / "inside.py" in seen
    assert outside <= set(sys.stdlib_module_names) | SYSTEM


def test_a_python_that_knows_no_agent_finds_its_own_tree() -> None:
    # -I -S: neither the folder of the script, nor site-packages, nor the environment.
    code = (
        "import runpy, sys; "
        f"sys.path.append({str(PROGRAM.parent)!r}); "
        f"found = runpy.run_path({str(PROGRAM)!r})['find_agent']; "
        f"found(__import__('pathlib').Path({str(ROOT / 'agent')!r})); "
        "from agent.capture.picamera.settings import Settings; from agent.capture.parameters import parameter_sets; "
        f"assert {str(ROOT)!r} not in sys.path; print(Settings.__module__)"
    )
    command = (sys.executable, "-I", "-S", "-c", code)
    done = subprocess.run(command, cwd="/", capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.strip() == "agent.capture.picamera.settings"
