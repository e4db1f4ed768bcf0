"""kill -9 of a node without eyes (bench/kills_child.py) at random moments, hundreds of times, on one directory.

After each kill: does each finished segment play from beginning to end, and are the databases, as they lie there, whole?
In the end, after a last life that sends everything: what of what was acknowledged never arrived, what arrived with two
contents under one name?
"""

import collections
import random
import shutil
import sqlite3
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from multiprocessing import get_context
from pathlib import Path

import av

from bench.kills_child import Life, live

LONGEST_S = 1.6  # of a life; from the fork on, so that many end while they open what the last one left
LAST_S = 120.0
DATABASES = ("spool/spool.db", "footage/index.sqlite")


@dataclass
class LightKills:
    """What came of it. Sums over all lives."""

    kills: int = 0
    acknowledged: int = 0
    lost: int = 0
    corrupt: int = 0
    unplayable: int = 0
    conflicts: int = 0  # one name, two contents
    repeats: int = (
        0  # sent once more with the same content, as must happen when a kill comes before the acknowledgement
    )
    segments: int = 0
    clips: int = 0
    spoilt_clips: int = 0
    words: list[str] = field(default_factory=list)  # what went wrong, for people


class LightTrial:
    """Lives on `directory`, forked from a process that has everything loaded."""

    def __init__(self, directory: Path, video: Path) -> None:
        self._directory = directory
        self._ledger = directory / "ledger"
        self._video = video
        self._context = get_context("forkserver")
        self._context.set_forkserver_preload(["bench.kills_child"])
        self._checked: set[str] = set()
        self.result = LightKills()
        (directory / "data").mkdir(parents=True)

    @property
    def data(self) -> Path:
        """What the lives share."""
        return self._directory / "data"

    def kill(self, seconds: float) -> None:
        """One life, killed after so long, and what it left looked at."""
        self.lived(seconds)
        self.look()

    def lived(self, seconds: float, dying: Callable[[int], None] = lambda pid: None) -> None:
        """One life, killed after so long. `dying`: called with its pid just before."""
        self.result.kills += 1
        process = self._context.Process(target=live, args=(self._life(),), daemon=True)
        process.start()
        process.join(seconds)
        if process.exitcode is not None:
            self.result.corrupt += 1
            self.result.words.append(f"life {self.result.kills} ended by itself with {process.exitcode}")
        elif process.pid is not None:
            dying(process.pid)
        process.kill()
        process.join()
        process.close()

    def look(self) -> None:
        """At what lies there now."""
        for name in DATABASES:
            self._check_database(self.data / name)
        for path in sorted((self.data / "footage").glob("*/*.mp4")):
            if path.name.endswith(".part.mp4") or path.name in self._checked:
                continue
            self._checked.add(path.name)
            self.result.segments += 1
            if not plays(path):
                self.result.unplayable += 1
                self.result.words.append(f"{path.name} does not play after kill {self.result.kills}")

    def end(self) -> LightKills:
        """The last life; then the account."""
        process = self._context.Process(target=live, args=(self._life(last=True),), daemon=True)
        process.start()
        process.join(LAST_S)
        if process.exitcode != 0:
            self.result.words.append(f"the last life: {process.exitcode}")
            self.result.lost += 1
            process.kill()
        self.look()
        self._account()
        return self.result

    def _life(self, last: bool = False) -> Life:
        return Life(self.data, self._ledger, self._video, self.result.kills, last)

    def _check_database(self, path: Path) -> None:
        if not path.exists():
            return
        copy = self._directory / "copy.db"
        for end in ("", "-wal"):
            source, target = path.with_name(path.name + end), copy.with_name(copy.name + end)
            target.unlink(missing_ok=True)
            if source.exists():
                shutil.copyfile(source, target)
        copy.with_name(copy.name + "-shm").unlink(missing_ok=True)
        connection = sqlite3.connect(copy)
        try:
            said = str(connection.execute("PRAGMA integrity_check").fetchone()[0])
        except sqlite3.DatabaseError as error:
            said = str(error)
        connection.close()
        if said != "ok":
            self.result.corrupt += 1
            self.result.words.append(f"{path.name} after kill {self.result.kills}: {said}")

    def _account(self) -> None:
        lines = [line.split() for line in self._ledger.read_text().splitlines()]
        events = {(words[1], words[2]) for words in lines if words[0] == "E"}
        numbers = {f"n{words[1]}" for words in lines if words[0] == "P"}
        sent: dict[str, set[str]] = {}
        times: collections.Counter[str] = collections.Counter()
        for words in lines:
            if words[0] == "S":
                sent.setdefault(words[1], set()).add(words[2])
                times[words[1]] += 1
        arrived = {(key.split(".")[0], key.split(".")[2]) for key in sent if not key.startswith("n")}
        result = self.result
        lost = sorted(map(str, (events - arrived) | (numbers - sent.keys())))
        result.words += [f"lost: {one}" for one in lost[:10]]
        result.acknowledged = len(events) + len(numbers)
        result.lost += len(lost) + sum(int(words[1]) for words in lines if words[0] == "D")
        result.conflicts = sum(len(contents) > 1 for contents in sent.values())
        result.repeats = sum(times.values()) - len(times) - result.conflicts
        result.corrupt += sum(words[1:] != ["0", "0"] for words in lines if words[0] == "O")
        clips = [words for words in lines if words[0] == "C"]
        result.clips, result.spoilt_clips = len({words[1] for words in clips}), sum(words[2] == "0" for words in clips)


def plays(path: Path) -> bool:
    """Every picture of it decodes."""
    try:
        with av.open(str(path)) as container:
            pictures = [picture.is_corrupt for picture in container.decode(video=0)]
    except (av.FFmpegError, IndexError):
        return False
    return bool(pictures) and not any(pictures)


def light_kills(
    directory: Path, video: Path, kills: int, chance: random.Random, within_s: float = 3600.0
) -> LightKills:
    """So many kills, fewer if they take longer than `within_s`."""
    trial = LightTrial(directory, video)
    deadline_s = time.monotonic() + within_s
    while trial.result.kills < kills and time.monotonic() < deadline_s:
        trial.kill(chance.uniform(0.0, LONGEST_S))
    return trial.end()
