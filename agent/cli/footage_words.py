"""What `camera-agent footage` says of footage, gaps and holds: for people and for programs."""

from dataclasses import asdict
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from agent.cli.span import local
from agent.contract.base import utc
from agent.contract.words import cause_words
from agent.i18n import Text
from agent.values import FootageFound, Gap, Hold


def for_ward_words(bundle: Path) -> Text:
    """What only the ward can open."""
    how = f"camera-agent unlock {bundle.name} --key ward.key --out CLIP.mp4"
    return Text(
        en=f"this footage is encrypted and only the ward's key opens it; {bundle} is for the ward: {how}",
        vi=f"hình này đã mã hoá, chỉ khoá của phường mở được; hãy gửi {bundle} cho phường: {how}",
    )


def nothing_words(cam: str) -> Text:
    """A stretch without any footage."""
    return Text(
        en=f"there is no footage of {cam} of that time", vi=f"không có hình của {cam} trong khoảng thời gian đó"
    )


def summary_words(cam: str, found: FootageFound) -> Text:
    """How much there is."""
    size = f"{found.bytes / 1e6:.1f} MB"
    minutes, gaps = f"{found.coverage_s / 60:.1f}", len(found.gaps)
    return Text(
        en=f"{cam}: {minutes} min in {found.segments} segments, {size}, {gaps} {'gap' if gaps == 1 else 'gaps'}",
        vi=f"{cam}: {minutes} phút trong {found.segments} đoạn, {size}, {gaps} khoảng trống",
    )


def gap_words(gap: Gap, zone: ZoneInfo) -> Text:
    """From when to when nothing is there, and why."""
    span = f"{local(gap.from_ns, zone)} – {local(gap.to_ns, zone)}"
    why = cause_words(gap.cause)
    return Text(en=f"missing {span}: {why.en} ({gap.cause})", vi=f"thiếu {span}: {why.vi} ({gap.cause})")


def found_json(found: FootageFound) -> dict[str, Any]:
    """What `plan` tells, for programs."""
    gaps = [gap_json(gap) for gap in found.gaps]
    return {"coverage_s": found.coverage_s, "segments": found.segments, "bytes": found.bytes, "gaps": gaps}


def gap_json(gap: Gap) -> dict[str, str]:
    """One gap, for programs."""
    return {"from_utc": utc(gap.from_ns), "to_utc": utc(gap.to_ns), "cause": gap.cause}


def hold_json(hold: Hold) -> dict[str, Any]:
    """One hold, for programs."""
    told = asdict(hold)
    times = {f"{name}_utc": utc(told.pop(f"{name}_ns")) for name in ("from", "to", "until")}
    return {**told, **times}
