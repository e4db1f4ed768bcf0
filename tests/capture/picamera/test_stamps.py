from agent.capture.picamera.stamps import NS, Grid, SensorClock

MONO_NS = 1000 * NS
TAKEN_NS = NS // 20  # between the picture and its arrival


def clock(suspended_ns: int) -> SensorClock:
    return SensorClock(lambda: MONO_NS, lambda: MONO_NS + suspended_ns)


def test_a_machine_that_never_slept_has_one_clock() -> None:
    assert clock(0).monotonic(MONO_NS - TAKEN_NS) == MONO_NS - TAKEN_NS


def test_a_sensor_on_the_boot_clock_of_a_machine_that_slept() -> None:
    assert clock(3600 * NS).monotonic(MONO_NS + 3600 * NS - TAKEN_NS) == MONO_NS - TAKEN_NS


def test_a_sensor_on_the_monotonic_clock_of_a_machine_that_slept() -> None:
    assert clock(3600 * NS).monotonic(MONO_NS - TAKEN_NS) == MONO_NS - TAKEN_NS


def test_the_noise_between_two_readings_does_not_move_stamps() -> None:
    noise = iter((0, 700, 90_000, 4000, 0))
    noisy = SensorClock(lambda: MONO_NS, lambda: MONO_NS + 5 * NS + next(noise))
    stamp_ns = MONO_NS + 5 * NS - TAKEN_NS
    assert {noisy.monotonic(stamp_ns) for _ in range(5)} == {MONO_NS - TAKEN_NS}


def test_stamps_are_whole_microseconds_as_those_of_packets() -> None:
    assert clock(0).monotonic(MONO_NS - 1) == MONO_NS - 1000


def test_the_first_picture_of_each_cell_is_taken() -> None:
    grid = Grid(5, 1.0)
    taken = [number for number in range(30) if grid.takes(number * NS // 15, idle=False)]
    assert taken == list(range(0, 30, 3))


def test_more_pictures_than_there_are_cannot_be_taken() -> None:
    grid = Grid(30, 1.0)
    assert all(grid.takes(number * NS // 10, idle=False) for number in range(20))


def test_idle_thins_out_and_ends_at_once() -> None:
    grid = Grid(5, 1.0)
    taken = [number for number in range(60) if grid.takes(number * NS // 15, idle=number < 45)]
    assert taken == [0, 14, 28, 42, 45, 48, 51, 54, 57]
