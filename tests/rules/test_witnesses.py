from agent.rules.motions import Motions, lengths
from agent.rules.witnesses import KEEP_S, MAX_TRACKS, Witnesses
from agent.values import Box
from tests.rules.stage import moment, track

SPOT = Box(0.28, 0.54, 0.32, 0.6)


def test_who_was_near_then_is_found_later_where_he_was() -> None:
    witnesses = Witnesses()
    for second in range(0, 60):
        witnesses.update(moment(second), (track(1, (0.3 if second < 10 else 0.9, 0.6)), track(2, (0.6, 0.3))))
    (near,) = witnesses.near(SPOT, moment(5).mono_s, moment(8).mono_s)
    assert near.id == 1
    assert near.box.foot.x == 0.3
    assert witnesses.near(SPOT, moment(30).mono_s, moment(40).mono_s) == ()


def test_who_stands_still_is_written_down_seldom_but_was_there_all_the_time() -> None:
    witnesses = Witnesses()
    for second in (0.0, 0.2, 2.0, 4.9):
        witnesses.update(moment(second), (track(1, (0.3, 0.6)),))
    assert [one.id for one in witnesses.near(SPOT, moment(3).mono_s, moment(4).mono_s)] == [1]


def test_nearest_first_and_few() -> None:
    witnesses = Witnesses()
    witnesses.update(moment(0), tuple(track(index, (0.3 + 0.02 * index, 0.6)) for index in range(9)))
    assert [one.id for one in witnesses.near(SPOT, moment(-1).mono_s, moment(1).mono_s)] == [0, 1, 2, 3]


def test_memory_is_bounded_in_time_and_number() -> None:
    witnesses = Witnesses()
    for index in range(500):
        witnesses.update(moment(index / 10), (track(index, (0.3, 0.6)),))
    assert len(witnesses) == MAX_TRACKS
    witnesses.update(moment(51 + KEEP_S), ())
    assert len(witnesses) == 0


def test_neither_dogs_nor_unconfirmed_tracks_are_witnesses() -> None:
    witnesses = Witnesses()
    witnesses.update(moment(0), (track(1, (0.3, 0.6), "dog"), track(2, (0.3, 0.6), confirmed=False)))
    assert len(witnesses) == 0


def test_speed_is_in_own_sizes_and_unknown_at_first() -> None:
    motions = Motions(moment(0), track(1, (0.3, 0.6)), 4.0)
    assert motions.speed(1.0) is None
    for tick in range(1, 21):
        motions.add(moment(tick / 5), track(1, (0.3 + 0.02 * tick, 0.6)).box)
    assert abs((motions.speed(1.0) or 0) - 1.0) < 1e-6  # 0.1 a second, 0.1 wide
    assert abs((motions.speed(1.0, 1.0) or 0) - 1.0) < 1e-6
    assert motions.speed(10.0) is None
    assert lengths(Box(0, 0, 0.1, 0.25), Box(0, 0.25, 0.1, 0.5)) == 1.0


def test_speed_over_frames_that_come_seldom_is_over_longer() -> None:
    motions = Motions(moment(0), track(1, (0.3, 0.6)), 4.0)
    motions.add(moment(10), track(1, (0.4, 0.6)).box)
    assert abs((motions.speed(3.0) or 0) - 0.1) < 1e-6


def test_to_and_fro_is_a_long_way_to_nowhere() -> None:
    motions = Motions(moment(0), track(1, (0.3, 0.6)), 2.0)
    for tick in range(1, 11):
        motions.add(moment(tick * 0.4), track(1, (0.3 + 0.05 * (tick % 2), 0.6)).box)
    gone, straight = motions.wandered(2.0, 0.4) or (0.0, 9.0)
    assert gone > 2.0
    assert straight <= 0.5
