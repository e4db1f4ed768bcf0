"""Rendered scenes through the whole pipeline with their own rules: what each rule finds of what is true in them."""

from pathlib import Path

from agent.pipeline import SeesObjects
from bench.found_events import Expected, Found, Score, compared, config, found_in
from tests import scenes


def scene_score(
    scene: scenes.Scene, model: Path | None, eyes: SeesObjects | None
) -> tuple[dict[str, Score], list[Found]]:
    """The scores of the scene's rules, and what was found."""
    found = found_in(scenes.video(scene), config(scene.camera, model), eyes)
    true = [Expected(each.rule, each.began_s, each.from_s, each.to_s) for each in scene.events]
    return compared(found, true, {rule["rule"] for rule in scene.camera["rules"]}), found
