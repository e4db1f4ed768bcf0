"""kill -9 at random moments, a thousand times: is anything lost, broken or told twice?

A thousand lives of a node without eyes (bench/kills_light.py), which are cheap: `lost` is what was acknowledged and
never arrived, `corrupt` counts databases, `unplayable` finished segments.

Then twenty of the whole node, the broker down half the time: what of what `replay` gives is at the ward in the end?
Each life plays the street video from its beginning, so what it must have told is what `replay` gives for the media time
it reached (less the second that an event may take to be told). What a kill interrupted must end with `restart`.
"""

import json
import random
import sqlite3
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import av

from bench.kills_light import LightKills, light_kills
from bench.live import Ear, Heard, Node, wait_for, write_config
from deploy.assets import street_video
from deploy.ward import Ward, WardOptions

SEED = 20261121
TOLERANCE_MS = 450  # two analysed frames at 5 per second, and rounding
PICTURES_PER_S = 10  # of the street video
PROMISE_S = 1.0  # an event is told within this of its frame
SUMMED = ("kills", "lost", "corrupt", "unplayable", "duplicates")  # over both kinds of kills
LIGHT_KILLS, QUICK_LIGHT_KILLS, QUICK_LIGHT_S = 1000, 30, 16.0


@dataclass(frozen=True)
class Life:
    """One run of the node. `first_ms`: monotonic ms of its first analysed frame; None when it was killed before."""

    started_ms: float
    killed_ms: float
    first_ms: int | None

    def reached_ms(self) -> float:
        """Media time up to which events must have been told."""
        return self.killed_ms - self.first_ms - PROMISE_S * 1000 if self.first_ms is not None else 0.0


def run(quick: bool) -> dict[str, Any]:
    """1,000 light kills and 20 of the whole node (quick: as many as 16 s allow, at most 30; and 4)."""
    chance = random.Random(SEED)
    print(f"seed {SEED}")
    kills, within_s = (QUICK_LIGHT_KILLS, QUICK_LIGHT_S) if quick else (LIGHT_KILLS, 7200.0)
    with tempfile.TemporaryDirectory() as name:
        light = light_kills(Path(name), street_video().path, kills, chance, within_s)
    tell(light)
    heavy = whole_node(quick, chance)
    rest = {key: value for key, value in heavy.items() if key not in SUMMED}
    return {
        "kills": light.kills + heavy["kills"],
        "lost": light.lost + heavy["lost"],
        "corrupt": light.corrupt + heavy["corrupt"],
        "unplayable": light.unplayable + light.spoilt_clips + heavy["unplayable"],
        "duplicates": light.conflicts + heavy["duplicates"],
        "acknowledged": light.acknowledged,
        "segments": light.segments,
        "kills_whole_node": heavy["kills"],
        **rest,
    }


def tell(light: LightKills) -> None:
    """The light part, for people."""
    print(f"{light.kills} kills of a node without eyes: {light.acknowledged} acknowledged, {light.lost} lost,")
    print(f"  {light.corrupt} databases corrupt, {light.conflicts} told with two contents, {light.repeats} told again;")
    print(
        f"  {light.segments} segments, {light.unplayable} unplayable; {light.clips} clips, {light.spoilt_clips} spoilt"
    )
    for line in light.words:
        print(f"  {line}")


def whole_node(quick: bool, chance: random.Random) -> dict[str, Any]:
    """20 kills (quick: 4)."""
    kills = 4 if quick else 20
    with tempfile.TemporaryDirectory() as name, Ward.start(Path(name) / "ward", WardOptions()) as ward:
        directory = Path(name)
        ear = Ear(ward.mqtt_url)
        config = write_config(directory, ward.mqtt_url, ward.upload_url)
        expected = replayed(config, 8.0 if quick else 20.0)
        lives: list[Life] = []
        for number in range(kills):
            if number % 2:
                ward.kill_broker()
            lives.append(
                one_life(config, directory / f"agent-{number}.log", chance.uniform(1.5, 6.5 if quick else 16.0))
            )
            if number % 2:
                ward.start_broker()
                ear.listen()
        births = ear.births()
        node = Node(config, directory / "agent-last.log")
        # It comes back when its last life had drawn that it would: the broker had been down.
        wait_for(lambda: ear.births() > births, 90.0)
        wait_for(lambda: False, 6.0 if quick else 20.0)
        stopped_ms = time.monotonic() * 1000
        code = node.stop()
        ear.close()
        told = by_id(ear.events())
        last = node.first_frame()
        footage = look_at(directory / "data")
        corrupt = sum(not whole(path) for path in directory.glob("data/**/*") if path.suffix in {".db", ".sqlite"})
        corrupt += sum(1 for _ in directory.glob("data/**/*.corrupt-*"))
        clips = ward.uploaded()
        damaged = sum(not clip.intact() for clip in clips)
    result = judge(lives, expected, told)
    lived_s = sum((life.killed_ms - life.first_ms) / 1000 for life in lives if life.first_ms is not None)
    lived_s += (stopped_ms - last[1]) / 1000 if last else 0.0
    print(f"{'life s':>8} {'reached s':>10} {'expected':>9} {'lost':>5} {'extra':>6}")
    for row in result["lives"]:
        print(f"{row[0]:>8.1f} {row[1]:>10.1f} {row[2]:>9} {row[3]:>5} {row[4]:>6}")
    return {
        "kills": kills,
        "expected": sum(row[2] for row in result["lives"]),
        "lost": sum(row[3] for row in result["lives"]) + result["unended"],
        "corrupt": corrupt,
        "duplicates": result["duplicates"],
        "extra": sum(row[4] for row in result["lives"]),
        "interrupted": result["interrupted"],
        "unplayable": footage.unplayable + damaged,
        "footage_lost_s_per_kill": round(max(0.0, lived_s - footage.seconds) / kills, 2),
        "clips_uploaded": len(clips),
        "exit_code": code,
    }


