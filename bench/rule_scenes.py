"""Rendered scenes through the whole pipeline with their own rules: what each rule finds of what is true in them."""

from pathlib import Path

from agent.pipeline import SeesObjects
from bench.found_events import Expected, Found, Score, compared, config, found_in
from tests import scenes

ENOUGH_S = 10.0  # after the last event should have come, it can be found no more


def scene_score(
    scene: scenes.Scene, model: Path | None, eyes: SeesObjects | None, quick: bool = False
) -> tuple[dict[str, Score], list[Found]]:
    """The scores of the scene's rules, and what was found; `quick` does not watch it to its end."""
    until_s = max(each.from_s for each in scene.events) + ENOUGH_S if quick and scene.events else None
    found = found_in(scenes.video(scene), config(scene.camera, model), eyes, until_s)
    true = [Expected(each.rule, each.began_s, each.from_s, each.to_s) for each in scene.events]
    return compared(found, true, {rule["rule"] for rule in scene.camera["rules"]}), found
