"""What the page's script reads: the node's state and its last events as JSON, every sentence in both languages.

In: views from the doors. Out: JSON text. Sentences are plain text; the script never reads them as HTML.
"""

import json
from collections.abc import Mapping
from typing import Any

from agent.clock import Clock
from agent.i18n import Text
from agent.installer.doors import CameraView, PageData
from agent.installer.tiles import tiles
from agent.values import Severity

EVENTS = 30


def events_json(data: PageData) -> str:
    """The last events, newest first."""
    rows = [
        {
            "id": event.id,
            "cam": event.cam,
            "text": _both(event.text),
            "severity": event.severity.value,
            "started_utc": event.started_utc,
            "phase": event.phase,
            "thumb": event.has_thumb,
            "clip": event.clip_state,
        }
        for event in data.events(EVENTS)
    ]
    return json.dumps({"events": rows}, ensure_ascii=False)


def state_json(data: PageData, clock: Clock) -> str:
    """Cameras with the age of their picture, tiles of health, open faults."""
    cameras = data.cameras()
    shown = [_camera(data, camera, clock) for camera in cameras]
    ages = {camera["id"]: camera["age_s"] for camera in shown if camera["age_s"] is not None}
    # On MQTT the clock is told in the envelope, not in the body of health.
    facts = {"clock": {"trusted": clock.trusted()}, **health(data)}
    state = {
        "title": data.title,
        "cameras": shown,
        "tiles": [
            {
                "key": tile.key,
                "name": _both(tile.name),
                "level": tile.level,
                "value": _both(tile.value),
                "detail": _both(tile.detail),
            }
            for tile in tiles(facts, cameras, ages)
        ],
        "faults": [
            {
                "code": fault.code,
                "level": "broken" if fault.severity is Severity.ALERT else "mind",
                "text": _both(fault.text),
                "hint": _both(fault.hint) if fault.hint else None,
            }
            for fault in data.faults()
        ],
    }
    return json.dumps(state, ensure_ascii=False)


def health(data: PageData) -> Mapping[str, Any]:
    """The health message; empty before the first."""
    try:
        body = json.loads(data.health() or "{}")
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}


def _camera(data: PageData, camera: CameraView, clock: Clock) -> dict[str, Any]:
    view = data.latest(camera.id)
    age_s = None if view is None else max(0.0, round(clock.now().mono_s - view.frame.at.mono_s, 1))
    return {
        "id": camera.id,
        "label": camera.label or camera.id,
        "age_s": age_s,
        "width": view.frame.width if view else 16,
        "height": view.frame.height if view else 9,
        "tracks": len(view.tracks) if view else 0,
    }


def _both(text: Text) -> dict[str, str]:
    return {"vi": text.vi, "en": text.en}
