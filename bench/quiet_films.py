"""Twenty minutes of a quiet camera at a time, each film another: place, framing, light, weather and its strength.

A film follows from its number alone. Rendered with `tests.scenes` at five pictures a second, what a node analyses;
written to a file for one replay and thrown away.
"""

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
from av.video.frame import VideoFrame

from agent.config.rules import RULES
from agent.values import Picture
from bench.rules_quiet import PASSING
from tests import scenes
from tests.scenes.catalogue.disturbances import visitors
from tests.scenes.disturb import KINDS, Disturber
from tests.scenes.film import OPTIONS
from tests.scenes.values import HEIGHT, WIDTH, Actor, Disturbance, Scene, Way

FPS, FILM_S = 5, 1200.0
LEAST_SPELL_S, MOST_SPELL_S = 120.0, 420.0  # weather changes every few minutes
GENTLE, FIERCE = 0.4, 1.5  # of the strength that a disturbance has in the catalogue
PLACES = ("yard", "yard", "street", "road", "lot")
SPELLS = {
    "day": ("none", "rain", "insects", "exposure", "noise", "shake", "ir-switch"),
    "night": ("none", "rain", "insects", "headlights", "lamp", "exposure", "noise", "shake"),
}
# They are there from the first picture to the last: a web, a branch or its shadow does not come out of nothing.
SCENERY = {"day": ("web", "trees", "clouds", "tree-shade"), "night": ("web", "trees")}
OPAQUE = frozenset({"web", "trees", "ir-switch"})  # have no strength
# Dusk to less than three tenths of the light is dark, and a camera in the dark should tell that.
GENTLER = frozenset({"dusk", "lamp-off"})
ALL, BUS = frozenset(RULES), frozenset({"bus"})


@dataclass(frozen=True, slots=True)
class Framing:
    """How the camera hangs: which part of the rendered picture it sees, how, and how it encodes it."""

    mirrored: bool
    share: float  # of width and height
    left: float
    top: float
    gamma: float
    key_every_s: int

    def picture(self, whole: Picture) -> Picture:
        """(360, 640, 3) of (360, 640, 3)."""
        x, y = round(self.left * WIDTH), round(self.top * HEIGHT)
        part = whole[y : y + round(self.share * HEIGHT), x : x + round(self.share * WIDTH)]
        seen = cv2.resize(part, (WIDTH, HEIGHT), interpolation=cv2.INTER_LINEAR)
        levels = np.round(255 * (np.arange(256) / 255) ** self.gamma).astype(np.uint8)
        seen = cv2.LUT(seen, levels)
        return np.asarray(cv2.flip(seen, 1) if self.mirrored else seen, np.uint8)


@dataclass(frozen=True, slots=True)
class Film:
    """One camera's film: spells of weather one after the other. `rules` have nothing to tell of it."""

    name: str
    spells: tuple[Scene, ...]
    framing: Framing
    rules: frozenset[str]

    @property
    def seconds(self) -> float:
        """How long it is."""
        return sum(spell.seconds for spell in self.spells)


def quiet_film(number: int, seconds: float = FILM_S) -> Film:
    """Of eight films four are of changing weather, two of scenery, one has passers-by and one benign great changes."""
    chance = random.Random(number)
    light, place = chance.choice(("day", "night")), chance.choice(PLACES)
    blank = Scene(f"quiet-{number}", "quiet", 1000 * number + 100_000, seconds, place, light, fps=FPS)
    make, rules = MAKERS[number % len(MAKERS)]
    spells = make(blank, chance)
    if BUS & _looks(spells[0]):
        rules = rules - {"wrong_way"}
    share = chance.uniform(0.7, 1.0)
    left, top = chance.uniform(0, 1 - share), chance.uniform(0, 1 - share)
    framing = Framing(chance.random() < 0.5, share, left, top, chance.uniform(0.85, 1.2), chance.choice((1, 2, 2, 4)))
    told = dict.fromkeys("bus" if BUS & _looks(spell) else spell.disturbance.kind for spell in spells)
    return Film(f"{blank.name} {spells[0].plate} {spells[0].light} {'+'.join(told)}", spells, framing, rules)


def _looks(spell: Scene) -> frozenset[str]:
    return frozenset(actor.look for actor in spell.actors)


def write(film: Film, path: Path) -> None:
    """H.264 in MP4. Raises AssetError, OSError."""
    rate = Fraction(1, FPS)
    with av.open(str(path), "w", format="mp4") as container:
        stream = container.add_stream("libx264", rate=FPS)
        stream.pix_fmt, stream.width, stream.height = "yuv420p", WIDTH, HEIGHT
        stream.time_base = stream.codec_context.time_base = rate
        stream.codec_context.gop_size = film.framing.key_every_s * FPS
        stream.options = OPTIONS
        for index, picture in enumerate(pictures(film)):
            encoded = VideoFrame.from_ndarray(picture, format="bgr24").reformat(format="yuv420p")
            encoded.pts, encoded.time_base = index, rate
            container.mux(stream.encode(encoded))
        container.mux(stream.encode(None))


