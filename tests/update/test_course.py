"""The course of an update: forward when the new version proves itself, back when it does not."""

import json
from pathlib import Path

import pytest

from agent.errors import AgentError
from agent.update.boot import at_boot
from agent.update.manifest import Manifest
from agent.update.place import target
from agent.update.refused import UpdateRefused
from agent.update.state import read_history, read_trial
from agent.update.take import Making
from tests.update.bundles import CONTENTS, MAKING, Device, fake_make


def versions(device: Device) -> list[str]:
    return sorted(folder.name.split("-")[0] for folder in device.place.versions.iterdir())


def test_a_version_that_proves_itself_stays_and_the_one_before_is_kept(tmp_path: Path) -> None:
    device = Device(tmp_path)
    name = device.take(device.bundle("0.2.0"))
    assert device.runs == "0.2.0"
    assert target(device.place.judge) == "0.1.0-00000000", "the old version's program judges"

    device.course().resume()

    assert device.system.restarts == [name]
    assert target(device.place.judge) == target(device.place.current) == name
    assert read_trial(device.place) is None
    history = read_history(device.place)
    assert (history.highest, history.previous) == ("0.2.0", "0.1.0-00000000")
    assert history.last is not None and history.last.result == "updated"
    assert versions(device) == ["0.1.0", "0.2.0"]


def test_a_program_from_a_checkout_is_updated_too_and_kept_to_go_back_to(tmp_path: Path) -> None:
    device = Device(tmp_path)
    (device.place.folder("0.1.0-00000000") / "manifest.json").unlink()
    device.take(device.bundle("0.2.0"))
    device.course().resume()
    device.course().undo()
    device.course().resume()
    assert device.runs == "0.1.0"


def test_at_most_two_versions_stay(tmp_path: Path) -> None:
    device = Device(tmp_path)
    for version in ("0.2.0", "0.3.0", "0.4.0"):
        device.take(device.bundle(version))
        device.course().resume()
    assert versions(device) == ["0.3.0", "0.4.0"]


def test_a_version_is_not_good_before_it_has_run_for_a_while(tmp_path: Path) -> None:
    device = Device(tmp_path)
    device.take(device.bundle("0.2.0"))
    device.course().resume()
    assert device.clock.at_s - device.system.began_s >= 60.0


def test_a_version_without_pictures_goes_back_within_its_window(tmp_path: Path) -> None:
    device = Device(tmp_path)
    bundle = device.bundle("0.2.0")
    device.system.bad.add(device.take(bundle))
    began_s = device.clock.at_s

    device.course().resume()

    assert device.runs == "0.1.0"
    assert device.system.folder == "0.1.0-00000000", "the old program runs"
    assert 900.0 <= device.clock.at_s - began_s <= 900.0 + 61.0
    last = read_history(device.place).last
    assert last is not None and last.result == "returned" and last.why is not None
    assert versions(device) == ["0.1.0"]


def test_a_version_that_keeps_ending_goes_back_at_once(tmp_path: Path) -> None:
    device = Device(tmp_path)
    name = device.take(device.bundle("0.2.0"))
    device.system.bad.add(name)
    device.system.ends[name] = 3
    began_s = device.clock.at_s
    device.course().resume()
    assert device.runs == "0.1.0"
    assert device.clock.at_s - began_s < 120.0


def test_a_proof_of_another_process_or_version_is_not_believed(tmp_path: Path) -> None:
    device = Device(tmp_path)
    name = device.take(device.bundle("0.2.0"))
    device.system.restart()
    device.system.bad.add(name)
    proof = json.loads((device.place.run / "proof.json").read_text())
    for wrong in (
        {"pid": 1},
        {"folder": "0.1.0-00000000"},
        {"trial": "another"},
        {"boot_id": "before"},
        {"at_s": 10.0},
    ):
        (device.place.run / "proof.json").write_text(json.dumps(proof | wrong))
        began_s = device.clock.at_s
        trial = read_trial(device.place)
        assert trial is not None
        device.system.wait = lambda seconds: False  # type: ignore[method-assign]
        device.clock.at_s = began_s
        from agent.update.judge import believed  # noqa: PLC0415
        from agent.update.proof import read_proof  # noqa: PLC0415

        assert believed(read_proof(device.place.run), trial, device.system.life(), device.clock) is None
    (device.place.run / "proof.json").write_text(json.dumps(proof))
    trial = read_trial(device.place)
    assert trial is not None
    assert believed(read_proof(device.place.run), trial, device.system.life(), device.clock) is not None


