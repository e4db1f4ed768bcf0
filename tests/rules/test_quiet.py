"""What false alarms are counted on: both settings of every rule, other seeds, and films joined to long ones."""

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from av.video.frame import VideoFrame

from agent.config.rules import RULES
from bench.found_events import config
from bench.joined_film import joined_film
from bench.rules_quiet import ALL, poisson_upper, reseeded
from tests import scenes


def film(path: Path, level: int, frames: int) -> Path:
    with av.open(str(path), "w", format="mp4") as container:
        stream = container.add_stream("libx264", rate=10)
        stream.pix_fmt, stream.width, stream.height = "yuv420p", 64, 48
        stream.options = {"bf": "0", "threads": "1"}
        for index in range(frames):
            picture = VideoFrame.from_ndarray(np.full((48, 64), level, np.uint8), format="gray").reformat(
                format="yuv420p"
            )
            picture.pts, picture.time_base = index, Fraction(1, 10)
            container.mux(stream.encode(picture))
        container.mux(stream.encode(None))
    return path


def test_joined_films_play_one_after_the_other(tmp_path: Path) -> None:
    parts = [film(tmp_path / "a.mp4", 60, 12), film(tmp_path / "b.mp4", 180, 7)]
    with av.open(str(joined_film(parts, tmp_path / "out.mp4"))) as container:
        told = [(frame.time, float(frame.to_ndarray(format="gray").mean())) for frame in container.decode(video=0)]
    assert [round(at_s, 3) for at_s, _ in told] == [round(index / 10, 3) for index in range(19)]
    assert all(abs(level - 60) < 12 for _, level in told[:12])
    assert all(abs(level - 180) < 12 for _, level in told[12:])


def test_every_rule_is_there_as_it_is_by_default_and_strict() -> None:
    rules = config(ALL, None).cameras[0].rules
    assert [rule.rule for rule in rules] == [*RULES, *RULES]
    default, strict = rules[: len(RULES)], rules[len(RULES) :]
    for one, other in zip(default, strict, strict=True):
        fields = type(one).model_fields
        assert all(getattr(one, name) == fields[name].default for name in ("after", "stood") if name in fields)
        assert getattr(other, "after", 0) <= getattr(one, "after", 0)


def test_another_seed_is_another_film_of_the_same_script() -> None:
    scene = scenes.named("rain-day-quiet")
    again = reseeded(scene, 2)
    assert again.seed != scene.seed and again.name != scene.name
    assert (again.actors, again.disturbance, again.seconds) == (scene.actors, scene.disturbance, scene.seconds)


def test_no_alarm_in_an_hour_still_allows_three() -> None:
    assert abs(poisson_upper(0, 0.95) - 3.0) < 0.01
    assert abs(poisson_upper(1, 0.95) - 4.74) < 0.01
