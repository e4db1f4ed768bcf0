from pathlib import Path

from agent.health.board import BoardCheck, read_model, read_temperature
from tests.health.hands import write


def test_a_bare_machine_gives_what_it_has_and_no_error(tmp_path: Path) -> None:
    board = BoardCheck(tmp_path).read()
    assert (board.model, board.temp_c, board.mem_free_mb, board.cpu_pct) == ("", None, None, None)
    assert len(board.load) == 3


def test_memory_and_how_busy_all_cores_were_since_the_last_look(tmp_path: Path) -> None:
    write(tmp_path, "proc/meminfo", "MemTotal: 1000000 kB\nMemAvailable:  512000 kB\n")
    write(tmp_path, "proc/stat", "cpu  100 0 50 800 50 0 0 0 70 0\ncpu0 1 1 1 1\n")
    check = BoardCheck(tmp_path)
    write(tmp_path, "proc/stat", "cpu  120 0 60 850 60 5 5 0 90 0\ncpu0 1 1 1 1\n")
    board = check.read()
    assert (board.mem_free_mb, board.cpu_pct) == (500, 40.0)  # 40 of 100 ticks
    assert check.read().cpu_pct is None  # no time has passed


def test_this_machine() -> None:
    board = BoardCheck().read()
    assert board.mem_free_mb is not None and board.mem_free_mb > 0


def test_the_model_comes_without_the_null_of_the_device_tree(tmp_path: Path) -> None:
    write(tmp_path, "proc/device-tree/model", "Raspberry Pi 5 Model B Rev 1.0\0")
    assert read_model(tmp_path) == "Raspberry Pi 5 Model B Rev 1.0"


def test_temperature_is_the_hottest_processor_zone(tmp_path: Path) -> None:
    for number, (kind, temp) in enumerate([("cpu-thermal", 48500), ("wifi", 99000), ("soc-thermal", 51250)]):
        write(tmp_path, f"sys/class/thermal/thermal_zone{number}/type", kind + "\n")
        write(tmp_path, f"sys/class/thermal/thermal_zone{number}/temp", f"{temp}\n")
    assert read_temperature(tmp_path) == 51.25


def test_a_sensor_that_cannot_be_read_is_left_out(tmp_path: Path) -> None:
    write(tmp_path, "sys/class/thermal/thermal_zone0/type", "cpu-thermal\n")
    assert read_temperature(tmp_path) is None
