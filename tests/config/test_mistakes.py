"""Each kind of mistake: where it is told, in which words, in both languages."""

from pathlib import Path

import pytest

from agent.config.load import load_config
from agent.config.mistakes import InvalidConfig, Mistake, format_mistakes
from agent.errors import ConfigError
from agent.i18n import Text
from tests.config.cases import CASES, node, rules
from tests.config.files import MINIMAL, mistakes_in


@pytest.mark.parametrize(("text", "place", "en", "vi"), CASES)
def test_one_mistake_is_told_at_its_place(text: str, place: str, en: str, vi: str, tmp_path: Path) -> None:
    mistakes = mistakes_in(text, tmp_path)
    assert len(mistakes) == 1, format_mistakes(mistakes, "en")
    (mistake,) = mistakes
    told = mistake.say("en")
    assert told.startswith(f"{tmp_path}/config.yaml:{place.replace(' ', ': ', 1)}: ")
    assert en in told
    assert vi in mistake.say("vi")
    assert mistake.text.en != mistake.text.vi
    assert "hunter2" not in told + mistake.say("vi")


def test_mistakes_between_fields_are_told_beside_mistakes_in_fields(tmp_path: Path) -> None:
    text = rules("- {rule: intrusion, zone: nowhere, after: 3}\n- {rule: crowd, id: a}\n- {rule: parking, id: a}")
    text = text.replace("  ward: phuong-1\n", "").replace("mqtts:", "mqtt:")
    second = text[text.index("  - id: cong") :]
    assert [(f"{one.line}:{one.col}", one.path) for one in mistakes_in(text + second, tmp_path)] == [
        ("1:1", "node.ward"),
        ("4:8", "mqtt.url"),
        ("7:9", "cameras[0].id"),
        ("12:33", "cameras[0].rules[0].zone"),
        ("12:42", "cameras[0].rules[0].after"),
        ("13:27", "cameras[0].rules[1].id"),
        ("14:29", "cameras[0].rules[2].id"),
        ("15:9", "cameras[1].id"),
        ("20:33", "cameras[1].rules[0].zone"),
        ("20:42", "cameras[1].rules[0].after"),
        ("21:27", "cameras[1].rules[1].id"),
        ("22:29", "cameras[1].rules[2].id"),
    ]


def test_rules_that_get_the_same_name_are_both_told(tmp_path: Path) -> None:
    mistakes = mistakes_in(rules("- {rule: intrusion, zone: san}\n- {rule: intrusion, zone: san}"), tmp_path)
    assert [(one.line, one.path) for one in mistakes] == [(13, "cameras[0].rules[0]"), (14, "cameras[0].rules[1]")]


def test_the_second_camera_of_a_name_is_offered_another(tmp_path: Path) -> None:
    first, second = mistakes_in(MINIMAL + "  - {id: cong, source: /dev/video0}\n", tmp_path)
    assert (first.hint, second.line, second.path) == (None, 15, "cameras[1].id")
    assert "write for example `cong-2`" in second.say("en") and "ví dụ hãy ghi `cong-2`" in second.say("vi")


def test_a_device_that_two_cameras_want_is_told_at_both(tmp_path: Path) -> None:
    text = MINIMAL.replace("rtsp://192.168.1.64/main", "/dev/video0") + "  - {id: yard, source: /dev/video0}\n"
    places = [(one.line, one.path) for one in mistakes_in(text, tmp_path)]
    assert places == [(9, "cameras[0].source"), (15, "cameras[1].source")]


def test_loading_raises_them_all(tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    path.write_text(node("timezon: x") + "footage: {budget: 1}\n", encoding="utf-8")
    with pytest.raises(InvalidConfig) as caught:
        load_config(path)
    assert isinstance(caught.value, ConfigError)
    assert [one.path for one in caught.value.mistakes] == ["node.timezon", "footage.budget"]
    assert caught.value.code == "config_invalid"
    assert "(and 1 more)" in caught.value.text.en
    assert "(và 1 lỗi khác)" in caught.value.text.vi


def test_a_long_list_is_cut_and_counted() -> None:
    many = [Mistake(Path("f"), index, 1, "a", Text(en="bad", vi="sai")) for index in range(1, 61)]
    lines = format_mistakes(many, "vi").splitlines()
    assert (len(lines), lines[0], lines[-1]) == (51, "f:1:1: a: sai", "và 10 lỗi nữa")
