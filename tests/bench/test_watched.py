import pytest

from bench.watched import covered_s, stretches, unaccounted_s


def test_pictures_of_a_file_make_stretches() -> None:
    times = [0.0, 0.1, 0.2, 5.0, 5.1]
    found = [(round(begin, 3), round(end, 3)) for begin, end in stretches(times, 100.0)]
    assert found == [(100.0, 100.3), (105.0, 105.2)]


def test_what_overlaps_is_covered_once_and_only_within_the_time() -> None:
    parts = [(0.0, 10.0), (5.0, 12.0), (20.0, 30.0)]
    assert covered_s(parts, 2.0, 25.0) == pytest.approx(15.0)
    assert covered_s([], 0.0, 9.0) == 0.0


def test_what_is_on_its_way_is_accounted_for() -> None:
    camera = {"expected_s": 100.0, "recorded_s": 80.0, "gap_s": 18.5}
    assert unaccounted_s(camera | {"frame_age_s": 1.4}) == pytest.approx(0.1)
    assert unaccounted_s(camera | {"frame_age_s": 30.0}) == pytest.approx(1.5)
