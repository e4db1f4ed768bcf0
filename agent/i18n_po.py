"""Every written-out pair as a gettext catalogue, for translators and their tools: `python -m agent.i18n_po > vi.po`.

An export only: what runs are the pairs in the code (docs/decisions/0032). Gaps of f-strings become {0}, {1} in order.
"""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parent.parent
HEADER = (
    'msgid ""\nmsgstr ""\n"Language: vi\\n"\n"MIME-Version: 1.0\\n"\n"Content-Type: text/plain; charset=UTF-8\\n"\n'
)


def pairs(path: Path) -> Iterator[tuple[int, str, str]]:
    """Line, English and Vietnamese of each `Text(en=..., vi=...)` and each docstring of a setting with a `vi:` line."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Text":
            words = {word.arg: _words(word.value) for word in node.keywords}
            en, vi = words.get("en"), words.get("vi")
            if en and vi:
                yield node.lineno, en, vi
        elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
            en, mark, vi = node.value.value.partition("\n    vi: ")
            if mark:
                yield node.lineno, " ".join(en.split()), " ".join(vi.split())


def _words(node: ast.expr) -> str | None:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if not isinstance(node, ast.JoinedStr):
        return None
    gaps = iter(range(99))
    return "".join(str(part.value) if isinstance(part, ast.Constant) else f"{{{next(gaps)}}}" for part in node.values)


def _quoted(words: str) -> str:
    told = words.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\t", "\\t")
    return f'"{told}"'


def catalogue(root: Path = ROOT) -> str:
    """The whole .po: each English wording once per Vietnamese one; a second one gets a context of its own."""
    places: dict[tuple[str, str], list[str]] = {}
    for path in sorted((*(root / "agent").rglob("*.py"), *(root / "deploy").rglob("*.py"))):
        for line, en, vi in pairs(path):
            places.setdefault((en, vi), []).append(f"{path.relative_to(root)}:{line}")
    parts, seen = [HEADER], set[str]()
    for (en, vi), where in places.items():
        context = f"msgctxt {_quoted(where[0])}\n" if en in seen else ""
        seen.add(en)
        # An end of line must stand at both ends or at none (msgfmt -c).
        same = en.startswith("\n") == vi.startswith("\n") and en.endswith("\n") == vi.endswith("\n")
        told = (en, vi) if same else (en.strip("\n"), vi.strip("\n"))
        lines = "".join(f"#: {place}\n" for place in where[:5])
        parts.append(f"{lines}{context}msgid {_quoted(told[0])}\nmsgstr {_quoted(told[1])}\n")
    return "\n".join(parts)


if __name__ == "__main__":
    sys.stdout.write(catalogue())
