"""The usual view of one camera, learnt over minutes, and how a picture compares with it.

Comes in: frames with their small pictures. Goes out: `Comparison`s. What they mean is left to `check.py`.
"""

from dataclasses import dataclass

import cv2
import numpy as np

from agent.edges import Edges, Plane, edges_of
from agent.median import median
from agent.values import Frame, Picture, Small
from agent.view.sharpness import Segments, sharpness

GRID = (16, 9)  # blocks across and down
LEARN_LOOKS = 8  # then the view is known
CONSTANT_LOOKS = 300.0  # of the slow learning after that: looks are a second apart, or more
CLEAR = 0.02  # edge energy of a block that has edges which stay
LOST = 0.3  # agreement below which a block's edges are gone
FEW_BLOCKS = 6  # blocks with edges; fewer tell nothing of the view
FEW_SEGMENTS = 12
NO_EDGES = 1e-3
BRIGHT = 220  # grey levels: white is 235 in most cameras' video


@dataclass(frozen=True, slots=True)
class Comparison:
    """A picture beside the usual view. None where the view has too little in it to tell."""

    mean: float  # grey levels
    spread: float
    bright: float  # share of the picture that is saturated
    usual_mean: float
    usual_bright: float
    lost: float | None  # share of the lasting edges that are not where they were
    energy: float | None  # edges beside the usual amount: 1 as ever
    sharp: float | None  # fine contrast beside the usual: 1 as ever
    layout: float  # correlation of the coarse picture with the usual one, -1..1


class Usual:
    """What the view usually looks like. Planes as large as the small picture, and some figures."""

    def __init__(self) -> None:
        self._edges: Edges | None = None
        self._coarse: Plane | None = None
        self._energy: Plane | None = None
        self._sharp: Segments | None = None
        self._told: Segments | None = None  # how often each segment could be told, 0..1
        self._mean = self._bright = 0.0
        self.looks = 0

    @property
    def ready(self) -> bool:
        """Enough has been seen to compare with."""
        return self.looks >= LEARN_LOOKS

    def compare(self, frame: Frame, small: Small) -> tuple[Comparison, "Look"]:
        """A picture beside the usual view, and what `learn` takes of it."""
        look = look_of(frame, small)
        return self.beside(look), look

    def beside(self, look: "Look") -> Comparison:
        """What was read of a picture, beside the usual view."""
        if self._edges is None or self._coarse is None or self._energy is None:
            return Comparison(look.mean, look.spread, look.bright, look.mean, look.bright, None, None, None, 1.0)
        lost, energy = self._agreement(look)
        return Comparison(
            look.mean,
            look.spread,
            look.bright,
            self._mean,
            self._bright,
            lost,
            energy,
            self._sharper(look),
            correlation(self._coarse, look.coarse),
        )

    def learn(self, look: "Look") -> None:
        """Take a picture of the view as it should be; the first ones count alike."""
        self.looks += 1
        rate = np.float32(max(1.0 / self.looks, 1.0 / CONSTANT_LOOKS))
        if self._edges is None or self._coarse is None or self._energy is None:
            self._edges, self._coarse, self._energy = look.edges, look.coarse, look.energy
            self._sharp, self._told = look.sharp, look.told.astype(np.float32)
            self._mean, self._bright = look.mean, look.bright
            return
        self._edges = Edges(
            toward(self._edges.across, look.edges.across, rate), toward(self._edges.along, look.edges.along, rate)
        )
        self._coarse, self._energy = toward(self._coarse, look.coarse, rate), toward(self._energy, look.energy, rate)
        assert self._sharp is not None and self._told is not None
        self._sharp = np.where(look.told, toward(self._sharp, look.sharp, rate), self._sharp)
        self._told = toward(self._told, look.told.astype(np.float32), rate)
        self._mean += float(rate) * (look.mean - self._mean)
        self._bright += float(rate) * (look.bright - self._bright)

    def shift(self, look: "Look") -> tuple[float, float, float]:
        """How far the picture has moved: across and down in shares of it, and how sure that is (0..1).

        Phase correlation (Kuglin & Hines 1975) of the edges' energy, so that light plays no part.
        """
        assert self._edges is not None
        rows, columns = look.edges.across.shape
        window = cv2.createHanningWindow((columns, rows), cv2.CV_32F)
        before, after = np.sqrt(self._edges.energy()), np.sqrt(look.edges.energy())
        (across, down), sure = cv2.phaseCorrelate(before, after, window)
        return across / columns, down / rows, float(sure)

    def _agreement(self, look: "Look") -> tuple[float | None, float | None]:
        assert self._edges is not None and self._energy is not None
        lasting = blocks(self._edges.energy())
        clear = lasting > CLEAR
        if np.count_nonzero(clear) < FEW_BLOCKS:
            return None, None
        shared = blocks(self._edges.shared(look.edges))
        agree = shared / np.sqrt(np.maximum(lasting, NO_EDGES) * np.maximum(look.energy, NO_EDGES))
        weight = np.sqrt(lasting[clear])  # so that one strong edge is not the whole view
        lost = float(weight[agree[clear] < LOST].sum() / weight.sum())
        return lost, float(look.energy[clear].sum() / self._energy[clear].sum())

    def _sharper(self, look: "Look") -> float | None:
        assert self._sharp is not None and self._told is not None
        usable = self._told > 0.5
        if np.count_nonzero(usable) < FEW_SEGMENTS:
            return None
        return float(np.exp(median(look.sharp[usable] - self._sharp[usable])))


@dataclass(frozen=True, slots=True, eq=False)
class Look:
    """What is read of one picture."""

    mean: float
    spread: float
    bright: float
    edges: Edges
    energy: Plane  # of the edges, by block (9, 16)
    coarse: Plane  # luma by block (9, 16)
    sharp: Segments
    told: np.ndarray  # bool, (ROWS, SEGMENTS)


def look_of(frame: Frame, small: Small) -> Look:
    """Everything that one picture tells."""
    luma: Picture = small.luma
    mean, spread = cv2.meanStdDev(luma)
    bright = cv2.countNonZero(cv2.threshold(luma, BRIGHT - 1, 255, cv2.THRESH_BINARY)[1]) / luma.size
    edges = edges_of(luma)
    sharp, told = sharpness(frame.luma)
    coarse = blocks(luma.astype(np.float32))
    return Look(float(mean[0, 0]), float(spread[0, 0]), bright, edges, blocks(edges.energy()), coarse, sharp, told)


def blocks(plane: Plane) -> Plane:
    """The mean of each block of the picture, (9, 16)."""
    return np.asarray(cv2.resize(plane, GRID, interpolation=cv2.INTER_AREA), dtype=np.float32)


def toward(old: Plane, new: Plane, rate: np.float32) -> Plane:
    """`old`, moved towards `new` by `rate`."""
    return np.asarray(old + (new - old) * rate, dtype=np.float32)


def correlation(one: Plane, other: Plane) -> float:
    """Pearson's, of two planes; 0 where one has no contrast."""
    a, b = one - one.mean(), other - other.mean()
    norm = float(np.sqrt((a * a).sum() * (b * b).sum()))
    return float((a * b).sum()) / norm if norm > 1.0 else 0.0
