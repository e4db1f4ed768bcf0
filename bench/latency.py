"""From the frame that caused an event to the ward: the `start` (or the crossing) as it arrives over a real broker."""

import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

from bench.live import Ear, Node, wait_for, write_config
from deploy.ward import Ward, WardOptions


def run(quick: bool) -> dict[str, Any]:
    """p50 and p95 in milliseconds over all events that began during the run."""
    seconds = 30.0 if quick else 160.0
    with tempfile.TemporaryDirectory() as name, Ward.start(Path(name) / "ward", WardOptions()) as ward:
        ear = Ear(ward.mqtt_url)
        node = Node(write_config(Path(name), ward.mqtt_url, ward.upload_url), Path(name) / "agent.log")
        try:
            if not wait_for(lambda: node.first_frame() is not None, 30):
                raise SystemExit(node.log.read_text(encoding="utf-8"))
            time.sleep(seconds)
        finally:
            code = node.stop()
            ear.close()
        began = [item for item in ear.events() if item.body["rev"] == 1]
        delays = sorted(item.mono_s * 1000 - item.body["mono_ms"] for item in began)
    if not delays:
        raise SystemExit("no event arrived")
    p95 = delays[min(len(delays) - 1, round(0.95 * len(delays)))]
    print(f"{'events':>8} {'p50 ms':>8} {'p95 ms':>8} {'worst ms':>9}")
    print(f"{len(delays):>8} {statistics.median(delays):>8.0f} {p95:>8.0f} {delays[-1]:>9.0f}")
    return {
        "events": len(delays),
        "p50_ms": round(statistics.median(delays)),
        "p95_ms": round(p95),
        "max_ms": round(delays[-1]),
        "exit_code": code,
    }
