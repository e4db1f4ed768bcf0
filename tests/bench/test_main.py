"""`python -m bench`: a package that one benchmark lacks keeps no other from running, and is told in a line."""

import json
import sys

import pytest

from bench.__main__ import find, main, names


def test_all_that_are_named_are_benchmarks() -> None:
    assert {"detection", "motion", "consumer", "config_errors"} <= set(names())
    assert "truth" not in names()
    assert callable(find("config_errors"))


def test_a_missing_package_is_told_with_what_brings_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delitem(sys.modules, "bench.consumer", raising=False)
    monkeypatch.setitem(sys.modules, "psycopg", None)
    assert main(["consumer", "--quick"]) == 1
    told = capsys.readouterr()
    assert told.err.startswith("consumer: ") and "psycopg" in told.err and "make bench NAME=consumer" in told.err
    assert "psycopg" in json.loads(told.out.splitlines()[-1])["error"]
