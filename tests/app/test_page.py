from pathlib import Path
from types import SimpleNamespace
from typing import cast

from agent.access import AccessLog
from agent.app.page import KEPT_CLIPS, KEPT_IN_MEMORY, PageClips, page_fault
from agent.app.recent import Recent
from agent.clock import Clock, Moment
from agent.config.model import Config, EvidenceSection, FootageSection
from agent.footage.doors import AnyFootage
from agent.health.faults import Fault
from agent.i18n import Text
from agent.values import ClipWanted, Event, Phase, Severity
from tests.app.test_vault import runtime

__all__ = ["runtime"]


def test_a_fault_on_the_page_names_its_cameras() -> None:
    at = Moment(0, 0, True, "boot")
    sources = ("capture-gate", "capture-yard-sub", "capture-yard", "mqtt")
    fault = Fault("camera_silent", Severity.ALERT, at, sources, Text("No picture", "Mất hình"), Text("Look", "Xem"))
    told = page_fault(fault)
    assert told.text == Text("No picture (camera gate, yard)", "Mất hình (camera gate, yard)")
    assert told.hint == Text("Look", "Xem") and told.code == "camera_silent"


def cut(_: ClipWanted, path: Path, clear: bool) -> bool:
    assert clear
    path.write_bytes(b"clip")
    path.with_name(f"{path.stem}.manifest.json").write_bytes(b"manifest")
    return True


def test_the_page_keeps_a_dozen_clips_and_nothing_of_the_others(tmp_path: Path) -> None:
    library = SimpleNamespace(cut=cut, can_open=lambda cam, start, end: True)
    footage = cast(AnyFootage, SimpleNamespace(ready=lambda wanted: True, library=library))
    node = SimpleNamespace(data_dir=tmp_path, id="n1")
    config = cast(Config, SimpleNamespace(footage=FootageSection(), node=node, evidence=EvidenceSection()))
    recent, access = Recent({}), AccessLog(tmp_path / "access", Clock())
    clips = PageClips(config, footage, access, recent)
    (tmp_path / "page").mkdir()
    (tmp_path / "page" / "01JZ00000000000000000000ZZ.mp4.tmp").write_bytes(b"left by a crash")
    at = Moment(10**9, 10**18, True, "boot")
    ids = [f"01JZ0000000000000000000{number:03}" for number in range(2 * KEPT_CLIPS)]
    for event_id in ids:
        recent.event(Event(event_id, Phase.END, "person", "r", Severity.INFO, "gate", at, at, at), None)
        assert clips.clip(event_id) is not None
    left = {path.name for path in (tmp_path / "page").iterdir()}
    assert left == {f"{one}{end}" for one in ids[-KEPT_CLIPS:] for end in (".mp4", ".manifest.json")}
    assert len(list(access.records())) == len(ids)


def test_with_encryption_the_page_keeps_two_clips_in_memory_and_none_on_the_card(tmp_path: Path, runtime: Path) -> None:
    opens = [True]
    library = SimpleNamespace(cut=cut, can_open=lambda cam, start, end: opens[0])
    footage = cast(AnyFootage, SimpleNamespace(ready=lambda wanted: True, library=library))
    node, evidence = SimpleNamespace(data_dir=tmp_path, id="n1"), EvidenceSection(encrypt_to=tmp_path / "ward.pub")
    config = cast(Config, SimpleNamespace(footage=FootageSection(), node=node, evidence=evidence))
    (tmp_path / "page").mkdir()
    (tmp_path / "page" / "old.mp4").write_bytes(b"from before it was switched on")
    recent = Recent({})
    clips = PageClips(config, footage, AccessLog(tmp_path / "access", Clock()), recent)
    at = Moment(10**9, 10**18, True, "boot")
    ids = [f"01JZ0000000000000000000{number:03}" for number in range(5)]
    for event_id in ids:
        recent.event(Event(event_id, Phase.END, "person", "r", Severity.INFO, "gate", at, at, at), None)
        path = clips.clip(event_id)
        assert path is not None and runtime in path.parents
    assert len(list(runtime.rglob("*.mp4"))) == KEPT_IN_MEMORY
    assert not list(tmp_path.rglob("*.mp4"))
    opens[0] = False  # of an earlier boot
    assert clips.clip(ids[0]) is None