def pictures(film: Film) -> Iterator[Picture]:
    """(360, 640, 3) BGR, as the camera sees it."""
    for spell in film.spells:
        for picture, _ in scenes.render(spell):
            yield film.framing.picture(picture)


def _weather(blank: Scene, chance: random.Random) -> tuple[Scene, ...]:
    spells: list[Scene] = []
    left_s = blank.seconds
    while left_s > 0:
        lasts_s = min(round(chance.uniform(LEAST_SPELL_S, MOST_SPELL_S)), left_s)
        begins_s = chance.uniform(0, lasts_s / 3)
        what = Disturbance(_some(SPELLS[blank.light], chance), begins_s, chance.uniform(begins_s + 30, 1.3 * lasts_s))
        seed = blank.seed + len(spells)
        spells.append(replace(blank, name=f"{blank.name}-{len(spells)}", seed=seed, seconds=lasts_s, disturbance=what))
        left_s -= lasts_s
    return tuple(spells)


def _scenery(blank: Scene, chance: random.Random) -> tuple[Scene, ...]:
    return (replace(blank, disturbance=Disturbance(_some(SCENERY[blank.light], chance))),)


def _passers(blank: Scene, chance: random.Random) -> tuple[Scene, ...]:
    """Weather, and every minute or two somebody who passes."""
    return tuple(
        replace(spell, plate="street" if spell.plate in ("road", "lot") else spell.plate, actors=_visits(spell, chance))
        for spell in _weather(blank, chance)
    )


def _visits(spell: Scene, chance: random.Random) -> tuple[Actor, ...]:
    actors: list[Actor] = []
    at_s = 0.0
    while at_s + 35 < spell.seconds:
        actors += [_later(each, at_s, len(actors)) for each in visitors(spell.seed + round(at_s))]
        at_s += chance.uniform(60, 120)
    return tuple(actors)


def _later(actor: Actor, by_s: float, number: int) -> Actor:
    way = tuple(Way(each.at_s + by_s, each.x, each.y) for each in actor.way)
    return replace(actor, id=f"{actor.id}-{number}", way=way)


def _benign(blank: Scene, chance: random.Random) -> tuple[Scene, ...]:
    """Night falls, the street lamp goes out, or buses pass and wait before the lens."""
    kind = chance.choice(("dusk", "lamp-off", "bus"))
    if kind == "dusk":
        return (replace(blank, light="day", disturbance=Disturbance(_some((kind,), chance))),)
    if kind == "lamp-off":
        at_s = chance.uniform(0.2, 0.8) * blank.seconds
        return (replace(blank, light="night", disturbance=Disturbance(_some((kind,), chance), at_s)),)
    buses = scenes.named("bus-day").actors
    times = np.arange(60.0, blank.seconds - 40.0, chance.uniform(90, 240))
    actors = tuple(_later(bus, float(at_s), index) for index, at_s in enumerate(times) for bus in buses)
    return (replace(blank, plate="yard", actors=actors),)


def _some(kinds: tuple[str, ...], chance: random.Random) -> str:
    """One of the kinds, gentler or fiercer than in the catalogue."""
    kind, strength = chance.choice(kinds), chance.uniform(GENTLE, FIERCE)
    if kind == "none" or kind in OPAQUE:
        return kind
    return varied(kind, min(strength, 1.0) if kind in GENTLER else strength)


def varied(kind: str, strength: float) -> str:
    """The name of a disturbance that does `strength` times what `kind` does to the light; it shakes as `kind` does."""

    class Varied(Disturber):
        def __init__(self, scene: Scene) -> None:
            super().__init__(scene)
            self._whole = KINDS[kind](scene)
            self.noise = 1 + strength * (self._whole.noise - 1)

        def ground(self, picture: Picture, at_s: float) -> Picture:
            return self._whole.ground(picture, at_s)

        def lens(self, picture: Picture, at_s: float) -> Picture:
            disturbed = self._whole.lens(picture.copy(), at_s)
            return np.asarray(cv2.addWeighted(disturbed, strength, picture, 1 - strength, 0), np.uint8)

        def gain(self, at_s: float) -> float:
            return 1 + strength * (self._whole.gain(at_s) - 1)

        def shift(self, at_s: float) -> tuple[float, float]:
            return self._whole.shift(at_s)

    name = f"{kind}*{strength:.2f}"
    KINDS[name] = Varied
    return name


Maker = Callable[[Scene, random.Random], tuple[Scene, ...]]
MAKERS: tuple[tuple[Maker, frozenset[str]], ...] = (
    (_weather, ALL),
    (_scenery, ALL),
    (_weather, ALL),
    (_passers, PASSING),
    (_weather, ALL),
    (_scenery, ALL),
    (_weather, ALL),
    (_benign, ALL),
)
