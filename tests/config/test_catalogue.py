"""Every setting is found by its path, with an example that its section accepts."""

import pytest
import yaml

from agent.config.catalogue import find, members, near, settings
from agent.config.document import read_document
from agent.config.examples import _EXAMPLES
from agent.config.load import config_in
from agent.config.model import Config
from agent.config.standing import standing
from agent.config.told import every_section
from tests.config.files import EXAMPLE, MINIMAL


@pytest.mark.parametrize(
    ("key", "paths"),
    [
        ("footage.budget", ["footage.budget"]),
        ("budget", ["footage.budget"]),
        ("cameras.rules.loitering.after", ["cameras.rules.loitering.after"]),
        ("loitering.after", ["cameras.rules.loitering.after"]),
        ("cameras[0].zones.san", []),
        ("cameras[0].zones", ["cameras.zones"]),
        ("cameras.cong-cho.analysis-fps", ["cameras.analysis_fps"]),
        ("keepalive", ["mqtt.keepalive", "live.keepalive"]),
        ("idle.after", ["cameras.idle.after"]),
        ("nothing.like.it", []),
        ("", []),
    ],
)
def test_a_setting_is_found_by_its_path_or_its_end(key: str, paths: list[str]) -> None:
    assert [str(setting) for setting in find(key)] == paths


@pytest.mark.parametrize(
    ("key", "meant"),
    [
        ("footage.budgt", "footage.budget"),
        ("zonez", "cameras.zones"),
        ("retention.days", "retention.max_days"),
        ("cameras.rules.loitering.afer", "cameras.rules.loitering.after"),
        ("loitering.afer", "cameras.rules.loitering.after"),
        ("picamera2.rotatoin", "cameras.picamera2.rotation"),
    ],
)
def test_what_was_meant_is_named(key: str, meant: str) -> None:
    assert find(key) == ()
    assert meant in near(key)


def test_nothing_is_near_to_nonsense() -> None:
    assert near("qqqqqqqq") == near("") == near("." * 9) == near("z" * 10_000) == ()


def test_every_setting_has_an_example_that_its_section_accepts() -> None:
    bare = [str(each) for each in settings().values() if not each.example and each.kind.en not in ("section", "list")]
    assert bare == []
    for section in every_section():
        if section is Config:
            continue
        for name, field in section.model_fields.items():
            own = {path: each for path, each in settings().items() if path.endswith(f".{name}") and each.example}
            assert own or not field.is_required() or name == "rule", f"{section.__name__}.{name}"


def test_the_examples_of_needed_settings_make_a_node_that_loads() -> None:
    needed: dict[str, dict[str, object]] = {}
    for each in settings().values():
        if each.needed and each.example and len(each.path) == 2:
            needed.setdefault(each.path[0], {})[each.path[1]] = yaml.safe_load(each.example)
    cameras = needed.pop("cameras")
    sections = {name: needed[name] for name in ("node", "mqtt", "retention", "upload", "live")}
    text = yaml.safe_dump({**sections, "cameras": [cameras]}, allow_unicode=True)
    assert isinstance(config_in(EXAMPLE, read_document(text)), Config)


def test_no_example_is_of_a_setting_that_is_gone() -> None:
    fields = {f"{section.__name__}.{name}" for section in every_section() for name in section.model_fields}
    fields |= {name.partition(".")[2] for name in fields}
    assert [key for key in _EXAMPLES if key not in fields] == []


def test_a_section_has_its_members() -> None:
    (footage,) = find("footage")
    assert [each.path[-1] for each in members(footage)][:2] == ["budget", "keep_free"]
    assert members(find("footage.budget")[0]) == ()


def test_where_a_setting_stands_is_found() -> None:
    document = read_document(EXAMPLE.read_text(encoding="utf-8"))
    (place,) = standing(("cameras", "rules", "loitering", "after"), document)
    assert (place.steps, place.value) == (("cameras", 0, "rules", 2, "after"), "3m")
    assert EXAMPLE.read_text(encoding="utf-8").splitlines()[place.line - 1].strip().startswith("- {rule: loitering")
    assert standing(("cameras", "rules", "fight", "after"), document) == ()
    assert standing(("mqtt", "prefix"), read_document(MINIMAL)) == ()
    two = read_document(MINIMAL + "  - {id: b, source: /dev/video0}\n")
    assert [each.value for each in standing(("cameras", "id"), two)] == ["cong", "b"]
