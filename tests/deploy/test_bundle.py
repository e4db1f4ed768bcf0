"""What goes into a bundle: the right wheels for another machine, closed; and the same bytes for the same sources."""

import json
import os
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.version import Version

from agent import __version__
from agent.update.manifest import read_manifest
from deploy.bundle.agent_wheel import agent_wheel, source_version
from deploy.bundle.build import run_requirements
from deploy.bundle.sbom import notices, sbom
from deploy.bundle.target import Target
from deploy.bundle.wheels import Wheel, holding, needed, read_wheel, unmet
from deploy.fetch import AssetError
from tests.deploy.small_bundle import small_bundle

BOARD = Target("aarch64", "3.13")
JETSON = Target("aarch64", "3.10")


def wheel(name: str, version: str, *wants: str) -> Wheel:
    return Wheel(Path(f"{name}.whl"), name, Version(version), tuple(map(Requirement, wants)), "MIT")


@pytest.mark.parametrize(("target", "expected"), [(BOARD, ["new"]), (JETSON, ["old", "backport"])])
def test_markers_are_judged_for_the_target_and_not_for_this_python(target: Target, expected: list[str]) -> None:
    wants = ["new>=2; python_version >= '3.11'", "old<2; python_version < '3.11'"]
    wants += ["backport; python_version < '3.11' and platform_machine == 'aarch64'", "win; sys_platform == 'win32'"]
    assert [each.name for each in holding(target, map(Requirement, wants))] == expected


def test_what_is_missing_or_too_old_is_found_however_deep() -> None:
    wheels = [wheel("a", "1.0", "b>=2", "gone; python_version < '3.11'"), wheel("b", "1.9", "c")]
    assert [str(each) for each in unmet(BOARD, [Requirement("a")], wheels)] == ["b>=2", "c"]
    assert [str(each) for each in unmet(JETSON, [Requirement("a")], wheels)] == [
        "b>=2",
        'gone; python_version < "3.11"',
        "c",
    ]


def test_what_only_this_machine_would_want_stays_away() -> None:
    wheels = [wheel("a", "1.0", "b[fast]"), wheel("b", "1.0", "speedup; extra == 'fast'", "docs; extra == 'docs'")]
    wheels += [wheel("speedup", "1.0"), wheel("docs", "1.0"), wheel("stray", "1.0")]
    assert [each.name for each in needed(BOARD, ["a"], wheels)] == ["a", "b", "speedup"]


def test_every_python_gets_a_pyav_that_knows_damaged_footage() -> None:
    """PyAV 19 has no `metadata_errors`, which agent/footage/mux.py passes: a node would not start after a power cut."""
    for python in ("3.11", "3.12", "3.13"):
        (want,) = [
            each
            for each in holding(Target("aarch64", python), map(Requirement, run_requirements()))
            if each.name == "av"
        ]
        assert want.specifier.contains("18.1.0")
        assert not want.specifier.contains("19.0.0")


def test_another_board_is_refused_in_words() -> None:
    with pytest.raises(AssetError, match=r"armv7l with Python 3\.13"):
        Target("armv7l", "3.13")  # type: ignore[arg-type]


def test_no_wheel_is_one_clear_error(tmp_path: Path) -> None:
    path = tmp_path / "a-1.0-py3-none-any.whl"
    path.write_bytes(b"not a zip file")
    with pytest.raises(AssetError, match="is no wheel"):
        read_wheel(path)


@pytest.mark.real
@pytest.mark.skipif(os.environ.get("FAULTS") != "1", reason="builds the agent's wheel twice, 10 s; set FAULTS=1")
def test_the_agents_wheel_is_the_same_bytes_twice(tmp_path: Path) -> None:
    made = []
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        try:
            made.append(agent_wheel(tmp_path / name, "9.8.7"))
        except AssetError as error:
            pytest.skip(str(error))
    assert made[0].read_bytes() == made[1].read_bytes()
    assert read_wheel(made[0]).version == Version("9.8.7")
    assert source_version() == __version__


def test_a_bundle_opens_with_its_manifest_which_names_every_file(tmp_path: Path) -> None:
    with small_bundle(tmp_path, "0.1.0").open("rb") as file:
        file.seek(512)
        manifest = read_manifest(file.read().split(b"\0", 1)[0])
    names = {each.path for each in manifest.files}
    assert {"first-boot/first-boot.sh", "first-boot/place.py", "systemd/camera-agent.service", "sbom.json"} <= names
    assert manifest.model is not None


def test_the_list_of_parts_names_version_licence_and_hash(tmp_path: Path) -> None:
    path = tmp_path / "a.whl"
    path.write_bytes(b"abc")
    one = Wheel(path, "a", Version("1.2"), (), "MIT")
    (part,) = json.loads(sbom("0.1.0", [one], None))["components"]
    assert (part["name"], part["version"], part["purl"]) == ("a", "1.2", "pkg:pypi/a@1.2")
    assert part["licenses"] == [{"license": {"name": "MIT"}}]
    assert part["hashes"][0]["content"].startswith("ba7816bf")
    assert b"| a | 1.2 | MIT |" in notices("# Known\n", [one])
