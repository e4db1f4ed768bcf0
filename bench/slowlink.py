"""A line of 20 kB/s: do events arrive in time while a clip goes up, and what is sent twice when the line breaks?

The agent's own line (spool, broker, upload) against the ward's mosquitto and tus server, in namespaces of this machine
(bench/netns.py) whose one queue carries 160 kbit/s, up and down together. Every two seconds an event is put into the
spool and every ten a thumbnail of 20 kB; `event_p95_s` is from there to the ward's subscriber. Ten times the upload's
connection is reset; `resent_pct` counts every byte that came up the upload's line, headers too, beyond the clip's own.
"""

import contextlib
import hashlib
import json
import random
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from agent.app.birth import birth_message
from agent.app.ward import WardLine
from agent.clock import Clock, Moment
from agent.config.digest import config_hash
from agent.config.model import Config
from agent.contract.topics import Topics
from agent.errors import AgentError
from agent.spool import Spool
from agent.uplink import LinkMemory, LinkStats
from agent.values import CameraState, Clip, ClipWanted, Draft, OutgoingClip
from agent.worker import Worker
from bench.live import Ear
from bench.netns import WARD, Line, World, world
from bench.relay import Relay
from bench.truth import Absent
from deploy.ward import Ward, WardOptions

LINE = Line("160kbit", "2s")
EVENT_EVERY_S = 2.0
THUMB_EVERY = 5  # events
THUMB_BYTES = 20_000
CLIP = "01JZ0000000000000000000001"
LAST_EVENTS_S = 15.0


class Complaints:
    """What the workers report."""

    def raised(self, source: str, error: AgentError) -> None:
        """Told as it comes; a cut is meant to be among it."""
        print(f"  {source}: {error}")

    def cleared(self, source: str) -> None:
        """It works again."""


def run(quick: bool) -> dict[str, Any]:
    """20 MB and 10 cuts, about forty minutes (quick: 0.3 MB and 3). Raises Absent."""
    return trial(300_000, 3) if quick else trial(20_000_000, 10)


