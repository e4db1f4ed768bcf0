"""Dependencies point one way: base <- rooms <- pipeline <- app <- tools <- cli. Walks every import."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
BASE = {
    *("values", "errors", "clock", "backoff", "durable", "digest", "worker", "stop", "shrink", "edges", "i18n"),
    "system_words",
    "options",
    "median",
}
READ_BY_ALL = BASE | {"contract", "config"}
ROOMS = {
    "access",
    "capture",
    "motion",
    "view",
    "change",
    "detection",
    "tracking",
    "rules",
    "settings",
    "footage",
    "evidence",
    "spool",
    "uplink",
    "commands",
    "health",
    "identity",
    "installer",
    "update",
    "retire",
}
ALLOWED = {
    **dict.fromkeys(BASE, BASE),
    "config": BASE,
    "contract": BASE | {"config"},
    **dict.fromkeys(ROOMS, READ_BY_ALL),
    "pipeline": READ_BY_ALL | {"motion", "view", "change", "detection", "tracking", "rules"},
    "app": READ_BY_ALL | ROOMS | {"pipeline"},
    "tools": READ_BY_ALL | ROOMS | {"pipeline", "app"},
    "cli": READ_BY_ALL | ROOMS | {"pipeline", "app", "tools"},
    "__main__": {"cli"},
}


def room_of(path: Path) -> str:
    parts = path.relative_to(ROOT / "agent").parts
    return parts[0] if len(parts) > 1 else path.stem


def imported_rooms(path: Path) -> Iterator[tuple[str, int]]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        names: list[str] = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}:{node.lineno}: a relative import hides where it points"
            names = [node.module or ""] if node.module != "agent" else [f"agent.{alias.name}" for alias in node.names]
        for name in names:
            parts = name.split(".")
            if parts[0] == "agent" and len(parts) > 1 and parts[1] != "__version__":
                yield parts[1], getattr(node, "lineno", 0)


def test_no_arrow_points_up_or_sideways() -> None:
    wrong = [
        f"{path.relative_to(ROOT)}:{line}: {room_of(path)} may not import {other}"
        for path in sorted((ROOT / "agent").rglob("*.py"))
        if room_of(path) != "__init__"
        for other, line in imported_rooms(path)
        if other != room_of(path) and other not in ALLOWED[room_of(path)]
    ]
    assert wrong == []


@pytest.mark.parametrize(
    ("call", "rooms"),
    [
        ("threading.Thread", {"worker"}),
        ("time.sleep", set[str]()),
        ("time.time", {"clock"}),
        # health: the datagram to systemd, never outward; discovery: the question to the network of `probe`
        ("socket.socket", {"uplink", "health", "capture/find/discovery.py"}),
    ],
)
def test_calls_that_only_one_place_may_make(call: str, rooms: set[str]) -> None:
    wrong = [
        f"{path.relative_to(ROOT)}: {call}"
        for path in sorted((ROOT / "agent").rglob("*.py"))
        if not {room_of(path), path.relative_to(ROOT / "agent").as_posix()} & rooms
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and ast.unparse(node.func) == call
    ]
    assert wrong == []


def test_the_only_catch_all_is_in_the_worker() -> None:
    wrong = [
        f"{path.relative_to(ROOT)}:{getattr(node, 'lineno', 0)}"
        for path in sorted((ROOT / "agent").rglob("*.py"))
        if path.name != "worker.py"
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ExceptHandler)
        and not is_bare_raise(node.body[-1])  # cleans up and lets it pass
        and (
            node.type is None
            or {"Exception", "BaseException"} & {n.id for n in ast.walk(node.type) if isinstance(n, ast.Name)}
        )
    ]
    assert wrong == []


def is_bare_raise(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Raise) and statement.exc is None


def test_no_file_is_too_long() -> None:
    lengths = {
        str(path.relative_to(ROOT)): len(path.read_text(encoding="utf-8").splitlines())
        for folder in ("agent", "deploy", "bench")
        for path in (ROOT / folder).rglob("*.py")
    }
    assert {name: length for name, length in lengths.items() if length > 400} == {}
