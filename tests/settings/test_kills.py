"""A real process is killed at each system call that changes the disk, in the middle of an apply."""

import os
import shutil
from pathlib import Path

import pytest
import yaml

from agent.settings import in_use
from tests.faults.crash import run_killed
from tests.settings.lived import begun
from tests.settings.test_opening import TREE, fps

EVERY = 1 if os.environ.get("FAULTS") == "1" else 17  # of the crash points


@pytest.mark.timeout(900)
@pytest.mark.parametrize("call", ["fsync", "rename", "unlink", "mkdir", "write"])
@pytest.mark.fault("config", "kill -9 at every fsync, rename, unlink, mkdir and write of an apply")
def test_killed_anywhere_a_start_finds_what_was_good(tmp_path: Path, call: str) -> None:
    if shutil.which("strace") is None:
        pytest.skip("no strace here")
    when, killed = 1, True
    while killed:
        life = tmp_path / f"life-{when}"
        file = fresh(life)
        killed, told = run_killed("tests.settings.lived", (str(file),), call, when)
        assert fps(in_use(file, {})) in (2.0, 3.0, 5.0)
        keeping = begun(file)
        if "failed" in told:
            assert fps(keeping.chosen) == 2.0 and keeping.chosen.trial is None
        elif "proved" in told:
            assert fps(keeping.chosen) in (2.0, 3.0)
            assert fps(keeping.chosen) == 2.0 or keeping.chosen.trial is not None
        else:
            assert fps(keeping.chosen) in (5.0, 2.0)
        assert keeping.chosen.faults == ()
        assert {"state.json"} <= {path.name for path in (life / "data" / "config").iterdir()}
        again = begun(file)
        assert again.chosen.trial is None, "a second start never tries"
        assert again.chosen.faults == ()
        shutil.rmtree(life)
        when += EVERY
    assert told[-1] == "told"


def fresh(directory: Path) -> Path:
    (directory / "data").mkdir(parents=True)
    file = directory / "config.yaml"
    tree = TREE | {"node": {**TREE["node"], "data_dir": str(directory / "data")}}  # type: ignore[dict-item]
    file.write_text(yaml.safe_dump(tree, sort_keys=False))
    return file
