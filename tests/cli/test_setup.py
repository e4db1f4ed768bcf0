"""What `camera-agent setup` tells a person; that it opens the page: tests/installer/setup/test_living.py."""

import os

import pytest

from agent.cli import setup
from agent.config.setup import SetupSection
from agent.installer.setup.opening import Opening
from agent.installer.web.codes import LENGTH, code_of, new_code, plain, shown


@pytest.fixture(autouse=True)
def addresses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(setup, "own_addresses", lambda: ("10.42.0.1", "192.168.1.20", "2001:db8::7"))
    monkeypatch.setattr(setup, "host_name", lambda: "cong.local")


def test_the_addresses_are_those_on_which_it_listens() -> None:
    every = setup.urls_of(SetupSection(), 8443)
    assert every == ["https://10.42.0.1:8443/", "https://192.168.1.20:8443/", "https://cong.local:8443/"]
    assert "https://[2001:db8::7]:8443/" in setup.urls_of(SetupSection(listen="::"), 8443)
    assert setup.urls_of(SetupSection(listen="192.168.1.20"), 1) == ["https://192.168.1.20:1/"]


def test_a_person_is_told_address_code_time_and_fingerprint(monkeypatch: pytest.MonkeyPatch) -> None:
    opening = Opening("boot", 0.0, 1800.0, "command", fingerprint="0a" * 32, port=8443)
    for language, words in (("vi", "dùng một lần"), ("en", "works once")):
        monkeypatch.setitem(os.environ, "CAMERA_AGENT_LANG", language)
        told = setup.told_of(opening, ["https://192.168.1.20:8443/"], "ABCD1234", 1800.0)
        assert words in told and "ABCD-1234" in told and "0A:0A:0A" in told and "30" in told


def test_the_picture_of_the_address_holds_no_code() -> None:
    pytest.importorskip("segno")
    assert setup.qr("https://192.168.1.20:8443/") == setup.qr("https://192.168.1.20:8443/") != setup.qr("https://x/")


def test_codes_are_read_as_people_write_them() -> None:
    code = new_code()
    assert len(code) == LENGTH and plain(shown(code)) == code and len({new_code() for _ in range(200)}) == 200
    kept = code_of("0OIL-abcd")
    assert kept.fits("oo11 ABCD") and kept.fits("001 1-abcd") and not kept.fits("001-abcd") and not kept.fits("")
    assert code_of(code) != code_of(code), "salted"
