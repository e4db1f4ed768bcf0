import itertools
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from agent.capture.encoder_budget import OWED_S, SAVED_S, EncodeBudget
from agent.capture.encoder_choice import EncoderChoice
from agent.capture.encoding import Encoding
from agent.clock import NS
from tests.capture.videos import drawn

FPS = 10


def kept(share: float, costs_ms: list[float]) -> list[int]:
    budget = EncodeBudget(share)
    found = []
    for number, cost_ms in enumerate(costs_ms):
        if budget.allows(number * NS // FPS):
            budget.spend(round(cost_ms * 1e6))
            found.append(number)
    assert budget.skipped == len(costs_ms) - len(found)
    return found


def test_cheap_pictures_are_all_encoded() -> None:
    assert len(kept(0.6, [59.0] * 100)) == 100


def test_twice_the_budget_is_every_other_picture() -> None:
    late = [number for number in kept(0.6, [120.0] * 200) if number >= 50]
    assert {later - sooner for sooner, later in itertools.pairwise(late)} == {2}


def test_what_is_left_out_is_spread_evenly() -> None:
    late = [number for number in kept(0.6, [90.0] * 200) if number >= 50]
    assert {later - sooner for sooner, later in itertools.pairwise(late)} == {1, 2}
    assert len(late) == 100


@given(st.floats(0.05, 1.0), st.lists(st.floats(0.0, 3000.0), min_size=1, max_size=200))
def test_the_budget_is_kept_and_pictures_still_come(share: float, costs_ms: list[float]) -> None:
    found = kept(share, costs_ms)
    assert all(later - sooner <= OWED_S * FPS + 1 for sooner, later in itertools.pairwise(found))
    if max(costs_ms) <= share * OWED_S * 1000 / 4:  # what one picture costs can be paid back
        spent_s = sum(costs_ms[number] for number in found) / 1000
        assert spent_s <= share * (len(costs_ms) / FPS + SAVED_S + OWED_S)


def test_time_that_goes_back_brings_nothing() -> None:
    budget = EncodeBudget(0.5)
    assert budget.allows(10 * NS)
    budget.spend(NS)
    assert not budget.allows(5 * NS) and not budget.allows(5 * NS)
    assert budget.allows(7 * NS)


def test_pictures_are_left_out_and_counted_and_key_frames_still_come_in_time() -> None:
    now_ns = [0]

    def cpu_ns() -> int:
        now_ns[0] += 60_000_000  # each encoding takes 60 ms, at a budget of 20 ms per picture
        return now_ns[0]

    encoding = Encoding("x", 0.2, EncoderChoice(lambda: False, lambda: False), cpu_ns)
    encoding.attach(Fraction(1, 90_000), FPS)
    found = [
        encoding.encode(one.reformat(format="yuv420p"), number * 90_000 // FPS) for number, one in enumerate(drawn(100))
    ]
    packets = [packet for one in found if one is not None for packet in one.packets]
    assert encoding.skipped == found.count(None) and 60 <= encoding.skipped <= 67
    keys = [Fraction(packet.pts or 0, 90_000) for packet in packets if packet.is_keyframe]
    assert all(later - sooner <= Fraction(23, 10) for sooner, later in itertools.pairwise(keys))
    assert len(keys) >= 5
