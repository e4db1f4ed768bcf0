"""A whole node is stopped at the worst moments: amid an upload, again and again at random, with nobody to read its log.

With FAULTS=1, because whole nodes take a minute each.
"""

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from deploy.ward import Ward
from tests.app.living import Ear, Living, write_config
from tests.faults.conftest import name_of
from tests.faults.crash import ROOT
from tests.faults.test_node import check_what_is_kept
from tests.proxy import Proxy

STOPS = 5
pytestmark = [
    pytest.mark.skipif(os.environ.get("FAULTS") != "1", reason="whole nodes take a minute each; set FAULTS=1"),
    pytest.mark.timeout(400),
]


def uploaded_events(ear: Ear) -> set[str]:
    return {body["id"] for body in ear.bodies("/event/") if body["media"]["clip"]["state"] == "uploaded"}


def lives_of(ear: Ear, least: int) -> bool:
    return len(ear.bodies("/birth")) >= least


@pytest.mark.fault("G42", "whole node: SIGTERM, and once more, while an upload hangs in the middle")
def test_stopped_while_an_upload_hangs(
    ward: Ward, ear: Ear, tmp_path: Path, request: pytest.FixtureRequest, record_property: Callable[[str, object], None]
) -> None:
    with Proxy(ward.upload_port) as proxy:
        url = f"http://127.0.0.1:{proxy.port}/files"
        config = write_config(tmp_path, ward, name_of(request), upload={"url": url})
        proxy.notice_at = proxy.stall_at = 60_000
        node = Living(config, tmp_path / "log")
        try:
            assert proxy.reached.wait(120)
            begin_s = time.monotonic()
            node.process.send_signal(signal.SIGTERM)
            node.process.send_signal(signal.SIGTERM)
            assert node.process.wait(60) == 0, node.words()
            took_s = time.monotonic() - begin_s
            ear.wait(lambda: ear.bodies("/availability")[-1]["state"] == "stopped")
            assert "Traceback" not in node.words()
            check_what_is_kept(tmp_path / "data")
            begun = {path.stem for path in (tmp_path / "data" / "spool" / "clips").glob("*.mp4")}
            assert begun, "the clip is still there"
            proxy.flow()
            proxy.reset()
            again = Living(config, tmp_path / "log")
            try:
                ear.wait(lambda: begun <= uploaded_events(ear))
            finally:
                assert again.stop() == 0
        finally:
            node.process.kill()
    clips = {upload.clip: upload for upload in ward.uploaded()}
    assert all(clips[name].intact() for name in begun)
    record_property("seen", f"stopped in {took_s:.1f} s; {len(begun)} clip(s) arrived whole after the next start")


@pytest.mark.fault("G42", "whole node: SIGTERM at random moments, start after start")
def test_stopped_again_and_again(
    ward: Ward, ear: Ear, tmp_path: Path, request: pytest.FixtureRequest, seed: int
) -> None:
    config = write_config(tmp_path, ward, name_of(request))
    chance = random.Random(seed)
    for life in range(STOPS):
        node = Living(config, tmp_path / "log")
        ear.wait(partial(lives_of, ear, life + 1))
        time.sleep(chance.uniform(0.0, 6.0))  # the moment is what is tried
        assert node.stop() == 0, node.words()
        ear.wait(lambda: ear.bodies("/availability")[-1]["state"] == "stopped")
        check_what_is_kept(tmp_path / "data")
        assert not list((tmp_path / "data").rglob("*.part.mp4")), "a stop finishes what is being written"
    assert "Traceback" not in node.words()
    revisions = [(body["id"], body["rev"]) for body in ear.bodies("/event/")]
    assert len(revisions) == len(set(revisions))
    ends = {body["id"] for body in ear.bodies("/event/") if body["phase"] == "end"}
    assert {name for name, _ in revisions} <= ends


@pytest.mark.fault("G42", "whole node: whoever read its log has gone (SIGPIPE, closed standard output)")
def test_nobody_reads_its_log(ward: Ward, ear: Ear, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    config = write_config(tmp_path, ward, name_of(request))
    command = [sys.executable, "-m", "agent", "run", "--config", str(config)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None and process.stderr is not None
        process.stderr.readline()
        process.stdout.close()
        process.stderr.close()
        try:
            ear.wait(lambda: ear.bodies("/event/"))
            process.send_signal(signal.SIGTERM)
            assert process.wait(60) == 0
        finally:
            process.kill()
    ear.wait(lambda: ear.bodies("/availability")[-1]["state"] == "stopped")
    check_what_is_kept(tmp_path / "data")
