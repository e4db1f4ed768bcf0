"""`python -m bench NAME [--quick]`: a table for people, and as last line one JSON object for programs.

Every module of this package that has `run(quick: bool) -> dict[str, object]` is a benchmark; `all` runs each in turn.
"""

import argparse
import importlib
import json
import sys
from collections.abc import Callable
from pathlib import Path

import bench
from agent.errors import AgentError
from bench.truth import Absent

Benchmark = Callable[[bool], dict[str, object]]


def find(name: str) -> Benchmark | None:
    """The benchmark of that name, if the module of that name is one. Raises Absent where a package is missing."""
    try:
        run: Benchmark | None = getattr(importlib.import_module(f"bench.{name}"), "run", None)
    except ModuleNotFoundError as error:
        raise Absent(
            f"the package {error.name} is missing; `make bench NAME={name}` brings all that is needed"
        ) from error
    return run


def names() -> list[str]:
    """All benchmarks, in the order of the alphabet; not loaded, as each needs packages of its own."""
    return sorted(
        path.stem for path in Path(bench.__path__[0]).glob("*.py") if "\ndef run(quick: bool)" in path.read_text()
    )


def main(arguments: list[str] | None = None) -> int:
    """Exit code 1 when a benchmark could not be run; one line says what it lacks."""
    known = names()
    parser = argparse.ArgumentParser(prog="python -m bench", description="Measure; the last line is JSON.")
    parser.add_argument("name", choices=[*known, "all"])
    parser.add_argument("--quick", action="store_true", help="a part of it, in under 50 s")
    chosen = parser.parse_args(arguments)
    figures: dict[str, dict[str, object]] = {}
    failed = False
    for name in known if chosen.name == "all" else [chosen.name]:
        if chosen.name == "all":
            print(f"\n{name}")
        try:
            run = find(name)
            assert run is not None
            figures[name] = run(chosen.quick)
        except (Absent, AgentError) as error:
            print(f"{name}: {error}", file=sys.stderr)
            figures[name] = {"error": str(error)}
            failed = True
    print(json.dumps(figures if chosen.name == "all" else figures[chosen.name], ensure_ascii=False))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
