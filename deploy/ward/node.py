"""The configuration of a node of this ward, ready for `camera-agent run`: the ward's part of it is filled in."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from deploy.ward.certificates import Certificates
from deploy.ward.site import WardSettings


@dataclass(frozen=True, slots=True)
class NodePlace:
    """What is the node's own. `model` None: motion only; `command_key`: the ward's public command key."""

    node: str
    files: Certificates
    data_dir: Path
    source: str
    model: Path | None = None
    command_key: Path | None = None


def node_config(settings: WardSettings, place: NodePlace, host: str | None = None) -> str:
    """YAML. `host`: by which name this node reaches the ward; without it the first one."""
    name = host or settings.hosts[0]
    ports = settings.ports
    tree: dict[str, Any] = {
        "node": {"ward": settings.ward, "id": place.node, "data_dir": str(place.data_dir)},
        "mqtt": {"url": f"mqtts://{name}:{ports.nodes}", "prefix": settings.prefix},
        "upload": {"url": f"https://{name}:{ports.uploads}/files"},
        "live": {"url": f"rtmps://{name}:{ports.live}/live"},
        "tls": {
            "ca": str(place.files.ca),
            "cert": str(place.files.cert),
            "key": str(place.files.key),
            "renew": f"https://{name}:{ports.enrol}/.well-known/est",
        },
        "retention": {"max_days": 30},
        "cameras": [
            {
                "id": "cong",
                "source": place.source,
                "zones": {"san": [[0.0, 0.2], [1.0, 0.2], [1.0, 1.0], [0.0, 1.0]]},
                "rules": [{"rule": "intrusion", "zone": "san", "cooldown": "30s"}],
            }
        ],
        "footage": {"budget": "500MB"},
        "spool": {"clips_budget": "300MB"},
    }
    if place.model is not None:
        tree["detection"] = {"model": str(place.model)}
    if place.command_key is not None:
        tree["commands"] = {"key": str(place.command_key)}
    return yaml.safe_dump(tree, sort_keys=False, allow_unicode=True)
