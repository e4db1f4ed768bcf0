"""Rendered scenes with exact truth: real plates, real cut-outs of people and vehicles, one disturbance each.

`SCENES` are the scenes; `render` gives pictures with their truth, `video` the same as an H.264 file such as a camera
sends, `truth` the truth alone. Real clips labelled by eye are in `labels`. See README.md.
"""

from tests.scenes.catalogue import SCENES, group, named
from tests.scenes.film import video
from tests.scenes.labels import Clip, Interval, clips
from tests.scenes.render import render
from tests.scenes.truth import truth
from tests.scenes.values import (
    Actor,
    Disturbance,
    FrameTruth,
    Scene,
    TrueBox,
    TrueChange,
    TrueEvent,
    Truth,
    ViewSpan,
    Way,
)

__all__ = [
    "SCENES",
    "Actor",
    "Clip",
    "Disturbance",
    "FrameTruth",
    "Interval",
    "Scene",
    "TrueBox",
    "TrueChange",
    "TrueEvent",
    "Truth",
    "ViewSpan",
    "Way",
    "clips",
    "group",
    "named",
    "render",
    "truth",
    "video",
]
