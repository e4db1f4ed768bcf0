from itertools import pairwise

import pytest

from agent.capture.timeline import NS, Timeline

MS = NS // 1000


def fed(*packets: tuple[float, float]) -> list[tuple[bool, float]]:
    """(stamp s, arrival s) of each packet -> (new run?, when it was taken in s)."""
    timeline = Timeline()
    found = []
    for stamp_s, arrival_s in packets:
        new = timeline.advance(round(stamp_s * NS), round(arrival_s * NS))
        found.append((new, timeline.picture_ns(round(stamp_s * NS)) / NS))
    return found


def test_an_even_camera_keeps_its_own_pace() -> None:
    assert fed((0, 100), (0.1, 100.1), (0.2, 100.2)) == [(True, 100.0), (False, 100.1), (False, 100.2)]


def test_late_packets_do_not_move_pictures() -> None:
    assert fed((0, 100), (0.1, 100.4), (0.2, 100.41))[2][1] == pytest.approx(100.2, abs=0.001)


def test_a_burst_after_opening_is_approached_at_half_speed_and_in_order() -> None:
    # The first second arrives at once, then in time: the pictures were taken a second earlier than it seemed.
    burst = [(number / 10, 100.0) for number in range(11)]
    live = [(1 + number / 10, 100 + number / 10) for number in range(1, 41)]
    taken = [at_s for _, at_s in fed(*burst, *live)]
    steps = [after - before for before, after in pairwise(taken)]
    assert min(steps) >= 0.05 - 1e-9
    assert taken[-1] == pytest.approx(104.0)


def test_a_slow_crystal_is_followed() -> None:
    # The camera's clock loses 200 ppm against ours; after an hour that would be 0.72 s.
    taken = fed(*((number, 100 + number * 1.0002) for number in range(3600)))
    assert taken[-1][1] == pytest.approx(100 + 3599 * 1.0002, abs=0.05)


@pytest.mark.parametrize(
    ("before_s", "after_s", "new_run"),
    [
        (5, 5.1, False),
        (5, 14.9, False),
        (5, 15.1, True),
        (5, 4.5, False),
        (5, 3.9, True),
        (5, -1000, True),
        (5, 9e6, True),
    ],
)
def test_a_jump_begins_a_new_run(before_s: float, after_s: float, new_run: bool) -> None:
    assert fed((before_s, 100), (after_s, 100.1))[1][0] is new_run


def test_time_is_strictly_monotonic_whatever_the_camera_says() -> None:
    taken = [at_s for _, at_s in fed((5, 100), (5, 100), (4.5, 100.1), (900, 100.2), (0, 100.3), (0.1, 99.0))]
    assert all(after > before for before, after in pairwise(taken))
