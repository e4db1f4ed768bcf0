"""Where the child process begins; run by its path, so that a Python without the agent's packages runs it.

Makes `agent` importable from this very tree, and nothing else of the folder that it is installed in: NumPy and the
camera stack must be the system's own.
"""

import importlib.util
import sys
from pathlib import Path


def find_agent(folder: Path) -> None:
    """Make `folder` the package `agent`, without adding its neighbours to the search path."""
    spec = importlib.util.spec_from_file_location(
        "agent", folder / "__init__.py", submodule_search_locations=[str(folder)]
    )
    if spec is None or spec.loader is None:
        raise SystemExit(f"{folder} is no package")
    package = importlib.util.module_from_spec(spec)
    sys.modules["agent"] = package
    spec.loader.exec_module(package)


if __name__ == "__main__":
    here = Path(__file__).resolve()
    sys.path[:] = [entry for entry in sys.path if Path(entry or ".").resolve() != here.parent]
    find_agent(here.parents[2])
    from agent.capture.picamera.run import main

    main()
