"""What config.get gives: the same settings, without comments and secrets; sent back unchanged it means the same."""

from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from agent.config.document import read_document
from agent.settings import combine, shown_text
from agent.settings.effective import Installed, installed_of
from agent.settings.stars import _Plain

EXAMPLE = Path("config.example.yaml").read_text(encoding="utf-8")
CANARY = "c4n4ry"
SECRETIVE = f"""# {CANARY}: the password of the camera
node: {{ward: test, id: node-1}} # {CANARY}
mqtt: {{url: ["mqtts://one.example:8883/mqtt?key={CANARY}", "mqtts://two.example:8883"]}}
upload: {{url: "https://ward.example/files/?sig={CANARY}"}}
retention: {{max_days: 30}}
cameras:
  - {{id: gate, source: "rtsps://192.168.1.1:7441/{CANARY}?enableSrtp", sub: "rtsp://192.168.1.1/low/{CANARY}"}}
  - {{id: yard, source: "rtsp://192.168.1.2", label: "Sân sau # 1: 'x'"}}
"""


def installed(text: str) -> Installed:
    found = installed_of(Path("config.yaml"), text)
    assert found.config is not None, found.mistakes
    return found


@pytest.mark.parametrize("text", [EXAMPLE, SECRETIVE], ids=["example", "secretive"])
def test_what_get_gave_is_taken_back_and_means_the_same(text: str) -> None:
    file = installed(text)
    shown = shown_text(text)
    assert shown_text(shown) == shown
    candidate = combine(file, shown)
    assert (candidate.mistakes, candidate.locked) == ((), ())
    assert candidate.config == file.config


def test_no_secret_leaves() -> None:
    shown = shown_text(SECRETIVE)
    assert CANARY not in shown and "#" not in shown.replace("'Sân sau # 1: ''x'''", "")
    assert "rtsps://192.168.1.1:7441/***" in shown and "https://ward.example/files/?***" in shown


@pytest.mark.parametrize(
    "moved",
    [
        ("label: 'Sân sau # 1: ''x'''", "label: 'rtsps://192.168.1.1:7441/***'"),
        ("rtsps://192.168.1.1:7441/***", "rtsps://evil.example:7441/***"),
        ("https://ward.example/files/?***", "https://evil.example/files/?***"),
    ],
    ids=["label", "host", "upload"],
)
def test_stars_elsewhere_stand_for_nothing(moved: tuple[str, str]) -> None:
    shown = shown_text(SECRETIVE)
    assert moved[0] in shown
    candidate = combine(installed(SECRETIVE), shown.replace(*moved))
    assert candidate.config is None or CANARY not in str(candidate.config.cameras[1].label)
    told = " ".join(each.say("en") + each.say("vi") for each in (*candidate.mistakes, *candidate.locked))
    assert CANARY not in told


def test_cameras_that_change_places_do_not_change_secrets() -> None:
    tree = yaml.safe_load(shown_text(SECRETIVE))
    tree["cameras"].reverse()
    assert combine(installed(SECRETIVE), yaml.safe_dump(tree)).config is None


TRICKY = ("on", "no", "~", "null", "1e3", "007", "22:00", "-.5", ".inf", "0x1f", "1_000", "=", "<<", "a: b", "# a")
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**17), 10**17)
    | st.floats(allow_nan=False, allow_infinity=False, min_value=-1e12, max_value=1e12).filter(
        lambda number: number == 0 or abs(number) > 1e-12  # our reader takes 30 digits
    )
    | st.text(st.characters(blacklist_categories=("Cc", "Cs", "Zl", "Zp"), blacklist_characters="\ufeff"), max_size=40)
    | st.sampled_from(TRICKY),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text("abc-xyz019 ", max_size=8), inner, max_size=4),
    max_leaves=12,
)


@given(VALUES)
def test_our_reader_reads_what_is_written(value: Any) -> None:
    text = yaml.dump({"it": value}, Dumper=_Plain, allow_unicode=True, default_flow_style=None, width=1_000_000)
    document = read_document(text)
    assert document.data == {"it": value}, text
    assert document.faults == [], text
