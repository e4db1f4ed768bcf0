from pathlib import Path
from types import SimpleNamespace
from typing import cast

from ulid import ULID

from agent.access import AccessLog
from agent.app.page import SWEEP_EVERY_S, SweptPage, page_fault
from agent.app.page_clips import KEPT_CLIPS, KEPT_IN_MEMORY, PageClips, clear_page
from agent.app.recent import Recent
from agent.clock import Clock, Moment
from agent.config.model import Config, EvidenceSection, FootageSection, RetentionSection
from agent.footage.doors import AnyFootage
from agent.health.faults import Fault
from agent.i18n import Text
from agent.values import ClipWanted, Event, Phase, Severity
from agent.worker import Outcome
from tests.capture.clocks import HandClock


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


def configured(node: SimpleNamespace, evidence: EvidenceSection) -> Config:
    told = {"footage": FootageSection(), "node": node, "evidence": evidence, "retention": RetentionSection(max_days=3)}
    return cast(Config, SimpleNamespace(**told))


def event_id(clock: Clock, number: int) -> str:
    return str(ULID.from_timestamp(clock.now().wall_ns / 1e9))[:23] + f"{number:03}"


def test_the_page_keeps_a_dozen_clips_and_nothing_of_the_others(tmp_path: Path) -> None:
    library = SimpleNamespace(cut=cut, can_open=lambda cam, start, end: True)
    footage = cast(AnyFootage, SimpleNamespace(ready=lambda wanted: True, library=library))
    node = SimpleNamespace(data_dir=tmp_path, id="n1")
    config = configured(node, EvidenceSection())
    recent, access, clock = Recent({}), AccessLog(tmp_path / "access", Clock()), HandClock()
    clips = PageClips(config, footage, access, recent, clock)
    (tmp_path / "page").mkdir()
    (tmp_path / "page" / "01JZ00000000000000000000ZZ.mp4.tmp").write_bytes(b"left by a crash")
    at = Moment(10**9, 10**18, True, "boot")
    ids = [event_id(clock, number) for number in range(2 * KEPT_CLIPS)]
    for one in ids:
        recent.event(Event(one, Phase.END, "person", "r", Severity.INFO, "gate", at, at, at), None)
        assert clips.clip(one) is not None
    left = {path.name for path in (tmp_path / "page").iterdir()}
    assert left == {f"{one}{end}" for one in ids[-KEPT_CLIPS:] for end in (".mp4", ".manifest.json")}
    assert len(list(access.records())) == len(ids)


def test_with_encryption_the_page_keeps_two_clips_in_memory_and_none_on_the_card(tmp_path: Path, runtime: Path) -> None:
    opens = [True]
    library = SimpleNamespace(cut=cut, can_open=lambda cam, start, end: opens[0])
    footage = cast(AnyFootage, SimpleNamespace(ready=lambda wanted: True, library=library))
    node, evidence = SimpleNamespace(data_dir=tmp_path, id="n1"), EvidenceSection(encrypt_to=tmp_path / "ward.pub")
    config, clock = configured(node, evidence), HandClock()
    (tmp_path / "page").mkdir()
    (tmp_path / "page" / "old.mp4").write_bytes(b"from before it was switched on")
    recent = Recent({})
    clips = PageClips(config, footage, AccessLog(tmp_path / "access", Clock()), recent, clock)
    at = Moment(10**9, 10**18, True, "boot")
    ids = [event_id(clock, number) for number in range(5)]
    for one in ids:
        recent.event(Event(one, Phase.END, "person", "r", Severity.INFO, "gate", at, at, at), None)
        path = clips.clip(one)
        assert path is not None and runtime in path.parents
    assert len(list(runtime.rglob("*.mp4"))) == KEPT_IN_MEMORY
    assert not list(tmp_path.rglob("*.mp4"))
    opens[0] = False  # of an earlier boot
    assert clips.clip(ids[0]) is None


def test_a_clip_of_the_page_goes_with_its_footage_and_each_hour_of_looking_is_noted(tmp_path: Path) -> None:
    library = SimpleNamespace(cut=cut, can_open=lambda cam, start, end: True)
    footage = cast(AnyFootage, SimpleNamespace(ready=lambda wanted: True, library=library))
    config = configured(SimpleNamespace(data_dir=tmp_path, id="n1"), EvidenceSection())
    recent, access, clock = Recent({}), AccessLog(tmp_path / "access", Clock()), HandClock()
    at, one = clock.now(), event_id(clock, 1)
    recent.event(Event(one, Phase.END, "person", "r", Severity.INFO, "gate", at, at, at), None)
    clips = PageClips(config, footage, access, recent, clock)
    noted = []
    for passed_s in (0, 10, 3000, 600, 3600):
        clock.pass_s(passed_s)
        assert clips.clip(one) is not None
        noted.append(len(list(access.records())))
    assert noted == [1, 1, 1, 2, 3]
    assert PageClips(config, footage, access, recent, clock).clip(one) is not None  # begun anew: cached, and noted
    assert len(list(access.records())) == 4

    served = SimpleNamespace(run_once=lambda: Outcome.WORKED, close=lambda: None)
    page = SweptPage(served, clips, clock)
    page.run_once()
    assert {path.suffix for path in (tmp_path / "page").iterdir()} == {".mp4", ".json"}
    clock.pass_s(3 * 86_400)
    page.run_once()
    assert list((tmp_path / "page").iterdir()) == []
    late = tmp_path / "page" / f"{one}.mp4"
    late.write_bytes(b"clip")
    page.run_once()
    assert late.exists()  # looked at once an hour
    clock.pass_s(SWEEP_EVERY_S)
    page.run_once()
    assert not late.exists()
    late.write_bytes(b"clip")
    SweptPage(served, clips, clock).run_once()
    assert not late.exists()  # at the start too
    late.write_bytes(b"clip")
    clear_page(config)
    assert not late.exists()
