"""A whole node whose wall clock is wrong, is set right, jumps, and changes to summer time. With FAULTS=1: minutes."""

import json
import os
from collections.abc import Callable
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pytest
import yaml

from deploy.ward import Ward
from tests.app.living import Ear, write_config
from tests.faults.clocked import ClockedNode, utc_s
from tests.faults.conftest import name_of

YEAR_S = 365.25 * 86_400
TODAY_S = utc_s("2027-01-15T08:00:00")

pytestmark = [
    pytest.mark.skipif(os.environ.get("FAULTS") != "1", reason="a whole node runs for minutes; set FAULTS=1"),
    pytest.mark.timeout(400),
]


def second(words: str) -> float:
    return datetime.fromisoformat(words.replace("Z", "+00:00")).timestamp()


def count(ear: Ear, part: str = "/event/") -> int:
    return len(ear.bodies(part))


def wait_for_more(ear: Ear, part: str, more: int = 2) -> list[dict[str, Any]]:
    so_far = count(ear, part)
    ear.wait(lambda: count(ear, part) >= so_far + more)
    return ear.bodies(part)[so_far:]


def segments(tmp_path: Path) -> set[str]:
    names = {path.name.rpartition("-")[2] for path in (tmp_path / "data" / "footage").rglob("*.mp4")}
    return {name for name in names if not name.endswith(".part.mp4")}


@pytest.mark.fault("D33", "whole node: starts in 1970, is set right while it runs")
def test_from_1970_to_now(
    ward: Ward, ear: Ear, tmp_path: Path, request: pytest.FixtureRequest, record_property: Callable[[str, object], None]
) -> None:
    config = write_config(tmp_path, ward, name_of(request))
    clocked = ClockedNode(config, tmp_path, utc_s("1970-01-01T00:01:00"))
    try:
        ear.wait(lambda: count(ear) >= 2 and count(ear, "/health") >= 2)
        before = ear.bodies("/event/")
        assert all(body["clock"]["trusted"] is False for body in before)
        assert all(second(body["started_utc"]) < 86_400 for body in before)
        kept = segments(tmp_path)
        clocked.set(TODAY_S)
        clocked.synchronise()
        ear.wait(lambda: any(body["clock"]["trusted"] for body in ear.bodies("/event/")))
        after = [body for body in wait_for_more(ear, "/event/") if body["clock"]["trusted"]]
        assert all(second(body["started_utc"]) > TODAY_S - 600 for body in after), "told in right times from then on"
        assert kept <= segments(tmp_path), "nothing expired"
        told = json.loads(clocked.footage_list("--json"))
        (cam,) = told["cams"]
        wait_for_more(ear, "/health", 6)
    finally:
        code = clocked.node.stop()
    assert code == 0, clocked.node.words()
    assert "Traceback" not in clocked.node.words()
    assert second(told["from_utc"]) > TODAY_S - 2 * 86_400
    listed = json.loads(clocked.footage_list("--json"))["cams"][0]
    assert listed["coverage_s"] >= 0.8 * len(kept), "what was recorded in 1970 is found by today's date"
    corrected = [body for body in ear.bodies("/event/") if body.get("corrected")]
    record_property("seen", f"{len(before)} revisions in 1970, {len(corrected)} put right; cam {cam['cam']} all found")


@pytest.mark.fault("D34", "whole node: steps of a day and of ten years, both ways, while it runs")
def test_steps_while_running(
    ward: Ward, ear: Ear, tmp_path: Path, request: pytest.FixtureRequest, record_property: Callable[[str, object], None]
) -> None:
    config = write_config(tmp_path, ward, name_of(request))
    clocked = ClockedNode(config, tmp_path, TODAY_S)
    try:
        clocked.synchronise()
        ear.wait(lambda: any(body["clock"]["trusted"] for body in ear.bodies("/event/")))
        wait_for_more(ear, "/health", 6)
        kept = segments(tmp_path)
        for step_s in (86_400.0, -86_400.0, 10 * YEAR_S, -10 * YEAR_S, 0.0):
            clocked.set(TODAY_S + step_s)
            wait_for_more(ear, "/health", 6)  # 12 s: it has looked at the clock and tidied the ring in between
            wait_for_more(ear, "/event/", 1)
            assert kept <= segments(tmp_path), f"a step of {step_s} s deletes nothing"
            kept = segments(tmp_path)
        assert len(ear.bodies("/birth")) == 1, "the line was never lost over it"
    finally:
        code = clocked.node.stop()
    assert code == 0, clocked.node.words()
    assert "Traceback" not in clocked.node.words()
    revisions = [(body["id"], body["rev"]) for body in ear.bodies("/event/")]
    assert len(revisions) == len(set(revisions))
    ends = {body["id"] for body in ear.bodies("/event/") if body["phase"] == "end"}
    assert {name for name, _ in revisions} <= ends, "each event has its end"
    record_property("seen", f"{len(kept)} segments, all kept; {len(revisions)} revisions")


@pytest.mark.fault("D35", "whole node: the clock goes over into summer time; another time zone")
def test_summer_time_is_shown_and_never_stored(
    ward: Ward, ear: Ear, tmp_path: Path, request: pytest.FixtureRequest, record_property: Callable[[str, object], None]
) -> None:
    config = write_config(tmp_path, ward, name_of(request))
    tree = yaml.safe_load(config.read_text(encoding="utf-8"))
    tree["node"]["timezone"] = "America/New_York"
    config.write_text(yaml.safe_dump(tree), encoding="utf-8")
    change_s = utc_s("2027-03-14T07:00:00")  # 02:00 becomes 03:00 there
    clocked = ClockedNode(config, tmp_path, change_s - 15)
    try:
        clocked.synchronise()
        ear.wait(lambda: ear.bodies("/event/") and clocked.now_s() > change_s + 10)
        wait_for_more(ear, "/health", 3)
    finally:
        assert clocked.node.stop() == 0, clocked.node.words()
    times = [second(body["at_utc"]) for body in ear.bodies("/health")]
    assert times == sorted(times) and times[-1] - times[0] < 3000, "no hour is left out or told twice"
    assert all(body["sent_utc"].endswith("Z") for body in ear.bodies("/event/"))
    told = json.loads(clocked.footage_list("--json"))
    assert told["to_utc"].startswith("2027-03-14T07:0")
    shown = clocked.footage_list().splitlines()[0]
    wall = datetime.fromtimestamp(clocked.now_s(), timezone.utc)
    assert f"{wall.hour - 4:02d}:{wall.minute // 10}" in shown, (shown, wall)
    record_property("seen", f"stored {told['to_utc']}, shown {shown}")
