"""Turns the health message into a few plain tiles: good, mind this, broken, not known; words beside every colour.

In: the contract's health body as parsed JSON; anything may be missing. Out: tiles in both languages.
The limits are the vendor's or the contract's; where nobody gives one, the comment beside it says why it was chosen.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from agent.contract.words import cause_words, view_words
from agent.i18n import Text
from agent.installer.doors import CameraView

Level = Literal["good", "mind", "broken", "unknown"]

FRAME_OLD_S = 10.0  # a camera is reconnected after this
DISK_LOW_MB, DISK_FULL_MB = 1000.0, 500.0  # twice and once what footage keeps free
TEMP_WARM_C, TEMP_HOT_C = 70.0, 80.0  # Raspberry Pi boards slow down at 80
SPOOL_OLD_S = 300.0  # longer than a reconnect ever takes on a working line


UNKNOWN = Text("Not known yet", "Chưa rõ")
NOTHING = Text("", "")


@dataclass(frozen=True, slots=True)
class Tile:
    """One fact of health: how it stands, in a word, and the figure behind it."""

    key: str
    name: Text
    level: Level
    value: Text
    detail: Text = NOTHING


def tiles(
    health: Mapping[str, Any], cameras: tuple[CameraView, ...], ages: Mapping[str, float] | None = None
) -> tuple[Tile, ...]:
    """The tiles, in the order in which an installer asks.

    `ages`: seconds since the newest picture of each camera that has one, fresher than health's own figure.
    """
    states = {str(cam.get("id")): cam for cam in _list(health, "cams")}
    return (
        *(_camera(camera, states.get(camera.id, {}), (ages or {}).get(camera.id)) for camera in cameras),
        *(_watched(camera) for camera in cameras if states.get(camera.id, {}).get("watched") is True),
        _link(_part(health, "net")),
        _disk(_part(health, "disk")),
        _temperature(_part(health, "board")),
        _clock(_part(health, "clock")),
        _spool(_part(health, "spool")),
    )


def _camera(camera: CameraView, state: Mapping[str, Any], seen_s: float | None) -> Tile:
    name = Text(camera.label or camera.id, camera.label or camera.id)
    key = f"camera-{camera.id}"
    age, fps = _number(state, "frame_age_s") if seen_s is None else seen_s, _number(state, "fps")
    word = state.get("state")
    if seen_s is not None and seen_s < FRAME_OLD_S and word in {"lost", "starting"}:
        word = "ok"  # health was told before the picture came
    rate = Text(f"{fps:.0f} pictures/s", f"{fps:.0f} hình/giây") if fps is not None else NOTHING
    since = NOTHING
    if age is not None:
        since = Text(f"last picture {_span(age).en} ago", f"hình cuối cách đây {_span(age).vi}")
    match word:
        case "ok" if age is not None and age >= FRAME_OLD_S:
            return Tile(key, name, "broken", Text("No picture", "Mất hình"), since)
        case "ok" if (hindered := view_words(_word(state, "view"))) is not None:
            return Tile(key, name, "broken", hindered, Text("clean or turn it back", "hãy lau hoặc chỉnh lại camera"))
        case "ok" if state.get("vision") == "motion_only":
            hint = Text("the model is missing; objects are not told apart", "thiếu mô hình nên không phân biệt vật thể")
            return Tile(key, name, "mind", Text("Motion only", "Chỉ thấy chuyển động"), hint)
        case "ok":
            return Tile(key, name, "good", Text("Picture is live", "Đang có hình"), rate)
        case "lost":
            cause = state.get("cause")
            why = cause_words(cause) if isinstance(cause, str) else since
            return Tile(key, name, "broken", Text("No picture", "Mất hình"), why)
        case "ended":
            return Tile(key, name, "mind", Text("Video has ended", "Video đã hết"))
        case "starting":
            return Tile(key, name, "mind", Text("Starting", "Đang khởi động"))
    return Tile(key, name, "unknown", UNKNOWN)


def _watched(camera: CameraView) -> Tile:
    # The household may know at any time that somebody looks; who it is stands in its access log.
    name = Text(camera.label or camera.id, camera.label or camera.id)
    hint = Text("who it is: camera-agent access-log", "ai đang xem: camera-agent access-log")
    return Tile(f"watched-{camera.id}", name, "mind", Text("The ward is looking now", "Phường đang xem"), hint)


def _link(net: Mapping[str, Any]) -> Tile:
    name = Text("Link to the ward", "Kết nối về phường")
    if not isinstance(net.get("connected"), bool):
        return Tile("link", name, "unknown", UNKNOWN)
    if not net["connected"]:
        kept = Text("events are kept and sent later", "sự kiện được giữ lại, gửi sau")
        return Tile("link", name, "broken", Text("Not connected", "Chưa kết nối"), kept)
    rtt, signal = _number(net, "rtt_ms"), _number(net, "rssi_dbm")
    figures = (f"{rtt:.0f} ms" if rtt is not None else "", f"wifi {signal:.0f} dBm" if signal is not None else "")
    detail = ", ".join(figure for figure in figures if figure)
    return Tile("link", name, "good", Text("Connected", "Đã kết nối"), Text(detail, detail))


def _disk(disk: Mapping[str, Any]) -> Tile:
    name = Text("Storage", "Bộ nhớ")
    free = _number(disk, "free_mb")
    if disk.get("readonly") is True:
        return Tile("disk", name, "broken", Text("Read-only", "Chỉ đọc"), Text("change the card", "hãy thay thẻ nhớ"))
    if free is None:
        return Tile("disk", name, "unknown", UNKNOWN)
    size_en, size_vi = _size(free), _size(free).replace(".", ",")
    left = Text(f"{size_en} free", f"còn trống {size_vi}")
    if free < DISK_FULL_MB:
        return Tile("disk", name, "broken", Text("Full", "Đã đầy"), left)
    if free < DISK_LOW_MB:
        return Tile("disk", name, "mind", Text("Nearly full", "Sắp đầy"), left)
    return Tile("disk", name, "good", Text("Enough room", "Còn đủ chỗ"), left)


def _temperature(board: Mapping[str, Any]) -> Tile:
    name = Text("Temperature", "Nhiệt độ")
    temp = _number(board, "temp_c")
    if board.get("undervoltage") is True:
        hint = Text("use the board's own supply", "hãy dùng đúng bộ nguồn của bo mạch")
        return Tile("temperature", Text("Power", "Nguồn điện"), "broken", Text("Too weak", "Nguồn yếu"), hint)
    if temp is None:
        return Tile("temperature", name, "unknown", Text("No sensor", "Không có cảm biến"))
    degrees = Text(f"{temp:.0f} °C", f"{temp:.0f} °C")
    if temp >= TEMP_HOT_C:
        return Tile("temperature", name, "broken", Text("Too hot", "Quá nóng"), degrees)
    if temp >= TEMP_WARM_C:
        return Tile("temperature", name, "mind", Text("Warm", "Hơi nóng"), degrees)
    return Tile("temperature", name, "good", Text("Normal", "Bình thường"), degrees)


def _clock(clock: Mapping[str, Any]) -> Tile:
    name = Text("Clock", "Đồng hồ")
    if not isinstance(clock.get("trusted"), bool):
        return Tile("clock", name, "unknown", UNKNOWN)
    if clock["trusted"]:
        return Tile("clock", name, "good", Text("Right", "Đúng giờ"), Text("set over the network", "chỉnh qua mạng"))
    later = Text("times are corrected later", "thời gian sẽ được sửa sau")
    return Tile("clock", name, "mind", Text("Not set yet", "Chưa chỉnh giờ"), later)


def _spool(spool: Mapping[str, Any]) -> Tile:
    name = Text("Waiting to be sent", "Đang chờ gửi")
    messages, clips = _number(spool, "messages"), _number(spool, "clips")
    if messages is None:
        return Tile("spool", name, "unknown", UNKNOWN)
    oldest, dropped = _number(spool, "oldest_age_s") or 0.0, _number(spool, "dropped_total") or 0.0
    if not messages and not clips:
        value = Text("Nothing waits", "Đã gửi hết")
    else:
        en = f"{_counted(messages, 'message')}, {_counted(clips or 0, 'clip')}"
        value = Text(en, f"{messages:.0f} tin, {clips or 0:.0f} clip")
    if dropped:
        lost = Text(f"{dropped:.0f} lost for want of room", f"{dropped:.0f} bị bỏ vì hết chỗ")
        return Tile("spool", name, "broken", value, lost)
    age = Text(f"oldest {_span(oldest).en}", f"cũ nhất {_span(oldest).vi}") if messages else NOTHING
    return Tile("spool", name, "mind" if messages and oldest > SPOOL_OLD_S else "good", value, age)


def _part(health: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    part = health.get(name)
    return part if isinstance(part, dict) else {}


def _list(health: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    parts = health.get(name)
    return [part for part in parts if isinstance(part, dict)] if isinstance(parts, list) else []


def _number(part: Mapping[str, Any], name: str) -> float | None:
    value = part.get(name)
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def _word(part: Mapping[str, Any], name: str) -> str | None:
    value = part.get(name)
    return value if isinstance(value, str) else None


def _counted(count: float, noun: str) -> str:
    return f"{count:.0f} {noun}" if count == 1 else f"{count:.0f} {noun}s"


def _size(megabytes: float) -> str:
    return f"{megabytes / 1000:.1f} GB" if megabytes >= 1000 else f"{megabytes:.0f} MB"


def _span(seconds: float | None) -> Text:
    """A length of time in one unit."""
    length = seconds or 0.0
    if length < 120:
        return Text(f"{length:.0f} s", f"{length:.0f} giây")
    if length < 7200:
        return Text(f"{length / 60:.0f} min", f"{length / 60:.0f} phút")
    return Text(f"{length / 3600:.0f} h", f"{length / 3600:.0f} giờ")