def test_the_third_start_of_the_device_without_a_proof_goes_back(tmp_path: Path) -> None:
    device = Device(tmp_path)
    device.system.bad.add(device.take(device.bundle("0.2.0")))
    seen = []
    for _ in range(3):
        device.reboot()
        at_boot(device.place, device.clock)
        device.system.start()
        seen.append(device.runs)
    assert seen == ["0.2.0", "0.2.0", "0.1.0"]
    restarts = len(device.system.restarts)
    device.course().resume()
    assert len(device.system.restarts) == restarts, "it runs already"
    last = read_history(device.place).last
    assert last is not None and last.result == "returned" and last.why is not None and "3 times" in last.why.en


def test_the_judge_counts_a_start_that_nobody_counted(tmp_path: Path) -> None:
    device = Device(tmp_path)
    device.take(device.bundle("0.2.0"))
    device.reboot()
    device.system.start()
    device.course().resume()
    assert device.runs == "0.2.0"


def test_a_trial_that_cannot_be_read_gives_the_version_before(tmp_path: Path) -> None:
    device = Device(tmp_path)
    device.take(device.bundle("0.2.0"))
    (device.place.state / "update.json").write_bytes(b"\0" * 40)
    device.reboot()
    at_boot(device.place, device.clock)
    assert device.runs == "0.1.0"
    device.system.start()
    device.course().resume()
    assert read_trial(device.place) is None
    assert (device.place.state / "update.json.bad").exists()


def test_a_person_can_have_the_version_before_and_it_has_to_prove_itself_too(tmp_path: Path) -> None:
    device = Device(tmp_path)
    device.take(device.bundle("0.2.0"))
    device.course().resume()

    device.course().undo()
    device.course().resume()
    assert device.runs == "0.1.0"
    assert read_history(device.place).highest == "0.2.0"

    device.take(device.bundle("0.2.0"))  # the newest that was ever good may come back
    device.course().resume()
    assert device.runs == "0.2.0"


def test_there_is_no_version_before_the_first(tmp_path: Path) -> None:
    with pytest.raises(AgentError, match="No version before"):
        Device(tmp_path).course().undo()


@pytest.mark.parametrize("version", ["0.1.0", "0.0.9", "0.1.9"])
def test_nothing_goes_down(tmp_path: Path, version: str) -> None:
    device = Device(tmp_path)
    device.take(device.bundle("0.2.0"))
    device.course().resume()
    device.course().undo()
    device.course().resume()  # 0.1.0 runs; 0.2.0 has been here
    before = device.snapshot()
    with pytest.raises(UpdateRefused) as told:
        device.take(device.bundle(version))
    assert told.value.kind == "older"
    assert device.snapshot() == before


def test_a_signed_correction_may_go_down_and_so_may_a_person_at_the_device(tmp_path: Path) -> None:
    device = Device(tmp_path, "0.5.0")
    with pytest.raises(UpdateRefused):
        device.take(device.bundle("0.4.0"))
    device.take(device.bundle("0.4.0", allow_from=("0.5.0",)))
    device.course().resume()
    assert device.runs == "0.4.0"
    device.take(device.bundle("0.3.0"), older=True)
    device.course().resume()
    assert device.runs == "0.3.0"


def test_too_old_for_a_version(tmp_path: Path) -> None:
    device = Device(tmp_path)
    with pytest.raises(UpdateRefused) as told:
        device.take(device.bundle("0.3.0", min_from="0.2.0"))
    assert told.value.kind == "too_old"


