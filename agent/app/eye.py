"""The node's one detector, or none: a broken or missing model leaves motion-only mode and a fault."""

import logging

from agent.config.model import DetectionSection
from agent.contract.event import ModelRef
from agent.detection.detector import Detector
from agent.errors import ModelError
from agent.pipeline import load_eyes
from agent.worker import Reporter

log = logging.getLogger(__name__)
SOURCE = "detection"


def detector_or_none(section: DetectionSection, reporter: Reporter) -> Detector | None:
    """Load once at the start; the same detector serves all cameras."""
    if section.model is None:
        log.info("no model is configured: motion only")
        return None
    try:
        detector = load_eyes(section)
    except ModelError as error:
        log.error("detection: %s", error)
        reporter.raised(SOURCE, error)
        return None
    log.info("model %s (%s) on %s", detector.name, detector.family, detector.provider)
    return detector


def model_ref(detector: Detector | None) -> ModelRef | None:
    """How events name the model that saw them."""
    return ModelRef(name=detector.name, sha256=detector.sha256) if detector else None
