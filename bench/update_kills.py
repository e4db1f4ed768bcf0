"""Updates killed with SIGKILL, 200 times: does a working version always remain, and does a proven one run in the end?

A real `camera-agent update` with real, small virtual environments (update_device.py). Half of the kills strike at a
chosen system call of the updater (strace: each rename, link, unlink, mkdir, fsync, sync in turn), half at a random
time, then with all its children; one bundle in five is of a version that never proves itself. After each kill the
version that `current` means must run and take the configuration. Then the device starts: boot step, service, judge;
every third time the judge is killed, too. In the end exactly one proven version runs: the old or the new one, never the
one that is broken. `broken` counts every failure of any of this.
"""

import os
import random
import shutil
import signal
import subprocess
import tempfile
import time
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from agent.update.place import target
from agent.update.proof import read_proof
from agent.update.services import folder_of
from bench.truth import Absent
from bench.update_device import BAD, NEW, OLD, Device, named

SEED = 20261122
KILLS = 200
QUICK_S = 34.0
LEAST = 2  # on a machine that has no time
CALLS = (
    "rename,renameat,renameat2,symlink,symlinkat,unlink,unlinkat,mkdir,mkdirat,rmdir,fsync,fdatasync,sync,link,linkat"
)
LONGEST_S = 60.0


@dataclass
class Count:
    """What came out."""

    kills: int = 0
    at_calls: int = 0
    at_times: int = 0
    of_judge: int = 0
    ended: dict[str, int] = field(default_factory=dict)  # by version
    words: list[str] = field(default_factory=list)  # what broke


def run(quick: bool) -> dict[str, Any]:
    """200 kills (quick: as many as 36 s allow)."""
    chance = random.Random(SEED)
    begin_s = time.monotonic()
    count = Count()
    with tempfile.TemporaryDirectory(prefix="update-") as name:
        device = Device(Path(name))
        try:
            plan = usual(device)
            print(f"seed {SEED}; an update takes {plan.whole_s:.1f} s here, {plan.calls} calls of it change the disk")
            while count.kills < (KILLS if not quick or time.monotonic() - begin_s < QUICK_S else LEAST):
                once(device, chance, replace(plan, number=count.kills), count)
        finally:
            device.stop()
    print(f"{count.kills} kills: {count.at_calls} at a system call, {count.at_times} at a random time,")
    print(f"  {count.of_judge} of them of the judge after a start of the device")
    print(f"  in the end ran: {count.ended}")
    for word in count.words[:20]:
        print(f"  BROKEN: {word}")
    return {
        "kills": count.kills,
        "broken": len(count.words),
        "at_calls": count.at_calls,
        "at_times": count.at_times,
        "of_judge": count.of_judge,
        "ended_old": count.ended.get(OLD, 0),
        "ended_new": count.ended.get(NEW, 0),
    }


@dataclass(frozen=True)
class Plan:
    """Of one kill: how many system calls there are, how long an update takes, and the number of this one."""

    calls: int
    whole_s: float
    number: int


def usual(device: Device) -> Plan:
    """An update that nobody kills: how long it takes, and how many of its calls change the disk. Raises Absent."""
    device.reset()
    device.start()
    log = device.root / "calls"
    traced = ["strace", "-qq", "-o", str(log), "-e", f"trace={CALLS}"] if shutil.which("strace") else []
    begin_s = time.monotonic()
    done = finished([*traced, *device.update(NEW)], device)
    if done.returncode != 0 or named(device.place.current) != NEW:
        raise Absent(f"an update does not work here: {done.stdout[-400:]} {done.stderr[-800:]}")
    whole_s = time.monotonic() - begin_s
    if not traced:
        print("no strace here: all kills at random times")
        return Plan(0, whole_s, 0)
    return Plan(sum(1 for _ in log.open(encoding="utf-8", errors="replace")), whole_s, 0)


def finished(command: list[str], device: Device) -> "subprocess.CompletedProcess[str]":
    """To its end."""
    return subprocess.run(
        command, env=device.environ, capture_output=True, text=True, timeout=LONGEST_S * 2, check=False
    )


