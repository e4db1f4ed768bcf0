"""Who this node is, as its birth message tells the ward."""

import os
import platform
from pathlib import Path

from agent import __version__
from agent.config.model import Config
from agent.contract.birth import (
    AgentFacts,
    BirthMessage,
    BoardFacts,
    CameraFacts,
    ConfigFacts,
    Location,
    ModelFacts,
    RuleFacts,
)
from agent.detection.detector import Detector
from agent.health.board import read_memory, read_model
from agent.settings import Chosen
from agent.values import CameraState


def birth_message(
    config: Config, config_hash: str, session: str, detector: Detector | None, cameras: tuple[CameraState, ...]
) -> BirthMessage:
    """`cameras` is what capture knows by now; a camera that has not answered yet has no size."""
    node = config.node
    known = {camera.id: camera for camera in cameras}
    return BirthMessage(
        session=session,
        label=node.label,
        language=node.language,
        timezone=node.timezone,
        agent=AgentFacts(version=__version__),
        config=ConfigFacts(hash=config_hash, insecure=config.insecure),
        board=BoardFacts(
            model=read_model(Path("/")),
            machine=platform.machine(),
            system=_system(),
            memory_mb=(read_memory(Path("/"), "MemTotal") or 0) // 10**6,
            cpus=os.cpu_count() or 1,
        ),
        cameras=tuple(
            CameraFacts(
                id=camera.id,
                label=camera.label,
                kind=camera.kind,
                width=known[camera.id].width or None,
                height=known[camera.id].height or None,
                codec=known[camera.id].codec or None,
                encoder=known[camera.id].encoder or None,
                analysis_fps=camera.analysis_fps,
            )
            for camera in config.cameras
        ),
        rules=tuple(
            RuleFacts(
                cam=camera.id,
                id=rule.name,
                rule=rule.rule,
                severity=rule.severity,
                place=rule.place,
                classes=rule.classes,
            )
            for camera in config.cameras
            for rule in camera.rules
        ),
        models=(_model(detector),) if detector else (),
        location=(
            Location(latitude=node.latitude, longitude=node.longitude)
            if node.latitude is not None and node.longitude is not None
            else None
        ),
    )


def config_facts(chosen: Chosen) -> ConfigFacts:
    """Which configuration runs, and whose it is."""
    return ConfigFacts(
        hash=chosen.hash,
        insecure=chosen.config.insecure,
        source=chosen.source,
        last_known_good=chosen.last_known_good,
        trial=chosen.trial is not None,
    )


def _model(detector: Detector) -> ModelFacts:
    return ModelFacts(name=detector.name, sha256=detector.sha256, family=detector.family, provider=detector.provider)


def _system() -> str:
    try:
        return platform.freedesktop_os_release().get("PRETTY_NAME", platform.system())
    except OSError:
        return platform.system()
