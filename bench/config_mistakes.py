"""Kinds of mistakes that people make in a configuration: each as a file with this one mistake and where it stands."""

from dataclasses import dataclass

from agent.config.reference import MINIMAL

RULE = "      - rule: intrusion\n        zone: san\n"
ZONE = "[[0.1, 0.5], [0.9, 0.5], [0.9, 1.0], [0.1, 1.0]]"


@dataclass(frozen=True, slots=True)
class Kind:
    """`text` is wrong at `place` (line:col). `mended` is only given where no rule of a machine can follow the words:
    the remedy then has to name all `tokens`.
    """

    name: str
    text: str | bytes
    place: str
    mended: str = ""
    tokens: tuple[str, ...] = ()


def swap(old: str, new: str) -> str:
    """The minimal node with one thing otherwise."""
    if old not in MINIMAL:
        raise ValueError(old)
    return MINIMAL.replace(old, new, 1)


def node(line: str) -> str:
    """With one more line in `node`, its fourth."""
    return swap("  id: node-1\n", f"  id: node-1\n  {line}\n")


KINDS = (
    Kind("tab in front of a line", swap("  ward", "\tward"), "2:1"),
    Kind("indented too far", swap("  id: node-1", "   id: node-1"), "3:4"),
    Kind("indented too little", swap("        zone: san", "      zone: san"), "14:7"),
    Kind("colon missing", swap("ward: phuong-1", "ward phuong-1"), "2:7"),
    Kind("colon missing behind a section", swap("node:\n", "node\n"), "1:5"),
    Kind("equals sign", swap("ward: phuong-1", "ward = phuong-1"), "2:7"),
    Kind("no space behind the colon", swap("ward: phuong-1", "ward:phuong-1"), "2:8"),
    Kind("no space behind the only colon", swap("{max_days: 30}", "\n  max_days:30"), "7:3"),
    Kind("quote not closed", swap("phuong-1", '"phuong-1'), "2:9"),
    Kind("bracket not closed", swap(ZONE, ZONE[:-1]), "11:12"),
    Kind("brace not closed", swap("{max_days: 30}", "{max_days: 30"), "6:12"),
    Kind("comma missing in a list", swap("0.5], [0.9, 1", "0.5] [0.9, 1"), "11:35"),
    Kind("colon within a text", node("label: Cổng: chợ"), "4:10"),
    Kind("backslash in quotes", node('label: "C:\\home"'), "4:13"),
    Kind("no-break space from a chat", swap("  ward", "\u00a0 ward"), "2:1"),
    Kind("curly quotes from a chat", swap("phuong-1", "“phuong-1”"), "2:9"),
    Kind("long dash from a document", swap("- rule", "– rule"), "13:7"),
    Kind("UTF-16", MINIMAL.encode("utf-16"), "1:1"),
    Kind("key written twice", node("id: node-2"), "4:3"),
    Kind("unknown key, near miss", node("timezon: Asia/Ho_Chi_Minh"), "4:3"),
    Kind("unknown key, nothing near", node("qqq: 1"), "4:3"),
    Kind("key in another section", node("budget: 1GB"), "4:3"),
    Kind("required key missing", swap("  url: mqtts://ward.example:8883\n", "  prefix: camera\n"), "4:1"),
    Kind("required section missing", swap("retention: {max_days: 30}\n", ""), "1:1"),
    Kind("nothing behind the colon", swap("    zones:\n", "    label:\n    zones:\n"), "10:5"),
    Kind("number for a text", node("label: 12"), "4:10"),
    Kind("text for a number", MINIMAL + "page: {port: '80'}\n", "15:14"),
    Kind("decimal comma", MINIMAL + "detection: {score: '0,5'}\n", "15:20"),
    Kind("on for true", swap("    zones:\n", "    loop: on\n    zones:\n"), "10:11"),
    Kind("no for false", MINIMAL + "uplink: {yields: no}\n", "15:18"),
    Kind("out of range", MINIMAL + "page: {port: 70000}\n", "15:14"),
    Kind("out of range, with unit", MINIMAL + "health: {interval: 2h}\n", "15:20"),
    Kind("unit missing", MINIMAL + "health: {interval: 60}\n", "15:20"),
    Kind("unit unknown", MINIMAL + "footage: {budget: 10mb}\n", "15:19"),
    Kind("list where keys belong", swap("  ward: phuong-1\n  id", "  - ward: phuong-1\n  - id"), "2:3"),
    Kind("keys where a list belongs", swap(RULE, "      rule: intrusion\n      zone: san\n"), "13:7"),
    Kind("zone that is not there, near miss", swap("zone: san", "zone: snn"), "14:15"),
    Kind("zone that is not there", swap("zone: san", "zone: via-he"), "14:15"),
    Kind("too few corners", swap(ZONE, "[[0.1, 0.5], [0.9, 0.5]]"), "11:12"),
    Kind("edges that cross", swap(ZONE, "[[0.1, 0.5], [0.9, 1.0], [0.9, 0.5], [0.1, 1.0]]"), "11:12"),
    Kind("pixels for a share", swap("[0.9, 0.5]", "[576, 180]"), "11:25"),
    Kind("schedule by telephone habit", swap(RULE, RULE + "        schedule: {hours: 22h-5h}\n"), "15:27"),
    Kind("weekday in full", swap(RULE, RULE + "        schedule: {days: [monday]}\n"), "15:27"),
    Kind("rule misspelt", swap("rule: intrusion", "rule: intrusoin"), "13:15"),
    Kind("class in Vietnamese", swap("rule: intrusion", "rule: intrusion\n        classes: [xe máy]"), "14:19"),
    Kind("identifier with accents", swap("id: cong", "id: Cổng trước"), "8:9"),
    Kind("address without scheme", swap("mqtts://ward.example:8883", "ward.example:8883"), "5:8"),
    Kind("address of another scheme", swap("mqtts://", "https://"), "5:8"),
    Kind("camera without rtsp://", swap("rtsp://192.168", "192.168"), "9:13"),
    Kind("broker without encryption", swap("mqtts://", "mqtt://"), "5:8",
         swap("mqtts://", "mqtt://") + "insecure: true\n", ("`insecure: true`",)),
    Kind("password in the address", swap("rtsp://192.168", "rtsp://admin:hunter2@192.168"), "9:13",
         swap("/main\n", "/main\n    username: admin\n    password_file: /etc/camera-agent/cong.password\n"),
         ("`username`", "`password_file`")),
    Kind("anchor and alias", MINIMAL + "footage: {pre_roll: &p 5s, post_roll: *p}\n", "15:21",
         MINIMAL + "footage: {pre_roll: 5s, post_roll: 5s}\n", ("`&p`", "`*p`")),
    Kind("time zone that is none", node("timezone: Asia/Hanoi"), "4:13"),
)  # fmt: skip
