"""Durations and sizes as people say them."""

from agent.i18n import Text

STEPS = (
    (86_400.0, Text(en="d", vi="ngày")),
    (3_600.0, Text(en="h", vi="giờ")),
    (60.0, Text(en="min", vi="phút")),
    (1.0, Text(en="s", vi="giây")),
)
SIZES = ((1e9, "GB"), (1e6, "MB"), (1e3, "kB"))


def duration(seconds: float) -> Text:
    """The two largest units: 3 h 12 min."""
    rest = max(0, round(seconds))
    en: list[str] = []
    vi: list[str] = []
    for size, unit in STEPS:
        count = int(rest // size)
        if count or (unit.en == "s" and not en):
            en.append(f"{count} {unit.en}")
            vi.append(f"{count} {unit.vi}")
        elif en:
            break  # 1 d 0 h is 1 d
        rest -= int(count * size)
        if len(en) == 2:
            break
    return Text(en=" ".join(en), vi=" ".join(vi))


def amount(size_bytes: float) -> str:
    """Decimal units, as on the box of the card."""
    for size, unit in SIZES:
        if size_bytes >= size:
            return f"{size_bytes / size:.1f} {unit}"
    return f"{size_bytes:.0f} B"


def mark(good: bool) -> str:
    """The first sign of a line: is this part well?"""
    return "✓" if good else "!"


def counted(number: int, what: str) -> str:
    """`1 clip`, `2 clips`: English only."""
    return f"{number} {what}" if number == 1 else f"{number} {what}s"