def once(device: Device, chance: random.Random, plan: Plan, count: Count) -> None:
    """One update that is killed, and what follows."""
    device.reset()
    device.start()
    version = BAD if plan.number % 5 == 4 else NEW
    at_call = plan.calls > 0 and plan.number % 2 == 0
    where = kill(device, device.update(version), chance, plan if at_call else Plan(0, plan.whole_s, plan.number))
    where = f"{version}, {where}"
    count.kills += 1
    count.at_calls += at_call
    count.at_times += not at_call
    works(device, f"after the kill ({where})", count)
    if plan.number % 4 != 3:  # a power cut; else the unit alone starts the judge again
        boot(device)
        works(device, f"after the boot step ({where})", count)
        device.start()
    if plan.number % 3 == 2 and count.kills < KILLS:
        kill(device, judge(device), chance, Plan(0, plan.whole_s / 2, plan.number))
        count.kills += 1
        count.of_judge += 1
        works(device, f"after the kill of the judge ({where})", count)
        boot(device)
        device.start()
    done = finished(judge(device), device)
    if done.returncode != 0:
        count.words.append(f"the judge failed ({where}): {done.stderr[-300:]}")
    settled(device, version, where, count)


def kill(device: Device, command: list[str], chance: random.Random, plan: Plan) -> str:
    """Run `command` and kill it and its children. Where it was killed."""
    if plan.calls:
        # Every call in turn, spread over the kills that there are time for.
        when = 1 + (plan.number // 2 * 37) % plan.calls
        command = ["strace", "-qq", "-o", "/dev/null", "-e", f"inject={CALLS}:signal=SIGKILL:when={when}", *command]
        where, after_s = f"system call {when} of {plan.calls}", LONGEST_S
    else:
        after_s = chance.uniform(0.0, plan.whole_s)
        where = f"after {after_s:.2f} s"
    child = subprocess.Popen(
        command, env=device.environ, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
    )
    try:
        with suppress(subprocess.TimeoutExpired):
            child.wait(timeout=after_s)
    finally:
        with suppress(ProcessLookupError):
            os.killpg(child.pid, signal.SIGKILL)
        child.wait()
    return where


def judge(device: Device) -> list[str]:
    """What camera-agent-update.service runs."""
    link = device.place.judge if device.place.judge.exists() else device.place.current
    return device.command(link, "update", "--resume", "--root", str(device.place.root))


def boot(device: Device) -> None:
    """What camera-agent-update-boot.service runs when the power is back."""
    device.stop()
    link = device.place.judge if device.place.judge.exists() else device.place.current
    command = [str(link / "bin/python3"), "-I", "-m", "agent.update.boot", str(device.place.root)]
    subprocess.run(command, env=device.environ, check=True, capture_output=True, timeout=LONGEST_S)


def works(device: Device, when: str, count: Count) -> None:
    """The version that `current` means runs and takes the configuration."""
    for arguments in (("version",), ("check-config", str(device.place.config))):
        try:
            command = device.command(device.place.current, *arguments)
            done = finished(command, device)
        except (OSError, subprocess.TimeoutExpired) as error:
            count.words.append(f"{arguments[0]} {when}: {error}")
            continue
        if done.returncode != 0:
            count.words.append(f"{arguments[0]} {when}: {done.stderr[-300:] or done.stdout[-300:]}")
    if not device.unharmed():
        count.words.append(f"the old version was changed {when}")


def settled(device: Device, version: str, where: str, count: Count) -> None:
    """One proven version runs, and nothing is left over."""
    works(device, f"in the end ({where})", count)
    place = device.place
    current, runs = target(place.current), named(place.current)
    count.ended[runs] = count.ended.get(runs, 0) + 1
    found = []
    if runs not in ((OLD,) if version == BAD else (OLD, NEW)):
        found.append(f"{runs} runs")
    if place.judge.exists() and target(place.judge) != current:
        found.append("the judge is of another version")
    if (place.state / "update.json").exists() or (place.state / "installing").exists():
        found.append("something is still going on")
    if len(list(place.versions.iterdir())) > 2:
        found.append("more than two versions")
    until_s = time.monotonic() + 5.0
    while (proof := read_proof(place.run)) is None and time.monotonic() < until_s:
        time.sleep(0.05)
    if proof is None or proof.folder != current or folder_of(proof.pid) != current:
        found.append(f"the node that runs is of {proof.folder if proof else 'no version'}")
    count.words += [f"{each} ({where})" for each in found]
