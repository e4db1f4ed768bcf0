"""The documents keep their word: links lead somewhere, configurations load, and the project speaks of itself only."""

import re
import subprocess
from pathlib import Path

import pytest

from agent.config.load import check_config

ROOT = Path(__file__).parent.parent
MARKDOWN = sorted(path for path in ROOT.rglob("*.md") if not {".venv", "node_modules"} & set(path.parts))
# Hosts of package registries, and places of one machine, have no business in any file.
REGISTRIES = re.compile("|".join(("registry[.]npmjs", "pypi[.]org", "pythonhosted", "deb[.]debian[.]org")))
PLACES = re.compile(r"/root/|/work/(?!main-)|/home/[a-z]")


def tracked() -> list[Path]:
    done = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip("not a git checkout")
    return [ROOT / name for name in done.stdout.split("\0") if name]


@pytest.mark.parametrize("name", ["README.md", "README.vi.md"])
def test_the_smallest_configuration_of_the_readme_loads(name: str, tmp_path: Path) -> None:
    (block,) = re.findall(r"```yaml\n(.*?)```", (ROOT / name).read_text(encoding="utf-8"), re.DOTALL)
    path = tmp_path / "config.yaml"
    path.write_text(block, encoding="utf-8")
    assert [str(mistake) for mistake in check_config(path)] == []
    assert len(block.splitlines()) <= 15


@pytest.mark.parametrize("path", MARKDOWN, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_lead_somewhere(path: Path) -> None:
    links = re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", path.read_text(encoding="utf-8"))
    broken = [link for link in links if "://" not in link and not (path.parent / link).exists()]
    assert broken == []


def test_every_figure_of_the_readme_has_its_command() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    benches = {
        path.stem for path in (ROOT / "bench").glob("*.py") if "\ndef run(quick" in path.read_text(encoding="utf-8")
    }
    assert benches == {
        "backlog", "commands", "config_errors", "consumer", "crossings", "cut", "detection", "e2e", "failover", "fleet",
        "footprint", "household", "idle", "kills", "latency", "live_push", "motion", "outage", "page", "quiet", "reach",
        "rtsp_soak", "rules", "slowlink", "tracking", "update_kills", "writes",
    }  # fmt: skip
    for name in benches:
        assert f"bench {name}" in text, name


def test_both_readmes_name_the_same_commands() -> None:
    def commands(name: str) -> list[str]:
        return re.findall(r"^\| `(camera-agent [^`]+)`", (ROOT / name).read_text(encoding="utf-8"), re.MULTILINE)

    assert commands("README.md") == commands("README.vi.md") != []


def test_no_registry_host_and_no_place_of_one_machine() -> None:
    wrong = []
    for path in tracked():
        if path.suffix in {".png", ".webp"} or path == Path(__file__) or not path.is_file():
            continue
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            if REGISTRIES.search(line) or PLACES.search(line):
                wrong.append(f"{path.relative_to(ROOT)}:{number}: {line.strip()[:100]}")
    assert wrong == []


def test_nothing_heavy_is_committed() -> None:
    heavy = {str(path.relative_to(ROOT)): path.stat().st_size for path in tracked() if path.is_file()}
    assert {name: size for name, size in heavy.items() if size > 600_000} == {}
    assert [name for name in heavy if name.endswith((".onnx", ".mp4", ".avi", ".bin", ".tgz"))] == []
