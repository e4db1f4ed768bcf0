"""The door of detection: loads the configured model once, then turns regions of frames into labelled boxes."""

from pathlib import Path

from agent.config.labels import COCO
from agent.config.model import DetectionSection
from agent.detection import complaints
from agent.detection.crop import crop
from agent.detection.family import Family, Signature
from agent.detection.nanodet import NanoDet
from agent.detection.providers import Providers
from agent.detection.session import Network, Session, checked_sha256
from agent.detection.ssd import Ssd
from agent.detection.suppression import suppress
from agent.detection.yolox import Yolox
from agent.values import Box, Detection, Frame

FAMILIES = (Ssd, Yolox, NanoDet)


class Detector:
    """A model at work. Holds no state between calls, so all cameras share one."""

    def __init__(self, session: Network, family: Family, section: DetectionSection, sha256: str) -> None:
        self.name = section.model.stem if section.model else ""
        self.sha256 = sha256
        self.family = family.name
        self._session = session
        self._adapter = family
        self._score = section.score

    @property
    def provider(self) -> str:
        """What runs the model now; the CPU after another one has failed."""
        return self._session.provider

    def detect(self, frame: Frame, region: Box) -> tuple[Detection, ...]:
        """The objects in `region`, best first, in 0..1 of the whole frame. Raises ModelError (`model_broken`)."""
        cut = crop(frame, region)
        if cut is None:
            return ()
        outputs = self._session.run(self._adapter.prepare(cut.picture))
        found = suppress(self._adapter.decode(outputs, cut.picture, self._score))
        detections = []
        for corners, score, label in zip(
            found.boxes.tolist(), found.scores.tolist(), found.labels.tolist(), strict=True
        ):
            left, right = ((x + cut.left) / frame.width for x in (corners[0], corners[2]))
            top, bottom = ((y + cut.top) / frame.height for y in (corners[1], corners[3]))
            # A damaged model may give anything; an inside-out or empty box is nothing.
            if left < right and top < bottom and (box := Box(left, top, right, bottom).clipped()).area > 0:
                detections.append(Detection(box, COCO[label], min(score, 1.0)))
        return tuple(detections)


def load_detector(section: DetectionSection, providers: Providers | None = None) -> Detector:
    """Checks the file's sha256, loads it, runs it once and recognises its family.

    Without `providers` the CPU runs it, which does the same arithmetic on every machine.
    Raises ModelError: `model_missing`, `model_broken` or `model_mismatch`.
    """
    if section.model is None:
        raise complaints.not_configured()
    sha256 = checked_sha256(section.model, section.sha256)
    session = providers.open(section.model, sha256, section) if providers else Session(section.model)
    return Detector(session, adapter_for(section.model, section.family, session.signature), section, sha256)


def adapter_for(model: Path, wanted: str, signature: Signature) -> Family:
    """The family that reads these outputs. Raises ModelError (`model_broken`) when none of those `wanted` does."""
    for kind in FAMILIES:
        if wanted in ("auto", kind.name) and kind.fits(signature):
            return kind(signature)
    if wanted == "auto":
        wanted = ", ".join(kind.name for kind in FAMILIES)
    raise complaints.broken(
        model,
        f"{signature} is not the shape of {wanted} with {len(COCO)} COCO classes",
        f"{signature} không phải dạng của {wanted} với {len(COCO)} loại COCO",
    )
