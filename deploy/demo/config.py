"""The configuration that the demo gives to the agent: the same YAML an installer would write."""

from dataclasses import dataclass
from pathlib import Path

import yaml

# Places in the street video (a road junction seen from a house), 0..1.
ROAD = [[0.0, 0.26], [0.45, 0.36], [0.72, 0.24], [0.95, 0.22], [1.0, 0.85], [0.55, 0.68], [0.3, 0.45], [0.0, 0.42]]
KERB = [[0.44, 0.34], [0.62, 0.34], [0.62, 0.46], [0.44, 0.46]]
GATE = [[0.52, 0.33], [0.52, 0.68]]


@dataclass(frozen=True)
class Scene:
    """What the camera of the demo is."""

    source: str
    transcode: bool
    street: bool  # the known street video: its zones and lines fit
    username: str | None = None
    password_file: Path | None = None


@dataclass(frozen=True)
class Places:
    """Where the demo's servers and files are."""

    data_dir: Path
    mqtt_url: str
    upload_url: str
    model: Path
    page_port: int


def demo_config(scene: Scene, places: Places, language: str) -> str:
    """The YAML text."""
    if scene.street:
        zones, lines = {"road": ROAD, "kerb": KERB}, {"gate": GATE}
    else:
        zones = {name: [[0.0, 0.3], [1.0, 0.3], [1.0, 1.0], [0.0, 1.0]] for name in ("road", "kerb")}
        lines = {"gate": [[0.5, 0.0], [0.5, 1.0]]}
    camera = {
        "id": "gate",
        "label": "Cổng ngõ 12" if language == "vi" else "Gate, lane 12",
        "source": scene.source,
        "transcode": scene.transcode,
        "analysis_fps": 5,
        "zones": zones,
        "lines": lines,
        "rules": [
            {"rule": "intrusion", "zone": "kerb", "min_age": "1s", "cooldown": "5s"},
            {"rule": "line_crossing", "line": "gate", "classes": ["person", "bicycle", "motorcycle", "car"]},
            {"rule": "loitering", "zone": "road", "after": "15s"},
            {"rule": "crowd", "zone": "road", "count": 4, "after": "2s", "cooldown": "10s"},
            {"rule": "parking", "zone": "road", "after": "20s"},
        ],
    }
    if scene.username is not None:
        camera["username"] = scene.username
    if scene.password_file is not None:
        camera["password_file"] = str(scene.password_file)
    tree = {
        "node": {
            "ward": "phuong-demo",
            "id": "gate-12",
            "label": camera["label"],
            "language": language,
            "data_dir": str(places.data_dir),
        },
        "mqtt": {"url": places.mqtt_url},
        "retention": {"max_days": 30},
        "upload": {"url": places.upload_url},
        "insecure": True,
        "cameras": [camera],
        "detection": {"model": str(places.model)},
        "footage": {
            "budget": "500MB",
            "segment": "4s",
            "pre_roll": "3s",
            "post_roll": "3s",
            "max_clip": "20s",
        },
        "spool": {"clips_budget": "300MB"},
        "health": {"interval": "10s"},
        "page": {"port": places.page_port},
    }
    return yaml.safe_dump(tree, sort_keys=False, allow_unicode=True)
