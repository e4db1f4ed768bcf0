"""Scenes for each rule, with the camera's zones and rules and the events that must come."""

from tests.scenes.values import Scene

RULES: tuple[Scene, ...] = ()
