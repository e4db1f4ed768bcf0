"""A whole node, a real broker, upload server and database: what the node does answers the four questions."""

import json
import sys
from collections.abc import Callable
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pytest

from deploy import assets
from deploy.ward import Ward
from deploy.ward.consumer.cli import main
from tests.app.living import Living, write_config
from tests.ward.consumer.process import Mouth, Running
from tests.ward.consumer.saying import Voice, ulid, utc
from tests.ward.consumer.test_stream import until

pytestmark = pytest.mark.real
NODE = "kept-by-the-consumer"
# Where tests run nobody sets a clock, and commands wait for one that is: the node behind `-m agent` trusts its own.
TRUSTING = """
import sys, agent.clock, pathlib
from agent.cli import main
agent.clock.SYNC_MARKER = pathlib.Path(sys.executable)
sys.exit(main(sys.argv[4:]))
"""
SURE = (sys.executable, "-c", TRUSTING)
AT_WORK: list[list[str]] = [[], *([state] for state in ("unanswered", "accepted", "planned", "waiting", "uploading"))]


@pytest.mark.long("two lives of a whole node")
@pytest.mark.fault("A1", "kill -9 of a node whose ward keeps a database")
def test_a_node_answers_the_four_questions(
    ward: Ward,
    conninfo: str,
    table: Callable[[str], list[tuple[Any, ...]]],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    if assets.find_street_video() is None or assets.find_ssd_model() is None:
        pytest.skip("the street video and the model are not here (make assets)")

    def ask(*arguments: str) -> list[dict[str, Any]]:
        assert main(["report", *arguments, "--node", NODE, "--db", conninfo, "--json", "--since", "1d"]) == 0
        answer: list[dict[str, Any]] = json.loads(capsys.readouterr().out)
        return answer

    def one(sql: str) -> Any:
        return table(sql.replace("{node}", f"node = '{NODE}'"))

    consumer = Running(ward, conninfo, "keeps-a-node", tmp_path / "consumer.log")
    mouth = Mouth(ward)
    node = Living(write_config(tmp_path, ward, NODE), tmp_path / "node.log", SURE)
    try:
        until(lambda: one("SELECT 1 FROM event WHERE {node} AND clip_state = 'uploaded'"), consumer)
        until(lambda: one("SELECT 1 FROM thumb WHERE {node}"), consumer)
        until(lambda: one("SELECT count(*) >= 5 FROM health WHERE {node}") == [(True,)], consumer)
        assert ask("silent") == []

        ((event,),) = one("SELECT id FROM event WHERE {node} AND clip_state = 'uploaded' LIMIT 1")
        (clip,) = ask("clip", event)
        at_the_ward = {item.clip: item for item in ward.uploaded() if item.node == NODE}
        assert clip["clip_url"].startswith(ward.upload_url) and clip["manifest_url"].startswith(ward.upload_url)
        assert clip["clip_url"].rpartition("/")[2] == at_the_ward[event].path.name
        assert clip["clip_sha256"] == at_the_ward[event].sha256

        now = datetime.now(timezone.utc)
        request = ulid(7, now)
        span = {f"{end}_utc": utc(datetime.fromisoformat(clip[f"clip_{end}"])) for end in ("from", "to")}
        mouth.say([Voice(NODE).command("clip.request", request, cam="gate", issued_utc=utc(now), **span)])
        until(lambda: [row["result"] for row in ask("asked")][:1] not in AT_WORK, consumer)
        (asked,) = ask("asked")
        assert asked["result"] == "done", (asked["code"], asked["text"])
        assert (asked["officer"], asked["command"]) == ("Nguyễn Văn A", "clip.request")
        assert asked["files"] == [f"{ward.upload_url}/{at.path.name}" for at in ward.uploaded() if at.clip == request]

        node.kill()
        until(lambda: [row["why"] for row in ask("silent")] == ["no_health"], consumer)
        node = Living(tmp_path / "config.yaml", tmp_path / "node.log", SURE)
        until(lambda: ask("silent") == [], consumer)
        until(lambda: [row["restarts"] for row in ask("recorded")] == [1], consumer)
        (day,) = ask("recorded")
        assert day["cam"] == "gate" and day["down_s"] >= 1 and day["recorded_s"] > 0
        assert node.stop() == 0
        until(lambda: [row["why"] for row in ask("silent")] == ["stopped"], consumer)
        assert one("SELECT count(*) FROM refused WHERE topic LIKE '%{node}%'".replace("{node}", NODE)) == [(0,)]
    finally:
        node.kill()
        mouth.close()
        consumer.kill()