def test_no_second_update_during_a_trial_nor_during_one_of_a_configuration(tmp_path: Path) -> None:
    device = Device(tmp_path)
    device.system.busy = True
    device.system.prove()
    with pytest.raises(AgentError, match="configuration is on trial"):
        device.take(device.bundle("0.2.0"))
    device.system.busy = False
    device.system.prove()
    device.take(device.bundle("0.2.0"))
    with pytest.raises(AgentError, match="version is on trial"):
        device.take(device.bundle("0.3.0"))


def test_a_version_that_cannot_be_made_leaves_nothing(tmp_path: Path) -> None:
    device = Device(tmp_path)

    def fails(folder: Path, manifest: Manifest) -> None:
        fake_make(folder, manifest)
        raise UpdateRefused("install", device_text)

    from agent.i18n import Text  # noqa: PLC0415

    device_text = Text(en="no", vi="không")
    with pytest.raises(UpdateRefused):
        device.take(device.bundle("0.2.0"), Making(fails, MAKING.accepts, "aarch64", "3.13"))
    assert device.runs == "0.1.0"
    assert versions(device) == ["0.1.0"]
    assert not (device.place.state / "installing").exists()


def test_a_version_that_does_not_take_the_configuration_is_refused_unless_the_old_one_does_not_either(
    tmp_path: Path,
) -> None:
    device = Device(tmp_path)
    only_old = Making(fake_make, lambda folder, _config: folder.name == "0.1.0-00000000", "aarch64", "3.13")
    with pytest.raises(UpdateRefused) as told:
        device.take(device.bundle("0.2.0"), only_old)
    assert told.value.kind == "config"
    neither = Making(fake_make, lambda _folder, _config: False, "aarch64", "3.13")
    device.take(device.bundle("0.2.0"), neither)
    assert device.runs == "0.2.0"


def test_units_follow_the_version_that_runs_and_come_back_with_it(tmp_path: Path) -> None:
    device = Device(tmp_path)
    old, new = b"[Service]\nExecStart=old\n", b"[Service]\nExecStart=new\n"
    unit = device.place.units / "camera-agent.service"
    unit.parent.mkdir(parents=True)
    unit.write_bytes(old)
    own = device.place.units / "camera-agent-update.path"
    own.write_bytes(old)
    (device.place.folder("0.1.0-00000000") / "systemd").mkdir()
    for name in (unit.name, own.name):
        (device.place.folder("0.1.0-00000000") / "systemd" / name).write_bytes(old)
    contents = CONTENTS | {f"systemd/{unit.name}": new, f"systemd/{own.name}": new, "systemd/camera-agent-x.path": new}
    name = device.take(device.bundle("0.2.0", contents))
    seen = []
    start = device.system.start
    device.system.start = lambda: (seen.append((unit.read_bytes(), own.read_bytes())), start())  # type: ignore[method-assign,assignment,func-returns-value]
    device.system.bad.add(name)
    device.course().resume()
    assert seen == [(new, old), (old, old)], "its own units change only when it has proved itself"
    assert device.system.reloads == 2
    device.system.bad.clear()
    device.take(device.bundle("0.3.0", contents))
    device.course().resume()
    assert (unit.read_bytes(), own.read_bytes()) == (new, new)
    assert not (device.place.units / "camera-agent-x.path").exists(), "what is not installed was not wanted"


def test_the_model_goes_with_its_version_but_a_persons_own_stays(tmp_path: Path) -> None:
    device = Device(tmp_path)
    old = device.place.folder("0.1.0-00000000")
    (old / "model").mkdir()
    device.place.models.mkdir(parents=True)
    for folder in (old / "model", device.place.models):
        (folder / "ssdlite.onnx").write_bytes(b"old model")
    (device.place.models / "mine.onnx").write_bytes(b"mine")
    contents = CONTENTS | {"model/ssdlite.onnx": b"new model"}
    configured = device.place.models / "ssdlite.onnx"

    name = device.take(device.bundle("0.2.0", contents))
    assert configured.read_bytes() == b"new model"
    device.system.bad.add(name)
    device.course().resume()
    assert configured.read_bytes() == b"old model", "it came back with its version"
    assert (device.place.models / "mine.onnx").read_bytes() == b"mine"

    device.take(device.bundle("0.3.0"))  # brings none
    device.course().resume()
    assert configured.read_bytes() == b"old model"
