"""The four questions."""

import json
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from deploy.ward.consumer.cli import main
from tests.ward.consumer.conftest import Keeping
from tests.ward.consumer.saying import HASH, NOON, Said, Voice, camera, ulid, utc

Ask = Callable[..., list[dict[str, Any]]]
MINUTE = timedelta(minutes=1)
SINCE = ("--since", "2026-03-01T00:00+07:00")


@pytest.fixture
def ask(conninfo: str, capsys: pytest.CaptureFixture[str]) -> Ask:
    def run(*arguments: str) -> list[dict[str, Any]]:
        code = main(["report", *arguments, "--db", conninfo, "--json"])
        answer: list[dict[str, Any]] = json.loads(capsys.readouterr().out)
        assert code == (1 if arguments[0] == "clip" and not answer else 0)
        return answer

    return run


def beats(voice: Voice, until: datetime, every: timedelta = MINUTE, many: int = 12) -> list[Said]:
    return [voice.health(until - every * step) for step in range(many)]


def test_which_nodes_are_silent(keep: Keeping, ask: Ask) -> None:
    now = datetime.now(timezone.utc)
    alive, gone, mute, slow, never = (Voice(name) for name in ("alive", "gone", "mute", "slow", "never"))
    for voice in (alive, gone, mute, slow):
        keep(voice.birth(now - timedelta(hours=2)))
    keep(*beats(alive, now), *beats(gone, now), *beats(mute, now - 5 * MINUTE))
    keep(*beats(slow, now - 5 * MINUTE, every=5 * MINUTE))  # its third interval is not over
    keep(never.birth(now - 4 * MINUTE))
    keep(mute.fault("disk_full", now - timedelta(hours=1)), mute.fault("camera_lost", now - 9 * MINUTE))
    keep(gone.availability("offline", now - timedelta(hours=2)))
    answer = {row["node"]: row for row in ask("silent")}
    assert {node: row["why"] for node, row in answer.items()} == {
        "gone": "offline",
        "mute": "no_health",
        "never": "no_health",
    }
    assert abs(datetime.fromisoformat(answer["mute"]["since"]) - (now - 5 * MINUTE)) < timedelta(seconds=1)
    assert answer["mute"]["fault"] == "camera_lost"
    assert ask("silent", "--lang", "vi", "--node", "mute")[0]["fault_text"] == "Mất hình"


def test_a_node_that_came_back_is_not_silent_for_its_stale_will(keep: Keeping, ask: Ask) -> None:
    now, voice = datetime.now(timezone.utc), Voice("n1")
    keep(voice.availability("online", now - 9 * MINUTE, "old"), voice.birth(now - 9 * MINUTE, "old"))
    keep(voice.availability("online", now - MINUTE, "new"), voice.birth(now - MINUTE, "new"), *beats(voice, now))
    keep(voice.availability("offline", now - 9 * MINUTE, "old"))
    assert ask("silent") == []


def test_health_that_the_broker_kept_of_a_dead_node_does_not_make_it_live(keep: Keeping, ask: Ask) -> None:
    now, voice = datetime.now(timezone.utc), Voice("n1")
    keep(voice.birth(now - timedelta(hours=2)), voice.health(now - timedelta(hours=1)), retained=True)
    assert [row["node"] for row in ask("silent")] == ["n1"]


def test_when_the_consumers_were_away_silence_is_not_the_nodes(
    keep: Keeping, conninfo: str, capsys: pytest.CaptureFixture[str], table: Callable[[str], object]
) -> None:
    keep(Voice("n1").birth(NOON))
    table("UPDATE consumer SET last_seen_at = now() - interval '1 hour' RETURNING 1")
    assert main(["report", "silent", "--db", conninfo, "--lang", "en"]) == 0
    assert "No consumer has written since" in capsys.readouterr().err


def test_which_recorded_less_than_expected(keep: Keeping, ask: Ask) -> None:
    well, badly = Voice("well"), Voice("badly")
    for step in range(1, 61):
        at, up = NOON + step * MINUTE, 60.0 * step
        keep(well.health(at, up, (camera(up - 0.5, up),)))
        if step <= 30:  # then it is without power for ten minutes; the camera misses half of each minute after it
            keep(badly.health(at, up, (camera(up, up),)))
        elif step > 40:
            again = up - 2400
            gap = {"from_utc": utc(at - MINUTE), "to_utc": utc(at - MINUTE / 2), "cause": "camera_lost"}
            keep(badly.health(at, again, (camera(again / 2, again, gaps=[gap]),)))
    (row,) = ask("recorded", *SINCE)
    assert (row["node"], row["cam"], row["day"]) == ("badly", "gate", "2026-03-05")
    assert (row["recorded_s"], row["expected_s"], row["missing_s"]) == (1800 + 600, 1800 + 1200, 600)
    assert (row["down_s"], row["restarts"]) == (600, 1)
    assert row["causes"] == {"camera_lost": 600.0}


def test_footage_counts_for_its_day_and_from_since_on(keep: Keeping, ask: Ask) -> None:
    voice = Voice("n1")
    midnight = NOON + timedelta(hours=12)  # in Ho Chi Minh City
    for step in range(-3, 4):
        up = 600.0 + 60 * step
        keep(voice.health(midnight + step * MINUTE, up, (camera(up / 2, up),)))
    days = {row["day"]: row["missing_s"] for row in ask("recorded", *SINCE)}
    assert days == {"2026-03-05": 270.0, "2026-03-06": 120.0}
    later = ask("recorded", "--since", utc(midnight))
    assert [(row["day"], row["missing_s"]) for row in later] == [("2026-03-06", 120.0)]


