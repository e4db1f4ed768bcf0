"""Whatever the cameras did: each moment of a wanted range is in the clip, or is listed as a gap."""

import bisect
import tempfile
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agent.clock import NS
from agent.values import Packet
from tests.capture.clocks import WALL_NS, HandClock
from tests.footage.recording import CAM, footage, look, moment, recorded, wanted

SLACK_S = 0.6
MEMORY = "/dev/shm" if Path("/dev/shm").is_dir() else None  # nothing here is about the disk

stretch = st.tuples(
    st.sampled_from(["h264", "wide"]),
    st.integers(1, 4),  # groups of pictures, a second each
    st.sampled_from([0.0, 0.0, 0.2, 0.8, 2.5, 7.0]),  # pause before it
    st.booleans(),  # a new run?
)


def sequence(videos: dict[str, Path], stretches: list[tuple[str, int, float, bool]]) -> list[Packet]:
    packets: list[Packet] = []
    at_s, run = 1000.0, 1
    for kind, groups, pause_s, fresh in stretches:
        at_s += pause_s
        run += fresh
        # Stamps go on within a run, as a camera's do.
        packets += [
            replace(packet, run=run) for packet in recorded(videos[kind], moment(at_s), stamp_s=at_s)[: 10 * groups]
        ]
        at_s += groups
    return packets


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(stretch, min_size=1, max_size=5), st.floats(-3, 12), st.floats(0.3, 12))
def test_every_moment_is_covered_or_listed(
    drawn_h264: Path,
    drawn_wide: Path,
    stretches: list[tuple[str, int, float, bool]],
    offset_s: float,
    length_s: float,
) -> None:
    packets = sequence({"h264": drawn_h264, "wide": drawn_wide}, stretches)
    start_s, end_s = 1000 + offset_s, 1000 + offset_s + length_s
    with tempfile.TemporaryDirectory(dir=MEMORY) as name:
        store = footage(Path(name), HandClock(), segment="2s")
        for packet in packets:
            store.write(packet)
        store.close()
        store = footage(Path(name), HandClock())
        found = store.library.find(CAM, moment(start_s), moment(end_s))
        clip = store.library.cut(wanted(moment(start_s), moment(end_s)), Path(name) / "clip.mp4")
        store.close()
        assert (clip is None) == (not found)
        if clip is None:
            assert not any(start_s + SLACK_S < packet.at.mono_s < end_s - SLACK_S for packet in packets)
            return
        seen = look(clip.path)
        gaps = [((gap.from_ns - WALL_NS) / NS, (gap.to_ns - WALL_NS) / NS) for gap in clip.gaps]
        times = [(clip.start_ns - WALL_NS) / NS + time_s for time_s in seen.times_s]

    for number in range(int(length_s * 10)):
        at_s = start_s + number / 10
        near = times[max(bisect.bisect_right(times, at_s) - 1, 0) :][:2]
        covered = min(abs(at_s - time_s) for time_s in near) <= SLACK_S
        assert covered or any(begin - SLACK_S <= at_s <= end + SLACK_S for begin, end in gaps), at_s
    for begin, end in gaps:
        assert start_s - 0.001 <= begin < end <= end_s + 0.001
        assert not any(begin + 0.001 < time_s < end - 0.101 for time_s in times)
    assert all(one <= other for (_, one), (other, _) in pairwise(gaps))
