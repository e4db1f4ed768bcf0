"""Configurations for the tests: the example, a minimal node, and a file of any bytes."""

from pathlib import Path

from agent.config.load import check_config
from agent.config.mistakes import Mistake
from agent.config.reference import MINIMAL

__all__ = ["EXAMPLE", "MINIMAL", "ROOT", "mistakes_in", "with_camera"]
ROOT = Path(__file__).resolve().parents[2]
EXAMPLE = ROOT / "config.example.yaml"


def mistakes_in(text: str | bytes, directory: Path) -> tuple[Mistake, ...]:
    """All mistakes in a file with this content."""
    path = directory / "config.yaml"
    path.write_bytes(text.encode("utf-8", "surrogatepass") if isinstance(text, str) else text)
    return check_config(path)


def with_camera(lines: str) -> str:
    """The minimal node with more lines, indented as keys of its camera; the camera's rules come last."""
    extra = "".join(f"    {line}\n" for line in lines.splitlines())
    return MINIMAL.replace("    zones:\n", f"{extra}    zones:\n")
