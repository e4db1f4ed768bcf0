"""The pace of uploads on a line of paper: alone, beside others, after them; and single readings."""

from dataclasses import replace

import pytest

from agent.uplink.delays import BASE_MINUTES, NETWORKS, Delays, newest_ms
from agent.uplink.wire import Reading
from agent.uplink.yielding import FLOOR, Yielding
from tests.uplink.line import PaperLine

CALM = Reading(at_s=0.0, rtt_ms=20.0, acks=1, acked=0, resent=0, in_vain=0, unsent=0)


def started(line: PaperLine) -> Yielding:
    yielding = Yielding()
    yielding.opened("home")
    line.run(yielding, 30.0)
    return yielding


@pytest.mark.parametrize("rate", [100_000.0, 250_000.0, 2_500_000.0])
def test_alone_it_takes_the_line_within_half_a_minute(rate: float) -> None:
    line = PaperLine(rate=rate, room=rate * 0.3)
    assert line.run(started(line), 20.0) > 0.85 * rate


def test_it_starts_from_the_floor() -> None:
    assert Yielding().bytes_per_s == FLOOR


@pytest.mark.parametrize("queue_ms", [60.0, 300.0])
def test_beside_somebody_who_keeps_the_queue_full_it_goes_to_the_floor(queue_ms: float) -> None:
    line = PaperLine(room=250.0 * (queue_ms + 10))
    yielding = started(line)
    line.others = 250.0 * queue_ms
    line.run(yielding, 4.0)
    assert line.run(yielding, 10.0) < 0.02 * line.rate


def test_it_comes_back_when_they_have_gone() -> None:
    line = PaperLine()
    yielding = started(line)
    line.others = 50_000.0
    line.run(yielding, 20.0)
    line.others = 0.0
    line.run(yielding, 20.0)
    assert line.run(yielding, 10.0) > 0.85 * line.rate


def test_the_floor_is_never_left_downwards() -> None:
    line = PaperLine()
    yielding = started(line)
    line.others = 70_000.0
    line.run(yielding, 60.0)
    assert yielding.bytes_per_s == FLOOR


def test_a_new_connection_knows_the_line_of_the_old_one() -> None:
    line = PaperLine()
    yielding = started(line)
    line.others = 50_000.0
    yielding.opened("home")
    line.run(yielding, 5.0)
    assert yielding.bytes_per_s < 0.05 * line.rate


def fed(yielding: Yielding, *readings: Reading) -> float:
    for reading in readings:
        yielding.read(reading)
    return yielding.bytes_per_s


def calm(count: int, start: Reading = CALM) -> list[Reading]:
    return [
        replace(start, at_s=start.at_s + 0.1 * step, acks=start.acks + step, acked=start.acked + 2000 * step)
        for step in range(count)
    ]


def test_lost_packets_halve_the_pace_once() -> None:
    yielding = Yielding()
    begin = calm(30)
    before = fed(yielding, *begin)
    lossy = replace(begin[-1], resent=3)
    halved = fed(yielding, *calm(3, lossy)[1:])
    assert halved < 0.6 * before
    more = replace(calm(3, lossy)[2], resent=6)
    assert fed(yielding, *calm(3, more)[1:]) >= halved  # packets of the same loss


def test_what_was_sent_again_in_vain_is_no_loss() -> None:
    yielding = Yielding()
    begin = calm(30)
    before = fed(yielding, *begin)
    probed = replace(begin[-1], resent=1)
    first = replace(calm(2, probed)[1], in_vain=0)
    second = replace(calm(3, probed)[2], in_vain=1)
    yielding.read(first)
    assert fed(yielding, second) >= before


def test_a_line_that_no_longer_carries_the_pace_is_somebody_elses() -> None:
    yielding = Yielding()
    begin = calm(40)
    before = fed(yielding, *begin)
    # The queue is too short to be seen, but the bytes stay in our socket and arrive at a tenth of the pace.
    slow = [
        replace(
            begin[-1],
            at_s=begin[-1].at_s + 0.1 * step,
            acks=begin[-1].acks + step,
            acked=begin[-1].acked + 200 * step,
            unsent=9000,
        )
        for step in range(1, 25)
    ]
    assert fed(yielding, *slow) < 0.5 * before


def test_our_own_pauses_are_not_held_against_the_line() -> None:
    yielding = Yielding()
    begin = calm(40)
    before = fed(yielding, *begin)
    yielding.resume()
    later = replace(begin[-1], at_s=begin[-1].at_s + 60.0, unsent=9000)
    assert fed(yielding, later, *calm(3, later)[1:]) >= before


def test_the_newest_round_trip_is_freed_of_the_kernels_smoothing() -> None:
    before = replace(CALM, rtt_ms=80.0, acks=10)
    after = replace(CALM, rtt_ms=80.0 * 0.875 + 24.0 * 0.125, acks=11)
    assert newest_ms(before, after) == pytest.approx(24.0)
    assert newest_ms(before, replace(after, acks=10)) is None


def test_the_base_of_a_network_outlives_the_connection_but_not_for_ever() -> None:
    delays = Delays()
    delays.opened("home")
    slow, quick = replace(CALM, rtt_ms=200.0), replace(CALM, rtt_ms=20.0)
    assert delays.queue_ms(quick, replace(quick, acks=2)) == 0.0
    delays.opened("mobile")
    assert delays.queue_ms(slow, replace(slow, acks=2)) == 0.0
    delays.opened("home")
    assert delays.queue_ms(slow, replace(slow, acks=2)) == pytest.approx(180.0)
    for minute in range(1, BASE_MINUTES + 2):
        later = replace(slow, at_s=60.0 * minute, acks=2)
        queue_ms = delays.queue_ms(slow, later)
    assert queue_ms == 0.0
    for number in range(NETWORKS + 1):
        delays.opened(f"elsewhere {number}")
    delays.opened("mobile")
    assert delays.queue_ms(replace(slow, rtt_ms=300.0), replace(slow, rtt_ms=300.0, acks=2)) == 0.0
