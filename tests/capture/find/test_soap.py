"""The reader of strangers' XML: what is good comes through, each bound holds by itself."""

import xml.etree.ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.capture.find.found import Login
from agent.capture.find.soap import (
    MAX_BYTES,
    MAX_DEPTH,
    MAX_ELEMENTS,
    MAX_TEXT,
    Malformed,
    envelope,
    login_header,
    parse,
)
from agent.clock import Clock
from agent.config.secrets import Secret
from tests.capture.find.test_discovery import BOMB


def test_names_attributes_and_text_without_namespaces() -> None:
    root = parse(b'<x:a xmlns:x="urn:x" x:k="1"><x:b> t&amp;u </x:b><c><b>second</b></c></x:a>')
    assert (root.name, root.attributes, root.word("b"), root.word("c", "b")) == ("a", {"k": "1"}, "t&u", "second")
    assert root.word("none", "b") == "" and [each.text for each in root.all("b")] == [" t&u ", "second"]


@pytest.mark.parametrize(
    ("text", "number"), [("15", 15), ("29.97", 29), ("-1", 0), ("1e9", 0), ("\u0663", 0), ("9" * 9, 0)]
)
def test_numbers(text: str, number: int) -> None:
    assert parse(f"<a><n>{text}</n></a>".encode()).number("n") == number


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (BOMB, "document type"),
        (b'<!DOCTYPE a SYSTEM "file:///etc/hostname"><a/>', "document type"),
        (b"<a>" + b" " * MAX_BYTES + b"</a>", "too large"),
        (b"<a>" + b"<b/>" * MAX_ELEMENTS + b"</a>", "too many elements"),
        (b"<a>" * (MAX_DEPTH + 1) + b"</a>" * (MAX_DEPTH + 1), "too many elements"),
        (b"<a>&lol;</a>", "ExpatError"),
        (b"", "ExpatError"),
        (b'<?xml version="1.0" encoding="klingon"?><a/>', "LookupError"),
    ],
)
def test_what_is_refused(data: bytes, reason: str) -> None:
    with pytest.raises(Malformed, match=reason):
        parse(data)


def test_long_text_is_cut() -> None:
    root = parse(b"<a>" + b"x\n" * 50_000 + b"</a>")
    assert len(root.text) == MAX_TEXT


@given(st.binary(max_size=300))
def test_any_bytes_are_an_element_or_malformed(data: bytes) -> None:
    for each in (data, b"<a>" + data + b"</a>"):
        try:
            root = parse(each)
        except Malformed:
            continue
        assert root.name and all(len(element.text) <= MAX_TEXT for element in root.walk())


def test_a_name_in_the_login_cannot_break_out() -> None:
    header = login_header(Login("a</x>&<b", Secret("word")), Clock(), 0)
    root = ET.fromstring(envelope("<q/>", header))
    names = [element.text for element in root.iter() if element.tag.endswith("}Username")]
    assert names == ["a</x>&<b"] and "word" not in header.replace("Password", "")
