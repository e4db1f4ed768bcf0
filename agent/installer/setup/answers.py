"""What the setup page answers, as docs/design/setup-page.md lays it down: values into JSON, and JSON into values."""

import json
from typing import Any

from agent.contract.words import LABELS_VI
from agent.i18n import Text
from agent.installer.doors import LiveView
from agent.installer.setup.aim import Exposure, Focus
from agent.installer.setup.doors import (
    CameraNow,
    Check,
    Judgement,
    Level,
    Line,
    NodeView,
    Saved,
    TestSent,
    Wrong,
)
from agent.installer.setup.walk import Seen, Walk
from agent.installer.web.refusal import both

Json = dict[str, Any]
GOOD_DBM, WEAK_DBM = -67, -75  # Cisco's figure for voice; below -75 uploads break off
LEVELS = {"ok": "good", "warn": "mind", "error": "broken", "unknown": "unknown"}


def node_json(node: NodeView, cameras: tuple[CameraNow, ...], closes_in_s: float) -> Json:
    """GET /api/node."""
    return {
        "id": node.id,
        "ward": node.ward,
        "label": node.label,
        "version": node.version,
        "language": node.language,
        "timezone": node.timezone,
        "has_model": node.model is not None,
        "closes_in_s": round(closes_in_s),
        "cameras": [
            {
                "id": camera.id,
                "label": camera.label,
                "kind": camera.kind,
                "state": camera.state,
                "width": camera.width,
                "height": camera.height,
                "may_mask": camera.may_mask,
                "reference_utc": camera.reference_utc,
            }
            for camera in cameras
        ],
    }


def tracks_json(view: LiveView | None, walk: Walk) -> list[Json]:
    """Who is in the picture."""
    return [] if view is None else [_track(seen) for seen in walk.seen(view)]


def _track(seen: Seen) -> Json:
    track = seen.track
    box = track.box.clipped()
    return {
        "id": track.id,
        "label": track.label,
        "name": {"en": track.label, "vi": LABELS_VI.get(track.label, track.label)},
        "score": round(track.score, 2),
        "box": [round(side, 4) for side in (box.left, box.top, box.right, box.bottom)],
        "height_px": seen.height_px,
        "distance_m": seen.distance_m,
        "confirmed": track.confirmed,
    }


def walk_json(walk: Walk) -> Json:
    """The walk test."""
    far, sight = walk.farthest, walk.sight
    return {
        "on": walk.on,
        "people_seen": walk.people,
        "farthest": None
        if far is None
        else {
            name: value for name, value in _track(far).items() if name in ("distance_m", "height_px", "score", "box")
        },
        "lens": None if sight is None else {"fov_deg": round(sight.fov_deg, 1)},
        "promised": {
            light: None if metres is None else round(metres, 1)
            for light, metres in (
                ("day", sight.day if sight else None),
                ("night", sight.night if sight else None),
                ("dusk", sight.dusk if sight else None),
            )
        },
    }


def focus_json(focus: Focus | None) -> Json:
    """Sharpness."""
    if focus is None:
        return {"level": "unknown", "value": None, "best": None, "share": None, "text": both(NO_PICTURE)}
    return {
        "level": focus.level,
        "value": focus.value,
        "best": focus.best,
        "share": focus.share,
        "text": both(focus.text),
    }


def exposure_json(lit: Exposure | None) -> Json:
    """Brightness."""
    if lit is None:
        return {"level": "unknown", "mean": None, "dark": None, "bright": None, "text": both(NO_PICTURE)}
    return {"level": lit.level, "mean": lit.mean, "dark": lit.dark, "bright": lit.bright, "text": both(lit.text)}


def wifi_json(line: Line) -> Json:
    """The strength of the wifi, or that there is a cable."""
    level, text = _wifi(line)
    return {"level": level, "rssi_dbm": line.rssi_dbm, "iface": line.iface, "text": both(text)}


