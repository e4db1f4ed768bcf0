"""The findings for people: one aligned line each, with what to do below it; and as JSON for programs."""

import textwrap
import unicodedata

from agent.contract.answers import CheckRow
from agent.health.checks import title_of
from agent.health.words import counted, duration
from agent.i18n import Language, Text
from agent.tools.doctor.doctor import Diagnosis, Finding

SIGNS = {"ok": "✓", "warn": "!", "error": "✗", "unknown": "?"}
STATES = {
    "ok": Text(en="ok", vi="tốt"),
    "warn": Text(en="mind", vi="lưu ý"),
    "error": Text(en="ERROR", vi="LỖI"),
    "unknown": Text(en="unknown", vi="chưa rõ"),
}
COLOURS = {"ok": "\x1b[32m", "warn": "\x1b[33m", "error": "\x1b[1;31m", "unknown": "\x1b[2m"}
PLAIN = "\x1b[0m"
NARROWEST, WIDEST = 60, 120


def table(diagnosis: Diagnosis, language: Language, width: int, colours: bool) -> str:
    """`width`: columns of the terminal. A finding that the running node did not tell itself has a `*`."""
    width = min(max(width, NARROWEST), WIDEST)
    titles = [_nfc(title_of(finding.row.name).say(language)) for finding in diagnosis.findings]
    states = {state: words.say(language) for state, words in STATES.items()}
    wide = max(map(len, titles), default=0)
    tall = max(map(len, states.values()))
    lines = [head(diagnosis).say(language), ""]
    for finding, title in zip(diagnosis.findings, titles, strict=True):
        row = finding.row
        sign = f"{SIGNS[row.state]} {states[row.state]:<{tall}}"
        shown = f"{COLOURS[row.state]}{sign}{PLAIN}" if colours else sign
        mark = "*" if _own_look(finding, diagnosis) else " "
        indent = tall + wide + 6
        text = textwrap.wrap(_nfc(row.text.text().say(language)), max(width - indent, 20)) or [""]
        lines.append(f"{shown}  {title:<{wide}}{mark} {text[0]}")
        lines += [" " * indent + rest for rest in text[1:]]
        if row.remedy is not None and row.state != "ok":
            lines.append(" " * (indent - 2) + "→ " + _nfc(row.remedy.text().say(language)))
    return "\n".join([*lines, "", foot(diagnosis).say(language)])


def head(diagnosis: Diagnosis) -> Text:
    """Which node, and from whom the findings are."""
    node = f"{diagnosis.node} · {diagnosis.ward}"
    if diagnosis.age_s is None:
        return Text(
            en=f"{node}: the node does not run here; what follows was looked at just now",
            vi=f"{node}: thiết bị hiện không chạy; dưới đây là kết quả vừa kiểm tra",
        )
    ago = duration(diagnosis.age_s)
    return Text(
        en=f"{node}: as the running node reported {ago.en} ago (* looked at just now)",
        vi=f"{node}: theo báo cáo của thiết bị đang chạy, {ago.vi} trước (* vừa kiểm tra)",
    )


def foot(diagnosis: Diagnosis) -> Text:
    """How many of each."""
    count = {state: sum(finding.row.state == state for finding in diagnosis.findings) for state in STATES}
    if not count["error"] and not count["warn"]:
        return Text(en="Nothing to do.", vi="Không có việc gì phải làm.")
    errors = counted(count["error"], "error")
    return Text(
        en=f"{errors}, {count['warn']} to mind, {count['ok']} well, {count['unknown']} unknown",
        vi=f"{count['error']} lỗi, {count['warn']} lưu ý, {count['ok']} tốt, {count['unknown']} chưa rõ",
    )


def as_json(diagnosis: Diagnosis, version: str) -> dict[str, object]:
    """`source`: node (the running node told it) or here (this command looked)."""
    return {
        "schema": "doctor/1",
        "node": diagnosis.node,
        "ward": diagnosis.ward,
        "version": version,
        "running": diagnosis.age_s is not None,
        "age_s": None if diagnosis.age_s is None else round(diagnosis.age_s, 1),
        "ok": diagnosis.well,
        "checks": [_check(finding.row) | {"source": finding.source} for finding in diagnosis.findings],
    }


def _check(row: CheckRow) -> dict[str, object]:
    title = title_of(row.name)
    return {
        "name": row.name,
        "title": {"vi": title.vi, "en": title.en},
        "state": row.state,
        "text": {"vi": row.text.vi, "en": row.text.en},
        "remedy": None if row.remedy is None else {"vi": row.remedy.vi, "en": row.remedy.en},
    }


def _own_look(finding: Finding, diagnosis: Diagnosis) -> bool:
    return diagnosis.age_s is not None and finding.source == "here"


def _nfc(text: str) -> str:
    """One code point per letter, so that columns are as wide as they look."""
    return unicodedata.normalize("NFC", text)
