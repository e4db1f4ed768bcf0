"""The node's one detector, or none: a broken or missing model leaves motion-only mode and a fault."""

import logging
from collections.abc import Sequence
from pathlib import Path

from agent.config.camera import CameraSection
from agent.config.classes import unlisted
from agent.config.model import DetectionSection
from agent.contract.event import ModelRef
from agent.detection import complaints
from agent.detection.detector import Detector
from agent.detection.providers import Providers
from agent.errors import ModelError
from agent.pipeline import load_eyes
from agent.worker import Reporter

log = logging.getLogger(__name__)
SOURCE = "detection"
CLASSES = "detection-classes"  # faults of their own: the model works
PROVIDER = "detection-provider"
MOST_TOLD = 5


def detector_or_none(section: DetectionSection, reporter: Reporter, data_dir: Path) -> Detector | None:
    """Load once at the start; the same detector serves all cameras. Blocks for as long as a trial of a provider."""
    if section.model is None:
        log.info("no model is configured: motion only")
        return None
    providers = Providers(data_dir / "providers", lambda error: reporter.raised(PROVIDER, error))
    try:
        detector = load_eyes(section, providers)
    except ModelError as error:
        log.error("detection: %s", error)
        reporter.raised(SOURCE, error)
        return None
    log.info("model %s (%s) on %s", detector.name, detector.family, detector.provider)
    return detector


def tell_unlisted(cameras: Sequence[CameraSection], detector: Detector, reporter: Reporter) -> None:
    """A fault when rules ask for classes that the model never tells; they rest, everything else works."""
    found = unlisted(cameras, detector.labels.names)
    if found:
        error = complaints.unlisted("; ".join(map(str, found[:MOST_TOLD])))
        log.warning("detection: %s", error)
        reporter.raised(CLASSES, error)


def model_ref(detector: Detector | None) -> ModelRef | None:
    """How events name the model that saw them."""
    return ModelRef(name=detector.name, sha256=detector.sha256) if detector else None