def test_a_process_that_began_before_anything_was_kept_is_not_counted_whole(keep: Keeping, ask: Ask) -> None:
    voice, up = Voice("n1"), 86_400.0 * 9
    keep(
        voice.health(NOON, up, (camera(up / 2, up),)), voice.health(NOON + MINUTE, up + 60, (camera(up / 2, up + 60),))
    )
    (row,) = ask("recorded", *SINCE)
    assert (row["expected_s"], row["missing_s"]) == (60, 60)


def test_where_the_clip_of_an_event_is(keep: Keeping, ask: Ask) -> None:
    voice, id_, now = Voice("n1"), ulid(1), NOON + timedelta(days=1)
    oldest = NOON - timedelta(days=2)
    keep(voice.event(id_), voice.health(now, cams=(camera(1, 1, footage_oldest_utc=utc(oldest)),)))
    (row,) = ask("clip", id_)
    assert (row["clip_state"], row["clip_url"], row["node_holds"]) == ("none", None, True)
    assert datetime.fromisoformat(row["turns_at_earliest"]) == NOON + timedelta(days=3)
    manifest = {"url": "https://ward/files/m", "sha256": HASH}
    media = {"clip": {"state": "uploaded", "url": "https://ward/files/c", "manifest": manifest}}
    keep(voice.event(id_, 2, media=media))
    (row,) = ask("clip", id_, "--node", "n1")
    assert (row["clip_state"], row["clip_url"]) == ("uploaded", "https://ward/files/c")
    assert row["manifest_url"] == "https://ward/files/m"
    assert ask("clip", id_, "--node", "another") == []


def test_a_clip_that_was_asked_for_and_a_hold_are_found_from_the_event(keep: Keeping, ask: Ask) -> None:
    voice, id_, request, hold = Voice("n1"), ulid(1), ulid(2), ulid(3)
    span = {"from_utc": utc(NOON - MINUTE), "to_utc": utc(NOON + MINUTE)}
    file = {"name": "a.mp4", "url": "https://ward/files/j", "sha256": HASH, "bytes": 1, **span}
    until = NOON + timedelta(days=60)
    keep(voice.event(id_), voice.job(request, "done", 9, cam="gate", range=span, files=[file]))
    keep(voice.command("hold.add", hold, cam="gate", until_utc=utc(until), **span))
    assert ask("clip", id_)[0]["held_until"] is None
    keep(voice.response(hold, "done", "hold.add"))
    (row,) = ask("clip", id_)
    assert row["job_url"] == "https://ward/files/j"
    assert datetime.fromisoformat(row["held_until"]) == until
    keep(voice.command("hold.release", ulid(4), hold_id=hold), voice.response(ulid(4), "done", "hold.release"))
    assert ask("clip", id_)[0]["held_until"] is None


def test_who_asked_for_what(keep: Keeping, ask: Ask) -> None:
    voice, ours, refused, mute, unheard = Voice("n1"), ulid(1), ulid(2), ulid(3), ulid(4)
    span = {"from_utc": utc(NOON), "to_utc": utc(NOON + MINUTE)}
    file = {"name": "a.mp4", "url": "https://ward/files/j", "sha256": HASH, "bytes": 1, **span}
    words = {"vi": "không có camera này", "en": "no such camera"}
    for request in (ours, refused, mute):
        keep(voice.command("clip.request", request, cam="gate", **span), at=NOON)
    keep(voice.response(ours, "accepted", "clip.request"), voice.job(ours, "done", 9, files=[file]))
    keep(voice.response(refused, "rejected", "clip.request", code="not_found", text=words))
    keep(voice.response(unheard, "done", "rebirth"))
    answer = {row["request_id"]: row for row in ask("asked", *SINCE)}
    assert {one: answer[one]["result"] for one in answer} == {
        ours: "done",
        refused: "rejected",
        mute: "unanswered",
        unheard: "done",
    }
    row = answer[ours]
    assert (row["officer"], row["case_ref"], row["reason"]) == ("Nguyễn Văn A", "12/2026", "mất xe")
    assert (row["node"], row["command"], row["cam"]) == ("n1", "clip.request", "gate")
    assert row["files"] == ["https://ward/files/j"]
    assert (answer[refused]["code"], answer[unheard]["officer"]) == ("not_found", None)


def test_answers_are_tables_in_both_languages(keep: Keeping, conninfo: str, capsys: pytest.CaptureFixture[str]) -> None:
    id_ = ulid(1)
    keep(Voice("n1").event(id_), Voice("n1").birth(NOON), Voice("n1").command("rebirth", ulid(2)), at=NOON)
    for language, head, event in (("vi", "thiết bị", "bắt đầu"), ("en", "node", "began")):
        assert main(["report", "silent", "--db", conninfo, "--lang", language]) == 0
        assert head in capsys.readouterr().out
        assert main(["report", "asked", *SINCE, "--db", conninfo, "--lang", language]) == 0
        assert "Nguyễn Văn A" in capsys.readouterr().out
        assert main(["report", "clip", id_, "--db", conninfo, "--lang", language]) == 0
        assert f"{event} " in (shown := capsys.readouterr().out)
        assert "2026-03-05 12:00:00" in shown  # the ward's hours
