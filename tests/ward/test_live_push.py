"""The node's own push at a whole ward: through the gate in its own name only, and an officer sees it."""

import shutil
from pathlib import Path

import pytest

from agent.config.model import TlsSection
from agent.uplink.live import words
from deploy.ward.certificates import Certificates
from tests.uplink.live.pushing import CAM, NODE, Pushing
from tests.ward.conftest import Whole
from tests.ward.test_rights_media import seen

pytestmark = pytest.mark.skipif(not shutil.which("ffprobe"), reason="no ffmpeg here")


def pushing(whole: Whole, directory: Path, files: Certificates) -> Pushing:
    tls = TlsSection(ca=files.ca, cert=files.cert, key=files.key)
    return Pushing(directory, f"rtmps://127.0.0.1:{whole.ward.ports.live}/live", tls=tls)


def test_an_officer_sees_what_the_node_pushes(whole: Whole, tmp_path: Path) -> None:
    with pushing(whole, tmp_path, whole.node(NODE)) as push:
        push.begin()
        assert seen(whole, whole.role("desk"), f"{NODE}.{CAM}") == "h264"
        push.desk.stop("JOB")
        assert push.ended().why == words.STOPPED


def test_a_node_with_anothers_certificate_is_refused(whole: Whole, tmp_path: Path) -> None:
    with pushing(whole, tmp_path, whole.node("node-2")) as push:
        push.begin()
        end = push.ended()
        assert seen(whole, whole.role("desk"), f"{NODE}.{CAM}") == ""
    assert end.state == "failed" and end.why is not None
