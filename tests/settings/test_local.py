"""What is saved at the device itself: a base of its own, which the ward's commands are held to."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from agent.i18n import Text
from agent.settings import Keeping, Trial, combine, drawn, read_installed

BOOT = "boot-1"
MASK = {"nha": [[0.0, 0.0], [0.2, 0.0], [0.2, 0.2]]}


def tree(directory: Path) -> dict[str, Any]:
    return {
        "node": {"ward": "test", "id": "n1", "data_dir": str(directory / "data")},
        "mqtt": {"url": "mqtts://ward.example"},
        "retention": {"max_days": 30},
        "cameras": [{"id": "gate", "source": "rtsp://192.168.1.64/secret", "transcode": True}],
    }


def write(path: Path, told: dict[str, Any]) -> Path:
    path.write_text(yaml.safe_dump(told, sort_keys=False), encoding="utf-8")
    return path


def changed(told: dict[str, Any], **camera: Any) -> str:
    text: str = yaml.safe_dump(told | {"cameras": [told["cameras"][0] | camera]}, sort_keys=False)
    return text


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return write(tmp_path / "config.yaml", tree(tmp_path))


def begun(file: Path) -> Keeping:
    """A node begins."""
    keeping = Keeping(file)
    keeping.begin(BOOT)
    return keeping


def saved(file: Path, text: str) -> Keeping:
    """Saved at the device, and proved."""
    begun(file).propose(Trial(request_id="save-1", window_s=60, local=True), text)
    trying = begun(file)
    assert trying.chosen.trial is not None
    trying.proved()
    return trying


def test_what_is_saved_at_the_device_stays_over_restarts(file: Path, tmp_path: Path) -> None:
    keeping = saved(file, changed(tree(tmp_path), privacy_masks=MASK, label="Cổng"))
    again = begun(file)
    for each in (keeping, again):
        assert each.chosen.source == "page" and each.chosen.config.cameras[0].label == "Cổng"
        assert set(each.chosen.config.cameras[0].privacy_masks) == {"nha"}
        assert each.last is not None and (each.last.request_id, each.last.why) == ("save-1", None)
    assert not again.may_undo and file.read_text(encoding="utf-8") == yaml.safe_dump(tree(tmp_path), sort_keys=False)


def test_one_that_does_not_work_leaves_the_last_good_one(file: Path, tmp_path: Path) -> None:
    saved(file, changed(tree(tmp_path), label="Cổng"))
    begun(file).propose(Trial(request_id="save-2", window_s=60, local=True), changed(tree(tmp_path), label="hỏng"))
    begun(file).failed(Text(en="no picture", vi="không có hình"))
    after = begun(file)
    assert after.chosen.config.cameras[0].label == "Cổng" and after.chosen.trial is None
    assert after.last is not None and after.last.why is not None and after.last.why.vi == "không có hình"


def test_one_that_hangs_the_node_is_given_up_at_the_next_start(file: Path, tmp_path: Path) -> None:
    begun(file).propose(Trial(request_id="save-1", window_s=60, local=True), changed(tree(tmp_path), label="treo"))
    begun(file)  # tries it, and never comes to an end
    after = begun(file)
    assert after.chosen.source == "file" and after.last is not None and after.last.why is not None


def test_the_ward_cannot_take_a_mask_away_that_was_drawn_at_the_device(file: Path, tmp_path: Path) -> None:
    keeping = saved(file, changed(tree(tmp_path), privacy_masks=MASK))
    chosen = keeping.chosen
    assert chosen.local is not None
    without = combine(chosen.installed, changed(tree(tmp_path), label="phường"), chosen.local.config)
    assert [each.path for each in without.locked] == ["cameras[0].privacy_masks.nha"]
    plain = combine(chosen.installed, changed(tree(tmp_path), privacy_masks=MASK, transcode=False), chosen.local.config)
    assert plain.config is None
    more = MASK | {"cua-so": [[0.5, 0.5], [0.7, 0.5], [0.7, 0.7]]}
    assert (
        combine(chosen.installed, changed(tree(tmp_path), privacy_masks=more), chosen.local.config).config is not None
    )


def test_what_the_ward_applies_goes_over_it_and_its_undoing_comes_back_to_it(file: Path, tmp_path: Path) -> None:
    saved(file, changed(tree(tmp_path), privacy_masks=MASK, label="máy"))
    begun(file).propose(
        Trial(request_id="ward-1", window_s=60), changed(tree(tmp_path), privacy_masks=MASK, label="phường")
    )
    begun(file).proved()
    ward = begun(file)
    assert ward.chosen.source == "ward" and ward.chosen.config.cameras[0].label == "phường" and ward.may_undo
    ward.propose(Trial(request_id="ward-2", window_s=60, rollback=True), None)
    begun(file).proved()
    back = begun(file)
    assert back.chosen.source == "page" and back.chosen.config.cameras[0].label == "máy"
    assert set(back.chosen.config.cameras[0].privacy_masks) == {"nha"}


def test_a_save_takes_in_what_the_ward_had_applied(file: Path, tmp_path: Path) -> None:
    begun(file).propose(Trial(request_id="ward-1", window_s=60), changed(tree(tmp_path), label="phường"))
    begun(file).proved()
    keeping = saved(file, changed(tree(tmp_path), label="phường", privacy_masks=MASK))
    assert keeping.chosen.source == "page" and not begun(file).may_undo


def test_a_save_changes_nothing_but_what_is_drawn(file: Path, tmp_path: Path) -> None:
    installed = read_installed(file)
    told = tree(tmp_path) | {"mqtt": {"url": "mqtts://evil.example"}, "retention": {"max_days": 365}}
    refused = drawn(installed, yaml.safe_dump(told)).locked
    assert {each.path for each in refused} == {"retention.max_days", "mqtt.url[0]"}
    elsewhere = drawn(installed, changed(tree(tmp_path), source="rtsp://evil.example/x"))
    assert elsewhere.config is None and elsewhere.locked[0].path == "cameras[0].source"
    starred = drawn(installed, changed(tree(tmp_path), source="rtsp://192.168.1.64/***", privacy_masks=MASK))
    assert starred.config is not None and starred.config.cameras[0].source.endswith("/secret")


def test_an_edit_of_the_file_wins_and_it_is_said(file: Path, tmp_path: Path) -> None:
    saved(file, changed(tree(tmp_path), label="máy"))
    write(file, tree(tmp_path) | {"health": {"interval": "30s"}})
    keeping = begun(file)
    assert keeping.chosen.source == "file" and keeping.chosen.config.cameras[0].label == ""
    assert [each.code for each in keeping.chosen.faults] == ["config_set_aside"]


def test_a_broken_file_falls_back_to_what_ran_masks_and_all(file: Path, tmp_path: Path) -> None:
    saved(file, changed(tree(tmp_path), privacy_masks=MASK))
    begun(file).healthy()
    file.write_text("cameras: [", encoding="utf-8")
    keeping = Keeping(file, {"STATE_DIRECTORY": str(tmp_path / "data")})
    assert keeping.begin(BOOT).last_known_good
    assert set(keeping.chosen.config.cameras[0].privacy_masks) == {"nha"}


def test_a_text_of_the_ward_that_no_longer_fits_leaves_what_was_saved(file: Path, tmp_path: Path) -> None:
    saved(file, changed(tree(tmp_path), privacy_masks=MASK))
    begun(file).propose(
        Trial(request_id="ward-1", window_s=60), changed(tree(tmp_path), privacy_masks=MASK, label="phường")
    )
    begun(file).proved()
    folder = tmp_path / "data" / "config"
    kept = begun(file)
    assert kept.chosen.ward is not None
    for path in folder.glob("*.yaml"):
        if "phường" in yaml.safe_load(path.read_text(encoding="utf-8"))["cameras"][0].get("label", ""):
            path.write_text("damaged", encoding="utf-8")
    after = begun(file)
    assert after.chosen.source == "page" and set(after.chosen.config.cameras[0].privacy_masks) == {"nha"}
    assert [each.code for each in after.chosen.faults] == ["config_store"]
