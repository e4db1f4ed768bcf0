"""A bundle is fetched in pieces, when it is wanted and the line is free."""

import os
from pathlib import Path
from typing import Any

import pytest

from agent.app.update_fetch import is_chosen
from agent.uplink.fetch import PIECE
from tests.update.bundles import FakeClock
from tests.update.channel import Line, Server, fetch_job


def test_stages_grow_and_differ_between_versions() -> None:
    nodes = [f"node-{number}" for number in range(2000)]
    tenth = {node for node in nodes if is_chosen(node, "0.2.0", 10)}
    half = {node for node in nodes if is_chosen(node, "0.2.0", 50)}
    assert tenth < half
    assert 0.07 < len(tenth) / 2000 < 0.13 and 0.45 < len(half) / 2000 < 0.55
    assert all(is_chosen(node, "0.2.0", 100) and not is_chosen(node, "0.2.0", 0) for node in nodes)
    assert tenth != {node for node in nodes if is_chosen(node, "0.3.0", 10)}


def test_a_bundle_is_fetched_in_pieces_and_goes_on_after_a_break_and_a_restart(tmp_path: Path) -> None:
    content = os.urandom(3 * PIECE + 17)
    server = Server(content, {"version": "0.2.0", "url": "x.bundle", "bytes": len(content)})
    line, clock = Line(), FakeClock()
    job, got = fetch_job(tmp_path, server, line, clock)
    job.run_once()  # the channel
    job.run_once()
    server.fails = 1
    job.run_once()
    clock.at_s += 10_000
    job, got = fetch_job(tmp_path, server, line, clock)
    for _ in range(4):
        job.run_once()
    assert [path.read_bytes() for path in got] == [content]
    assert server.ranges[0] == f"bytes=0-{PIECE - 1}" and len(server.ranges) == 4, "nothing twice"
    assert line.taken == len(content), "all of it counts for the household"


def test_nothing_is_fetched_in_quiet_hours_or_when_it_is_not_wanted(tmp_path: Path) -> None:
    server = Server(b"x", {"version": "0.2.0", "url": "x.bundle", "bytes": 1})
    line = Line()
    line.shut = True
    job, _ = fetch_job(tmp_path, server, line, FakeClock())
    job._stop.set()  # does not wait
    job.run_once()
    job, got = fetch_job(tmp_path, server, Line(), FakeClock(), wants=False)
    job.run_once()
    assert (server.ranges, got) == ([], [])


@pytest.mark.parametrize(
    "channel",
    [
        {}, {"version": "0.2", "url": "x", "bytes": 1}, {"version": "0.2.0", "url": "http://x/y", "bytes": 1},
        {"version": "0.2.0", "url": "x", "bytes": 3 << 30}, {"version": "0.2.0", "url": "x", "bytes": "1"},
        {"version": "../../x", "url": "x", "bytes": 1}, {"version": "0.2.0", "url": "x", "bytes": -1},
        {"version": "0.2.0", "url": "x", "bytes": 1, "pad": "x" * 9000},
    ],
    ids=lambda channel: str(channel)[:40],
)  # fmt: skip
def test_a_channel_that_makes_no_sense_fetches_nothing(tmp_path: Path, channel: dict[str, Any]) -> None:
    server = Server(b"x", channel)
    job, got = fetch_job(tmp_path, server, Line(), FakeClock())
    for _ in range(3):
        job._stop.set()
        job.run_once()
    assert (server.ranges, got) == ([], [])