def whole(path: Path) -> bool:
    """PRAGMA integrity_check says ok."""
    connection = sqlite3.connect(path)
    try:
        return bool(connection.execute("PRAGMA integrity_check").fetchone() == ("ok",))
    except sqlite3.DatabaseError:
        return False
    finally:
        connection.close()


def one_life(config: Path, log: Path, seconds: float) -> Life:
    """Start, let live, kill."""
    started_ms = time.monotonic() * 1000
    node = Node(config, log)
    wait_for(lambda: False, seconds)
    node.kill()
    killed_ms = time.monotonic() * 1000
    first = node.first_frame()
    return Life(started_ms, killed_ms, first[1] if first else None)


def replayed(config: Path, seconds: float) -> list[tuple[str, float]]:
    """(rule id, media ms of its start) of every event that `replay` gives for the first `seconds`."""
    command = (sys.executable, "-m", "agent", "replay", str(street_video().path), "--config", str(config), "--json")
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        starts: dict[str, tuple[str, float]] = {}
        assert process.stdout is not None
        for line in process.stdout:
            body = json.loads(line)
            if body.get("schema") == "event/1":
                starts.setdefault(body["id"], (body["rule_id"], float(body["mono_ms"])))
                if body["mono_ms"] > seconds * 1000:
                    process.terminate()
                    break
    return [start for start in starts.values() if start[1] <= seconds * 1000]


def by_id(events: list[Heard]) -> dict[str, list[dict[str, Any]]]:
    """All revisions of each event, in the order of their arrival."""
    told: dict[str, list[dict[str, Any]]] = {}
    for item in events:
        told.setdefault(item.body["id"], []).append(item.body)
    return told


def judge(
    lives: list[Life], expected: list[tuple[str, float]], told: dict[str, list[dict[str, Any]]]
) -> dict[str, Any]:
    """Compare what was told with what each life had to tell."""
    duplicates = sum(conflicting(revisions) for revisions in told.values())
    unended = sum(all(body["phase"] != "end" for body in revisions) for revisions in told.values())
    interrupted = sum(any(body.get("end_reason") == "restart" for body in revisions) for revisions in told.values())
    rows = []
    for life in lives:
        mine = [
            (min(revisions, key=lambda body: body["rev"])["rule_id"], min(body["mono_ms"] for body in revisions))
            for revisions in told.values()
            if life.started_ms <= min(body["mono_ms"] for body in revisions) <= life.killed_ms
        ]
        due = [item for item in expected if item[1] <= life.reached_ms()]
        lost = 0
        for rule_id, media_ms in due:
            near = [
                item
                for item in mine
                if item[0] == rule_id and abs(item[1] - (life.first_ms or 0) - media_ms) <= TOLERANCE_MS
            ]
            if near:
                mine.remove(near[0])
            else:
                lost += 1
        extra = sum(item[1] - (life.first_ms or 0) <= life.reached_ms() - TOLERANCE_MS for item in mine)
        reached_s = max(0.0, life.reached_ms() / 1000)
        rows.append(((life.killed_ms - life.started_ms) / 1000, reached_s, len(due), lost, extra))
    return {"lives": rows, "duplicates": duplicates, "unended": unended, "interrupted": interrupted}


def conflicting(revisions: list[dict[str, Any]]) -> int:
    """Pairs of one (id, rev) with two contents; what the envelope adds at each sending is not content."""
    envelope = ("sent_utc", "late", "clock", "corrected")
    seen: dict[int, str] = {}
    conflicts = 0
    for body in revisions:
        content = json.dumps({key: value for key, value in body.items() if key not in envelope}, sort_keys=True)
        conflicts += seen.setdefault(body["rev"], content) != content
    return conflicts


@dataclass(frozen=True)
class Footage:
    """What lies on the disk in the end."""

    seconds: float
    unplayable: int


def look_at(directory: Path) -> Footage:
    """Decode all footage from beginning to end; after the last, graceful stop there must be no part files."""
    seconds, wrong = 0.0, 0
    for path in directory.rglob("*.mp4"):
        try:
            with av.open(str(path)) as container:
                pictures = sum(1 for _ in container.decode(video=0))
        except (av.FFmpegError, IndexError):
            pictures = 0
        seconds += pictures / PICTURES_PER_S if "footage" in path.parts else 0.0
        wrong += pictures == 0 or ".part." in path.name
    return Footage(seconds, wrong)
