import pytest

from agent.health.words import amount, duration


@pytest.mark.parametrize(
    ("seconds", "en", "vi"),
    [
        (0, "0 s", "0 giây"),
        (59.6, "1 min", "1 phút"),
        (95, "1 min 35 s", "1 phút 35 giây"),
        (3 * 3600 + 12 * 60 + 9, "3 h 12 min", "3 giờ 12 phút"),
        (86_400 + 59, "1 d", "1 ngày"),
        (-5, "0 s", "0 giây"),
    ],
)
def test_durations(seconds: float, en: str, vi: str) -> None:
    assert (duration(seconds).en, duration(seconds).vi) == (en, vi)


@pytest.mark.parametrize(("size", "text"), [(0, "0 B"), (1500, "1.5 kB"), (2e6, "2.0 MB"), (12.5e9, "12.5 GB")])
def test_sizes(size: float, text: str) -> None:
    assert amount(size) == text
