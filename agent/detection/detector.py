"""The door of detection: loads the configured model once, then turns regions of frames into labelled boxes."""

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from agent.config.model import DetectionSection
from agent.detection import complaints
from agent.detection.crop import cut, window
from agent.detection.family import Family, Signature
from agent.detection.labels import LabelMap, label_map
from agent.detection.lens import Lens
from agent.detection.nanodet import NanoDet
from agent.detection.providers import Providers
from agent.detection.rider import CYCLES
from agent.detection.session import CPU, Network, Session, checked_sha256
from agent.detection.sizes import reference, resizable
from agent.detection.ssd import Ssd
from agent.detection.suppression import suppress
from agent.detection.yolox import Yolox
from agent.values import Box, Detection, Frame

FAMILIES: tuple[type[Ssd] | type[Yolox] | type[NanoDet], ...] = (Ssd, Yolox, NanoDet)


@dataclass(frozen=True, slots=True)
class Seeing:
    """How one network's outputs are read, and what their columns are called."""

    family: Family
    labels: LabelMap
    any_size: bool = False  # the network takes inputs smaller than its own


class Detector:
    """A model at work. Holds no state between calls, so all cameras share one."""

    def __init__(self, session: Network, seeing: Seeing, section: DetectionSection, sha256: str) -> None:
        self.name = section.model.stem if section.model else ""
        self.sha256 = sha256
        self.family = seeing.family.name
        self.labels = seeing.labels
        self._session = session
        self._adapter = seeing.family
        self._sized: dict[tuple[int, int], Family] = {}  # few: `lens.SHARES` by the shapes of regions
        signature = session.signature
        self.lens = Lens(
            signature.width, signature.height, seeing.family.enough_px, seeing.family.stretched, seeing.any_size
        )
        self._score = section.score
        self._rows = frozenset(i for i, label in enumerate(seeing.labels.names) if label in CYCLES)

    @property
    def provider(self) -> str:
        """What runs the model now; the CPU after another one has failed."""
        return self._session.provider

    @property
    def signature(self) -> Signature:
        """Input size and output shapes."""
        return self._session.signature

    def detect(self, frame: Frame, region: Box, share: float = 1.0) -> tuple[Detection, ...]:
        """The objects in `region`, best first, in 0..1 of the whole frame. Raises ModelError (`model_broken`).

        `share`: of the sides of the model's own input, where it takes smaller ones; see `Lens.share`.
        """
        shown = window(frame, region)
        if shown is None:
            return ()
        adapter = self._adapter_for(self.lens.input_size(shown.width, shown.height, share))
        picture = cut(frame, shown, adapter.fit(shown.width, shown.height))
        outputs = self._session.run(adapter.prepare(picture))
        with np.errstate(all="ignore"):  # a damaged model may give nan and infinity; `suppress` drops those rows
            found = suppress(adapter.decode(outputs, picture, self._score), rows=self._rows)
        x_scale, y_scale = shown.width / picture.shape[1], shown.height / picture.shape[0]
        detections = []
        for corners, score, label in zip(
            found.boxes.tolist(), found.scores.tolist(), found.labels.tolist(), strict=True
        ):
            left, right = ((x * x_scale + shown.left) / frame.width for x in (corners[0], corners[2]))
            top, bottom = ((y * y_scale + shown.top) / frame.height for y in (corners[1], corners[3]))
            # A damaged model may give anything; an inside-out or empty box is nothing.
            if left < right and top < bottom and (box := Box(left, top, right, bottom).clipped()).area > 0:
                detections.append(Detection(box, self.labels.names[label], min(score, 1.0)))
        return tuple(detections)

    def _adapter_for(self, size: tuple[int, int]) -> Family:
        if size == (self.lens.width, self.lens.height):
            return self._adapter
        if size not in self._sized:
            self._sized[size] = self._adapter.at(*size)
        return self._sized[size]


def load_detector(section: DetectionSection, providers: Providers | None = None) -> Detector:
    """Checks the file's sha256, loads it, runs it once and recognises its family.

    Without `providers` the CPU runs it, which does the same arithmetic on every machine.
    Raises ModelError: `model_missing`, `model_broken`, `model_mismatch` or `model_labels`.
    """
    if section.model is None:
        raise complaints.not_configured()
    sha256 = checked_sha256(section.model, section.sha256)
    session = providers.open(section.model, sha256, section) if providers else Session(section.model)
    seeing = seeing_of(section, session.signature)
    if seeing.family.any_size and isinstance(session, Session) and session.provider == CPU:
        fits = kind_for(section.model, section.family, session.signature).fits
        fixed = reference(session)
        del session  # its memory is for the next one
        free = resizable(section.model, sha256, fixed, fits)
        return Detector(free or Session(section.model), replace(seeing, any_size=free is not None), section, sha256)
    return Detector(session, seeing, section, sha256)


def seeing_of(section: DetectionSection, signature: Signature) -> Seeing:
    """Family and labels of a network. Raises ModelError: `model_broken`, `model_labels`."""
    assert section.model is not None
    kind = kind_for(section.model, section.family, signature)
    labels = label_map(section.model, kind.classes(signature), section.labels, signature.names)
    if kind is Ssd:
        return Seeing(Ssd(signature, labels.columns), labels)
    if labels.columns is not None:  # only an SSD has columns that do not count
        raise complaints.labels_differ(section.model, kind.classes(signature), len(labels.names))
    return Seeing(kind(signature), labels)


def adapter_for(model: Path, wanted: str, signature: Signature) -> Family:
    """The family that reads these outputs, whatever they are called. Raises ModelError (`model_broken`)."""
    return kind_for(model, wanted, signature)(signature)


def kind_for(model: Path, wanted: str, signature: Signature) -> type[Ssd] | type[Yolox] | type[NanoDet]:
    """Which family it is. Raises ModelError (`model_broken`) when none of those `wanted` fits."""
    for kind in FAMILIES:
        if wanted in ("auto", kind.name) and kind.fits(signature):
            return kind
    if wanted == "auto":
        wanted = ", ".join(kind.name for kind in FAMILIES)
    raise complaints.wrong_outputs(model, str(signature), wanted)
