"""node.yaml and nodes.csv become checked node files, each mistake with its place: line and column, row and column.

A table has a header of dotted names (`node.id`, `wifi.password`, `values.camera-ip`), one node a row, over what a
node.yaml gives for all. Cells are text; only where a number or yes/no is wanted they are read as such.
"""

import csv
import io
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from agent.config.document import Document, Mark, read_document
from agent.config.files import read_text
from agent.config.load import section_in
from agent.config.mistakes import InvalidConfig, Mistake
from agent.config.units import Step
from agent.i18n import Text
from deploy.flash.node_file import NodeFile

Steps = tuple[Step, ...]
MOST_ROWS = 2000
NUMBERS = {("retention_days",)}
FLAGS = {("hotspot",), ("household",), ("wifi", "hidden")}
LISTS = {("contact",)}


@dataclass(frozen=True, slots=True)
class NodeSource:
    """One node, and where its values were written: `file` is its node.yaml, `text` that file's text."""

    wanted: NodeFile
    file: Path
    text: str = field(repr=False)
    document: Document = field(repr=False)
    row: str = ""  # "nodes.csv:17" for messages; empty for a single node


def read_node(path: Path) -> NodeSource:
    """Raises InvalidConfig with every mistake."""
    text = _text(path)
    document = read_document(text)
    found = section_in(path, document, NodeFile)
    if isinstance(found, tuple):
        raise InvalidConfig(found)
    return NodeSource(found, path, text, document)


def read_table(table: Path, common: Path | None) -> tuple[NodeSource, ...]:
    """Every row of `table` over what `common` gives. Raises InvalidConfig with every mistake of all rows."""
    text = _text(common) if common else ""
    document = read_document(text) if text else Document(data={})
    if document.faults or not isinstance(document.data, dict):
        found = section_in(common or table, document, NodeFile)
        raise InvalidConfig(found if isinstance(found, tuple) else ())
    rows = list(_rows(table))
    mistakes: list[Mistake] = []
    sources: list[NodeSource] = []
    for row, cells in rows:
        outcome = _of_row(table, row, cells, common, document)
        if isinstance(outcome, NodeFile):
            sources.append(NodeSource(outcome, common or table, text, document, f"{table.name}:{row}"))
        else:
            mistakes += outcome
    named = frozenset(".".join(map(str, steps)) for _, cells in rows for steps in cells)
    mistakes = _once(mistakes, table, named) + list(_repeated(table, rows))
    if mistakes:
        raise InvalidConfig(tuple(dict.fromkeys(sorted(mistakes, key=lambda each: (each.line, each.col)))))
    return tuple(sources)


def _once(mistakes: list[Mistake], table: Path, marks: frozenset[str]) -> list[Mistake]:
    """A name in the header that is no setting is told once, at row 1, and not again for every row."""
    return [
        replace(each, line=1)
        if each.file == table and each.path in marks and each.text.en == "unknown setting"
        else each
        for each in mistakes
    ]


def _text(path: Path) -> str:
    told = read_text(path)
    if isinstance(told, Mistake):
        raise InvalidConfig((told,))
    return told


Cells = dict[Steps, tuple[int, str]]  # what is set, the column it stands in (from 1), the cell


def _rows(table: Path) -> Iterator[tuple[int, Cells]]:
    text = _text(table)
    first = text.splitlines()[0] if text.strip() else ""
    separator = ";" if first.count(";") > first.count(",") else ","  # spreadsheets in Vietnam write semicolons
    try:
        lines = list(csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True))
    except csv.Error as error:
        raise InvalidConfig((Mistake(table, 0, 0, "", _broken(str(error))),)) from error
    if len(lines) < 2:
        raise InvalidConfig((Mistake(table, 1, 1, "", _NO_ROWS),))
    if len(lines) > MOST_ROWS + 1:
        raise InvalidConfig((Mistake(table, MOST_ROWS + 2, 1, "", _TOO_MANY),))
    header = [name.strip() for name in lines[0]]
    doubled = [
        Mistake(table, 1, col, name, _TWICE) for col, name in enumerate(header, 1) if name and name in header[: col - 1]
    ]
    if doubled:
        raise InvalidConfig(tuple(doubled))
    for row, line in enumerate(lines[1:], 2):
        if not any(cell.strip() for cell in line):
            continue
        if len(line) > len(header):
            raise InvalidConfig((Mistake(table, row, len(header) + 1, "", _TOO_LONG),))
        yield (
            row,
            {
                tuple(name.split(".", 1)): (col, cell.strip())
                for col, (name, cell) in enumerate(zip(header, line, strict=False), 1)
                if name and cell.strip()
            },
        )


