"""kill -9 at any picture: the chain goes on, and what is cut is whole and true."""

import random
import subprocess
import sys
from pathlib import Path

import pytest

from agent.cli.verify_footage import look
from agent.evidence.check import check
from agent.evidence.key import open_key
from tests.capture.clocks import HandClock
from tests.evidence.notaries import notary
from tests.footage.recording import CAM, footage, moment, wanted

KILLS, SEED = 8, 20261122


@pytest.mark.fault("evidence", "kill -9 while segments are written, again and again")
def test_the_chain_outlives_kills(drawn_h264: Path, tmp_path: Path) -> None:
    chance = random.Random(SEED)
    for number in range(KILLS):
        arguments = (str(tmp_path), str(drawn_h264), str(1000 + 10 * number), str(chance.randint(1, 40)))
        with subprocess.Popen(
            (sys.executable, "-m", "tests.evidence.writer", *arguments), stdin=subprocess.PIPE, stdout=subprocess.PIPE
        ) as process:
            assert process.stdout is not None and process.stdout.readline() == b"written\n", f"seed {SEED}"
            process.kill()
    store = footage(tmp_path, HandClock(), segment="1s")
    store.seal_with(notary(tmp_path))
    clip = store.library.cut(wanted(moment(1000), moment(1000 + 10 * KILLS)), tmp_path / "clip.mp4")
    store.close()
    public = open_key(tmp_path / "evidence").public
    found = look(tmp_path / "footage" / CAM, public)
    assert found.breaks == () and found.foreign == () and found.unsealed == ()
    assert len({one.mark.epoch for one in found.sealed}) >= KILLS // 2
    assert clip is not None and clip.manifest is not None
    verdict = check(clip.path, clip.manifest, public)
    assert verdict.state.genuine and {one.kind for one in verdict.findings} == {"gap"}
    assert verdict.manifest is not None and len(verdict.manifest.segments) == len(found.sealed)
