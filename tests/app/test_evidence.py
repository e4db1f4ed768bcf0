"""A node whose key is there, is not, or is another's: footage goes on in any case."""

import hashlib
import sys
from pathlib import Path

import pytest

from agent.app.evidence import evidence_facts, seal_footage
from agent.config.model import Config
from agent.contract.health import CameraHealth
from agent.footage.store import Footage
from agent.health.faults import FaultBoard
from agent.health.report import camera_health, evidence_health
from agent.values import CameraState, FootageState
from tests.capture.clocks import HandClock
from tests.capture.conftest import drawn_h264
from tests.evidence.notaries import notary
from tests.footage.recording import CAM, footage, moment, recorded, wanted, write

__all__ = ["drawn_h264"]


class Household:
    def __init__(self, directory: Path) -> None:
        self.clock = HandClock()
        self.store: Footage = footage(directory, self.clock)
        self.faults = FaultBoard(self.clock, lambda notice: None)
        document = {
            "node": {"id": "node-1", "ward": "ward-1", "data_dir": str(directory)},
            "mqtt": {"url": "mqtts://ward.example"},
            "retention": {"max_days": 30},
            "cameras": [{"id": CAM, "source": "rtsp://192.168.1.64/stream"}],
        }
        self.config = Config.model_validate(document)
        self.notary = seal_footage(self.config, self.store, self.faults, self.clock)

    def health(self) -> CameraHealth:
        return camera_health(CameraState(CAM), self.store.state(CAM))


def test_footage_is_sealed_from_the_first_start(drawn_h264: Path, tmp_path: Path) -> None:
    node = Household(tmp_path)
    assert node.notary is not None and node.faults.codes() == ()
    assert node.health().chain is None
    write(node.store, recorded(drawn_h264, moment(1000)))
    node.store.close()
    again = Household(tmp_path)
    assert again.notary is not None
    assert evidence_facts(again.notary) == evidence_facts(node.notary)
    told = again.health().chain
    assert told is not None and (told.seq, told.epoch[:9]) == (4, "00000001-")
    one = evidence_health((again.store.state(CAM),))
    line = f"{CAM} {told.epoch} {told.seq} {told.link}\n"
    assert one is not None and one.chain_head == hashlib.sha256(line.encode()).hexdigest()
    assert evidence_health((FootageState(CAM),)) is None
    again.store.close()


@pytest.mark.fault("evidence", "the node starts with a key that others can read")
def test_a_key_that_cannot_be_used_stops_nothing(drawn_h264: Path, tmp_path: Path) -> None:
    first = Household(tmp_path)
    first.store.close()
    (tmp_path / "evidence/device.key").chmod(0o644)
    node = Household(tmp_path)
    assert node.notary is None and node.faults.codes() == ("evidence_key",)
    assert "chmod 600" in node.faults.open()[0].remedy.en
    write(node.store, recorded(drawn_h264, moment(1000)))
    node.store.close()
    store = footage(tmp_path, HandClock())
    clip = store.library.cut(wanted(moment(1000), moment(1004)), tmp_path / "clip.mp4")
    assert clip is not None and clip.manifest is None and clip.gaps == ()
    store.close()


def test_a_key_that_was_mended_seals_again_without_a_restart(drawn_h264: Path, tmp_path: Path) -> None:
    first = Household(tmp_path)
    first.store.close()
    (tmp_path / "evidence/device.key").chmod(0o644)
    node = Household(tmp_path)
    packets = recorded(drawn_h264, moment(1000))
    for packet in packets[:20]:
        node.store.write(packet)
    assert seal_footage(node.config, node.store, node.faults, node.clock) is None
    (tmp_path / "evidence/device.key").chmod(0o600)
    assert seal_footage(node.config, node.store, node.faults, node.clock) is not None
    assert node.faults.codes() == ()
    for packet in packets[20:]:
        node.store.write(packet)
    sealed = [stored.segment.seal is not None for stored in node.store.rows()]
    assert not sealed[0] and sealed[-1]
    told = node.health().chain
    assert told is not None and told.seq == sealed.count(True)
    node.store.close()


@pytest.mark.fault("evidence", "the node starts without the library that signs")
def test_a_library_that_cannot_be_loaded_stops_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in sys.modules if name.startswith("agent.evidence")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "nacl.signing", None)
    node = Household(tmp_path)
    assert node.notary is None and node.faults.codes() == ("evidence_key",)
    node.store.close()


@pytest.mark.fault("evidence", "the node starts with the card of another")
def test_footage_of_another_device_is_named(drawn_h264: Path, tmp_path: Path) -> None:
    store = footage(tmp_path, HandClock())
    store.seal_with(notary(tmp_path / "another"))
    write(store, recorded(drawn_h264, moment(1000)))
    store.close()
    node = Household(tmp_path)
    assert node.notary is not None and node.faults.codes() == ("evidence_foreign",)
    assert "gate (" in node.faults.open()[0].text.vi
    node.store.close()