def _of_row(
    table: Path, row: int, cells: Cells, common: Path | None, document: Document
) -> NodeFile | tuple[Mistake, ...]:
    data: dict[str, Any] = deepcopy(document.data)
    marks: dict[Steps, Mark] = {}
    for steps, (col, cell) in cells.items():
        place = data
        for step in steps[:-1]:
            inner = place.setdefault(str(step), {})
            if not isinstance(inner, dict):
                inner = place[str(step)] = {}
            place = inner
            marks.setdefault(steps[:1], Mark(row, col))
        place[str(steps[-1])] = _value(steps, cell)
        marks[steps] = Mark(row, col)
    whole = Document(data=data, values=marks, keys=dict(marks))
    found = section_in(table, whole, NodeFile)
    if isinstance(found, NodeFile):
        return found
    return tuple(_placed(each, table, row, common, document) for each in found)


def _placed(mistake: Mistake, table: Path, row: int, common: Path | None, document: Document) -> Mistake:
    """What no cell of the row has was written in the common file, or is missing in both: then the row is named."""
    if mistake.line == row:
        return mistake
    steps = tuple(mistake.path.split("."))
    if common is not None and steps in document.values:
        return Mistake(common, *document.values[steps], mistake.path, mistake.text, mistake.hint)
    return Mistake(table, row, 1, mistake.path, mistake.text, mistake.hint)


def _value(steps: Steps, cell: str) -> Any:
    if steps in NUMBERS and cell.isascii() and cell.isdigit():
        return int(cell)
    if steps in FLAGS and cell.lower() in ("true", "yes", "có", "1", "false", "no", "không", "0"):
        return cell.lower() in ("true", "yes", "có", "1")
    if steps in LISTS:
        return [line.strip() for line in cell.split("|")]
    return cell


def _repeated(table: Path, rows: list[tuple[int, Cells]]) -> Iterator[Mistake]:
    """What two nodes must not share."""
    for steps in (("node", "id"), ("hostname",), ("enrol", "token"), ("identity", "key")):
        seen: dict[str, int] = {}
        for row, cells in rows:
            col, cell = cells.get(steps, (0, ""))
            if cell and cell in seen:
                yield Mistake(table, row, col, ".".join(steps), _shared(seen[cell]))
            elif cell:
                seen[cell] = row


def _shared(row: int) -> Text:
    return Text(
        en=f"the same as in row {row}; each node has its own", vi=f"trùng với hàng {row}; mỗi thiết bị phải khác nhau"
    )


def _broken(told: str) -> Text:
    return Text(en=f"this is no table: {told}", vi=f"đây không phải bảng CSV: {told}")


_NO_ROWS = Text(
    en="expected a header (node.id,node.ward,…) and one row per node",
    vi="cần một hàng tiêu đề (node.id,node.ward,…) và mỗi thiết bị một hàng",
)
_TOO_MANY = Text(en=f"more than {MOST_ROWS} rows", vi=f"nhiều hơn {MOST_ROWS} hàng")
_TWICE = Text(en="this column stands twice", vi="cột này bị lặp")
_TOO_LONG = Text(
    en="more cells than the header has columns; put a cell with a comma in it into quotes",
    vi="hàng này có nhiều ô hơn hàng tiêu đề; ô nào có dấu phẩy bên trong thì đặt trong dấu nháy kép",
)
