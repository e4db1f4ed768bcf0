"""Does this Python fit, and are the packages there that the agent was made for?"""

import re
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, requires, version

OLDEST = (3, 10)
NAME = re.compile(r"[A-Za-z0-9._-]+")
BOUND = re.compile(r"(>=|<)\s*(\d+(?:\.\d+)*)")
MARKER = re.compile(r"""python_version\s*(<|<=|==|>=|>)\s*["'](\d+)\.(\d+)["']""")


@dataclass(frozen=True, slots=True)
class Packages:
    """`missing` and `unfit` name distributions, the latter with the version that is there."""

    python: tuple[int, int]
    venv: bool
    count: int = 0
    missing: tuple[str, ...] = ()
    unfit: tuple[str, ...] = ()


def read_packages(
    wanted: Iterable[str] | None = None, found: Callable[[str], str] = version, python: tuple[int, int] | None = None
) -> Packages:
    """Compare what is installed with what the agent's own metadata ask for. Only `>=` and `<` are looked at."""
    python = python or (sys.version_info.major, sys.version_info.minor)
    asked = [text for text in (_own() if wanted is None else wanted) if _concerns(text, python)]
    missing, unfit = [], []
    for text in asked:
        name = NAME.match(text)
        if name is None:
            continue
        try:
            there = found(name[0])
        except PackageNotFoundError:
            missing.append(name[0])
            continue
        if not _within(there, BOUND.findall(text.partition(";")[0])):
            unfit.append(f"{name[0]} {there}")
    return Packages(python, sys.prefix != sys.base_prefix, len(asked), tuple(missing), tuple(unfit))


def _own() -> list[str]:
    try:
        return requires("camera-agent") or []
    except PackageNotFoundError:  # run from a folder, without having been installed
        return []


def _concerns(text: str, python: tuple[int, int]) -> bool:
    marker = text.partition(";")[2]
    if "extra ==" in marker:
        return False
    told = MARKER.search(marker)
    if told is None:
        return True
    sign, other = told[1], (int(told[2]), int(told[3]))
    return {
        "<": python < other, "<=": python <= other, "==": python == other, ">=": python >= other, ">": python > other,
    }[sign]  # fmt: skip


def _within(there: str, bounds: list[tuple[str, str]]) -> bool:
    have = _numbers(there)
    return all(have >= _numbers(bound) if sign == ">=" else have < _numbers(bound) for sign, bound in bounds)


def _numbers(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", text.partition("+")[0])[:4])
