"""What a command may change, and that everything else is refused by name."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from agent.settings import combine
from agent.settings.effective import installed_of

MASK = [[0.0, 0.0], [0.2, 0.0], [0.2, 0.2]]
FILE: dict[str, Any] = {
    "node": {"ward": "test", "id": "node-1"},
    "mqtt": {"url": "mqtts://ward.example:8883", "username": "n", "password_file": "/etc/p"},
    "upload": {"url": "https://ward.example/files/"},
    "live": {"url": "rtmps://ward.example:1936/live"},
    "tls": {"ca": "/etc/ca", "cert": "/etc/cert", "key": "/etc/key"},
    "commands": {"key": "/etc/command-key.pem"},
    "uplink": {"max_kbps": 1000, "quiet_hours": "18:00-23:00"},
    "evidence": {"encrypt_to": "/etc/ward.pem"},
    "retention": {"max_days": 30},
    "health": {"interval": "60s"},
    "cameras": [
        {
            "id": "gate",
            "source": "/dev/video0",
            "privacy_masks": {"window": MASK},
            "zones": {"road": [[0, 0], [1, 0], [1, 1]]},
            "lines": {"gate": [[0.5, 0.1], [0.5, 0.9]]},
            "rules": [{"rule": "intrusion", "zone": "road"}],
        }
    ],
}


def judged(path: str, value: Any) -> tuple[str, ...]:
    """Which settings are refused when `path` (with dots) is set to `value`; None takes it away."""
    tree = yaml.safe_load(yaml.safe_dump(FILE))
    *steps, last = path.split(".")
    inner = tree
    for step in steps:
        inner = inner[int(step)] if step.isdigit() else inner.setdefault(step, {})
    if value is None:
        del inner[last]
    else:
        inner[last] = value
    file = installed_of(Path("config.yaml"), yaml.safe_dump(FILE))
    assert file.mistakes == ()
    candidate = combine(file, yaml.safe_dump(tree))
    assert candidate.mistakes == (), [mistake.say("en") for mistake in candidate.mistakes]
    assert (candidate.config is None) == bool(candidate.locked)
    assert all(each.line > 0 and each.text.vi != each.text.en for each in candidate.locked)
    return tuple(each.path for each in candidate.locked)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("cameras.0.label", "Cổng"),
        ("cameras.0.analysis_fps", 2.0),
        ("cameras.0.idle", {"enabled": False}),
        ("cameras.0.zones", {"road": [[0, 0], [1, 0], [1, 0.5]]}),
        ("cameras.0.lines", {}),
        ("cameras.0.rules", []),
        ("cameras.0.rules.0.schedule", {"hours": "22:00-05:00"}),
        ("cameras.0.privacy_masks", {"window": MASK, "door": [[0.5, 0.5], [0.9, 0.5], [0.9, 0.9]]}),
        ("detection.score", 0.6),
        ("detection.max_inferences", 2),
        ("detection.inferences_per_s", 4.0),
        ("footage.pre_roll", "9s"),
        ("footage.post_roll", "9s"),
        ("footage.max_clip", "60s"),
        ("health.interval", "10s"),
        ("health.interval", "10m"),
        ("retention.max_days", 7),
    ],
)
def test_what_is_watched_when_and_how_closely_is_the_wards(path: str, value: Any) -> None:
    assert judged(path, value) == ()


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("node.id", "node-2"),
        ("node.data_dir", "/tmp/elsewhere"),
        ("node.label", "Ai đó"),
        ("mqtt.url", "mqtts://evil.example:8883"),
        ("mqtt.password_file", "/etc/shadow"),
        ("mqtt.username", "another"),
        ("upload.url", "https://evil.example/files/"),
        ("upload", None),
        ("live.url", "rtmps://evil.example:1936/live"),
        ("tls.ca", None),
        ("tls.key", "/etc/other"),
        ("commands.key", "/etc/other.pem"),
        ("commands", None),
        ("insecure", True),
        ("page", {"port": 8480}),
        ("uplink.max_kbps", 0),
        ("uplink.quiet_hours", None),
        ("uplink.yields", False),
        ("evidence.encrypt_to", None),
        ("spool.messages", 100),
        ("escalation.reboot", True),
        ("detection.model", "/tmp/other.onnx"),
        ("detection.provider", "cuda"),
        ("footage.mode", "events"),
        ("footage.budget", "1TB"),
        ("retention.max_days", 31),
        ("health.interval", "1s"),
        ("cameras.0.source", "/dev/video1"),
        ("cameras.0.id", "yard"),
        ("cameras.0.encode_cpu", 4.0),
        ("cameras.0.v4l2", {"fps": 60}),
        ("cameras.0.privacy_masks", {}),
        ("cameras.0.privacy_masks.window", [[0.0, 0.0], [0.1, 0.0], [0.1, 0.1]]),
    ],
)
def test_all_else_is_the_households(path: str, value: Any) -> None:
    refused = judged(path, value)
    told = ".".join(f"cameras[{step}]" if step == "0" else step for step in path.split(".") if step != "cameras")
    assert refused and all(each.startswith(told) for each in refused), refused


def test_no_camera_comes_or_goes() -> None:
    assert judged("cameras", [*FILE["cameras"], {"id": "new", "source": "rtsp://10.0.0.1"}]) == ("cameras[1]",)