def trial(size: int, cuts: int) -> dict[str, Any]:
    """One clip of `size` bytes up the line, cut `cuts` times at even distances."""
    with world(LINE) as here, tempfile.TemporaryDirectory() as name, contextlib.ExitStack() as stack:
        directory = Path(name)
        with here.ward.inside():
            ward = stack.enter_context(Ward.start(directory / "ward", WardOptions()))
            broker, uploads = (
                stack.enter_context(Relay("0.0.0.0", port)) for port in (ward.mqtt_port, ward.upload_port)
            )
            ear = Ear(ward.mqtt_url)
            stack.callback(ear.close)
        config = node_config(directory / "data", broker.port, uploads.port)
        begin_s = time.monotonic()
        with living(config, here, size) as (spool, arrived):
            put = send_events(spool, config, arrived, uploads, [size * (cut + 1) // (cuts + 1) for cut in range(cuts)])
            took_s = time.monotonic() - begin_s
            if not arrived.is_set():
                raise Absent(f"the clip did not arrive within {took_s:.0f} s")
        heard = {item.body["id"]: item.mono_s for item in ear.events()}
        whole = [upload for upload in ward.uploaded() if upload.intact()]
    delays = sorted(heard[number] - at_s for number, at_s in put.items() if number in heard)
    if not delays:
        raise Absent("no event reached the ward")
    p95 = delays[min(int(len(delays) * 0.95), len(delays) - 1)]
    resent = (uploads.total - size) / size * 100
    heads = ("events", "missing", "median s", "p95 s", "worst s", "clip MB", "took s", "twice %")
    print(("{:>10}" * len(heads)).format(*heads))
    row = (len(put), len(put) - len(delays), delays[len(delays) // 2], p95, delays[-1], size / 1e6, took_s, resent)
    print("{:>10}{:>10}{:>10.2f}{:>10.2f}{:>10.2f}{:>10.1f}{:>10.0f}{:>10.2f}".format(*row))
    return {
        "event_p95_s": round(p95, 2),
        "event_worst_s": round(delays[-1], 2),
        "events": len(put),
        "events_missing": len(put) - len(delays),
        "resent_pct": round(resent, 2),
        "cuts": cuts,
        "clip_mb": size / 1e6,
        "clip_kb_s": round(size / took_s / 1000, 1),
        "intact": len(whole) == 1,
    }


def send_events(
    spool: Spool, config: Config, arrived: threading.Event, uploads: Relay, cuts_at: list[int]
) -> dict[str, float]:
    """Events at their pace until the clip is there, cutting the upload's connection as its bytes go by: id -> when."""
    clock, topics = Clock(), Topics(config.mqtt.prefix, config.node.ward, config.node.id)
    put: dict[str, float] = {}
    thumb = random.Random(1).randbytes(THUMB_BYTES)
    due_s = end_s = time.monotonic()
    end_s += 60.0 + 40 * uploads_s(cuts_at)
    while not arrived.wait(0.1) and time.monotonic() < end_s:
        if cuts_at and uploads.total >= cuts_at[0]:
            cuts_at.pop(0)
            uploads.cut()
        if time.monotonic() >= due_s:
            due_s += EVENT_EVERY_S
            number = f"event-{len(put)}"
            put[number] = time.monotonic()
            spool.put(Draft(topics.event("gate", "intrusion"), event_body(number), clock.now(), priority=10))
            if len(put) % THUMB_EVERY == 0:
                spool.put(Draft(topics.thumb("gate", number), thumb, clock.now(), priority=30, binary=True))
    # The last event has been put moments ago.
    wait_s = time.monotonic() + LAST_EVENTS_S
    while spool.state().messages and time.monotonic() < wait_s:
        time.sleep(0.1)
    return put


def uploads_s(cuts_at: list[int]) -> float:
    """Seconds that 20 kB/s take to the last cut."""
    return cuts_at[-1] / 20_000 if cuts_at else 0.0


def event_body(number: str) -> bytes:
    """As large as an event is."""
    path = [[round(0.01 * step, 3), 0.5] for step in range(40)]
    return json.dumps({"schema": "event/1", "id": number, "phase": "start", "objects": [{"path": path}]}).encode()


@contextlib.contextmanager
def living(config: Config, here: World, size: int) -> Iterator[tuple[Spool, threading.Event]]:
    """The two workers of a node's line inside the house, over a spool with one clip; the event tells its arrival."""
    clock, arrived = Clock(), threading.Event()
    memory = LinkMemory(clock, LinkStats())
    spool = Spool(config.node.data_dir / "spool", config.spool, clock, memory.wake.set)
    line = WardLine(config, clock, spool, memory)
    complaints = Complaints()

    def uploaded(_: OutgoingClip) -> None:
        arrived.set()

    cameras = tuple(CameraState(camera.id) for camera in config.cameras)
    workers: list[Worker] = [
        line.mqtt_worker(
            lambda session: birth_message(config, config_hash(config), session, None, cameras),
            lambda *_: None,
            complaints,
        )
    ]
    upload = line.upload_worker(uploaded, lambda: None, complaints)
    workers += [upload] if upload else []
    put_clip(spool, size, clock.now())
    with here.house.inside():  # a thread stays where it was started
        for worker in workers:
            worker.start()
    try:
        yield spool, arrived
    finally:
        for worker in workers:
            worker.stop()
        for worker in workers:
            worker.join(10.0)
        line.close()
        spool.close()


def put_clip(spool: Spool, size: int, now: Moment) -> None:
    """A clip of noise in the spool."""
    data = random.Random(size).randbytes(size)
    path = spool.clips_directory / f"{CLIP}.mp4"
    path.write_bytes(data)
    clip = Clip(CLIP, "gate", path, now.wall_ns, now.wall_ns, size, hashlib.sha256(data).hexdigest())
    spool.clip_ready(ClipWanted(CLIP, "gate", now, now, now), clip)


def node_config(data_dir: Path, broker: int, uploads: int) -> Config:
    """A node that talks to the ward's relays."""
    return Config.model_validate(
        {
            "node": {"ward": "bench", "id": "node-1", "data_dir": str(data_dir)},
            "mqtt": {"url": f"mqtt://{WARD}:{broker}"},
            "upload": {"url": f"http://{WARD}:{uploads}/files"},
            "retention": {"max_days": 30},
            "insecure": True,
            "cameras": [{"id": "gate", "source": "gate.mp4"}],
        }
    )