def _wifi(line: Line) -> tuple[Level, Text]:
    if not line.iface:
        return "broken", Text(en="No way to the network", vi="Không có đường mạng")
    if line.rssi_dbm is None:
        return "good", Text(en="Network cable", vi="Mạng dây")
    dbm = f"{line.rssi_dbm} dBm"
    if line.rssi_dbm >= GOOD_DBM:
        return "good", Text(en=f"Wifi is strong ({dbm})", vi=f"Wifi mạnh ({dbm})")
    if line.rssi_dbm >= WEAK_DBM:
        return "mind", Text(en=f"Wifi is fair ({dbm})", vi=f"Wifi tạm được ({dbm})")
    return "broken", Text(
        en=f"Wifi is weak ({dbm}): move the device or the router", vi=f"Wifi yếu ({dbm}): hãy dời thiết bị hoặc bộ phát"
    )


def link_json(line: Line) -> Json:
    """Is the ward reached?"""
    text = CONNECTED if line.connected else APART
    return {"level": "good" if line.connected else "broken", "connected": line.connected, "text": both(text)}


def judged_json(judged: Judgement) -> Json:
    """POST /api/check."""
    return {
        "ok": not judged.mistakes,
        "same": judged.same,
        "remarks": [both(each) for each in judged.remarks],
        "mistakes": [_wrong(each) for each in judged.mistakes],
    }


def _wrong(wrong: Wrong) -> Json:
    return {
        "path": wrong.path,
        "steps": list(wrong.steps),
        "text": both(wrong.text),
        "remedy": None if wrong.remedy is None else both(wrong.remedy),
    }


def saved_json(saved: Saved) -> Json:
    """GET /api/save."""
    return {
        "state": saved.state,
        "job": saved.job,
        "left_s": None if saved.left_s is None else round(saved.left_s),
        "why": None if saved.why is None else both(saved.why),
    }


TESTED = {
    "none": Text(en="No test event was sent yet", vi="Chưa gửi sự kiện thử"),
    "sent": Text(en="Sent, waiting for the ward's broker", vi="Đã gửi, đang chờ máy chủ MQTT của phường"),
    "offline": Text(
        en="No connection to the ward: the test event is kept and sent later",
        vi="Chưa kết nối với phường: sự kiện thử được giữ lại, gửi sau",
    ),
}


READS = Text(en="the ward's system is reading", vi="hệ thống của phường đang nhận tin")
ASLEEP = Text(
    en="but nothing at the ward is reading just now; it stays there until then",
    vi="nhưng hệ thống của phường hiện chưa đọc tin; tin được giữ ở đó",
)


def tested_json(test: TestSent) -> Json:
    """GET /api/test."""
    ms = 0 if test.ms is None else round(test.ms)
    back = Text(en=f"The ward's broker took it after {ms} ms", vi=f"Máy chủ MQTT của phường đã nhận sau {ms} ms")
    if test.reads is not None:
        told = READS if test.reads else ASLEEP
        back = Text(en=f"{back.en}; {told.en}", vi=f"{back.vi}; {told.vi}")
    text = TESTED.get(test.state, back)
    return {"state": test.state, "id": test.id, "ms": None if test.ms is None else ms, "text": both(text)}


def checks_json(checks: tuple[Check, ...]) -> Json:
    """GET /api/checks."""
    return {
        "checks": [
            {
                "name": check.name,
                "title": both(check.title or Text(en=check.name, vi=check.name)),
                "level": check.level,
                "text": both(check.text),
                "remedy": None if check.remedy is None else both(check.remedy),
            }
            for check in checks
        ]
    }


NO_PICTURE = Text(en="The camera has given no picture yet", vi="Camera chưa có hình")
CONNECTED = Text(en="The ward is connected", vi="Đã kết nối với phường")
APART = Text(
    en="Not connected to the ward; events are kept and sent later",
    vi="Chưa kết nối với phường; sự kiện được giữ, gửi sau",
)


def dumped(told: Json) -> str:
    """JSON for a browser."""
    return json.dumps(told, ensure_ascii=False)
