from hypothesis import given
from hypothesis import strategies as st

from agent.clock import NS
from agent.footage.coverage import KEPT, LATE_NS, Coverage, Hole

BEGIN_NS = 1000 * NS
STEP_NS = NS // 10


def coverage() -> Coverage:
    return Coverage(BEGIN_NS, lambda start, end, within: "paused" if within else "away")


def fed(covered: Coverage, run: int, start_s: float, count: int, step_ns: int = STEP_NS) -> int:
    """`count` pictures from `start_s` after the begin on; the end of the last."""
    at_ns = BEGIN_NS + round(start_s * NS)
    for _ in range(count):
        covered.picture(run, at_ns, step_ns, at_ns + step_ns)
        at_ns += step_ns
    return at_ns


def told(covered: Coverage, now_ns: int) -> tuple[float, float, list[tuple[float, float, str]]]:
    sums = covered.sums(now_ns)
    holes = [((one.from_ns - BEGIN_NS) / NS, (one.to_ns - BEGIN_NS) / NS, one.cause) for one in covered.holes(now_ns)]
    return sums.recorded_ns / NS, sums.gap_ns / NS, holes


def test_every_moment_is_recorded_or_in_a_hole_with_a_cause() -> None:
    covered = coverage()
    fed(covered, 1, 3.0, 50)
    end_ns = fed(covered, 2, 20.0, 30)
    assert told(covered, end_ns) == (8.0, 15.0, [(0.0, 3.0, "away"), (8.0, 20.0, "away")])


def test_a_pause_in_the_middle_of_a_run_is_a_hole_and_a_late_picture_is_not() -> None:
    covered = coverage()
    fed(covered, 1, 0.0, 10)
    fed(covered, 1, 1.3, 10)  # three pictures are missing: the one before is shown longer
    end_ns = fed(covered, 1, 7.0, 10)
    assert told(covered, end_ns) == (3.3, 4.7, [(2.3, 7.0, "paused")])


def test_a_picture_every_two_seconds_is_a_slow_camera_and_not_one_full_of_holes() -> None:
    covered = coverage()
    at_ns = BEGIN_NS
    for _ in range(20):
        covered.picture(1, at_ns, 0, at_ns)
        at_ns += 2 * NS
    assert covered.holes(at_ns) == ()
    assert covered.sums(at_ns).gap_ns == 0


def test_pictures_that_overlap_count_once() -> None:
    covered = coverage()
    fed(covered, 1, 0.0, 50)
    end_ns = fed(covered, 2, 3.0, 40)  # a new connection begins with what the camera still had
    assert told(covered, end_ns) == (7.0, 0.0, [])


def test_a_hole_that_goes_on_grows_and_ends_where_pictures_begin() -> None:
    covered = coverage()
    end_ns = fed(covered, 1, 0.0, 50)
    assert covered.holes(end_ns + LATE_NS - 1) == ()
    assert told(covered, end_ns + 7 * NS) == (5.0, 7.0, [(5.0, 12.0, "paused")])
    end_ns = fed(covered, 2, 13.0, 10)
    assert told(covered, end_ns) == (6.0, 8.0, [(5.0, 13.0, "away")])


def test_a_stamp_far_ahead_hides_no_gap() -> None:
    covered = coverage()
    end_ns = fed(covered, 1, 0.0, 50)
    covered.picture(1, end_ns, 3600 * NS, end_ns)
    assert told(covered, end_ns + 11 * NS) == (6.0, 10.0, [(6.0, 16.0, "paused")])


def test_what_the_disk_refused_is_taken_back() -> None:
    covered = coverage()
    fed(covered, 1, 0.0, 50)
    covered.mark()
    end_ns = fed(covered, 1, 5.0, 50)
    covered.undo()
    covered.stretch(BEGIN_NS + 5 * NS, BEGIN_NS + 6 * NS)  # what recovery found of it
    assert told(covered, end_ns) == (6.0, 4.0, [(6.0, 10.0, "paused")])


def test_only_the_newest_holes_are_kept_and_all_are_added_up() -> None:
    covered = coverage()
    end_ns = BEGIN_NS
    for number in range(100):
        end_ns = fed(covered, number, 2.0 * number, 10)
    holes = covered.holes(end_ns)
    assert len(holes) == KEPT and holes[-1] == Hole(BEGIN_NS + 197 * NS, BEGIN_NS + 198 * NS, "away")
    assert covered.sums(end_ns).gap_ns == 99 * NS


PICTURES = st.lists(
    st.tuples(st.integers(0, 3), st.integers(-5 * NS, 5 * NS), st.integers(0, 3 * NS), st.booleans()), max_size=60
)


@given(PICTURES)
def test_whatever_the_stamps_say_nothing_is_counted_twice_or_forgotten(
    pictures: list[tuple[int, int, int, bool]],
) -> None:
    covered = coverage()
    now_ns = BEGIN_NS
    for run, off_ns, duration_ns, broken in pictures:
        now_ns += NS // 3
        if broken:
            covered.undo()
        covered.picture(run, now_ns + off_ns, duration_ns, now_ns)
        sums = covered.sums(now_ns)
        assert sums.recorded_ns >= 0 and sums.gap_ns >= 0
        assert sums.recorded_ns + sums.gap_ns == sums.end_ns - BEGIN_NS
        assert 0 <= covered.expected_ns(now_ns) - (sums.recorded_ns + sums.gap_ns) <= max(LATE_NS, 20 * NS)
