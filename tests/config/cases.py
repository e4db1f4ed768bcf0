"""The table of mistakes: a configuration with one mistake, where it is told, and part of the line in both languages."""

from typing import Any

import pytest

from tests.config.files import MINIMAL, with_camera

RULE = "    rules:\n      - rule: intrusion\n        zone: san\n"


def rules(lines: str) -> str:
    return MINIMAL.replace(RULE, "    rules:\n" + "".join(f"      {line}\n" for line in lines.splitlines()))


def node(line: str) -> str:
    return MINIMAL.replace("  id: node-1\n", f"  id: node-1\n  {line}\n")


def mqtt(line: str) -> str:
    return MINIMAL.replace("  url: mqtts://ward.example:8883\n", f"  {line}\n")


MASK = "privacy_masks: {nha: [[0, 0], [0.2, 0], [0.2, 0.3]]}"
URL = "url: mqtts://ward.example:8883\n  "


def case(name: str, text: str, place: str, en: str, vi: str) -> Any:
    """One row; `place` is line:col and path."""
    return pytest.param(text, place, en, vi, id=name)


CASES = [
    case("unknown key", node("timezon: x"),
         "4:3 node.timezon", "did you mean `timezone`?", "có phải ý bạn là `timezone`?"),
    case("key of another section", node("budget: 1GB"),
         "4:3 node.budget", "it belongs into `footage`", "nằm trong mục `footage`"),
    case("nothing near", node("qqq: 1"),
         "4:3 node.qqq", "known here: ward, id", "ở đây có: ward, id"),
    case("password", mqtt(URL + "password: x"),
         "6:3 mqtt.password", "`password_file`", "tệp riêng"),
    case("number without unit", mqtt(URL + "keepalive: 30"),
         "6:14 mqtt.keepalive", 'write the unit too, like "10s"', "ghi cả đơn vị"),
    case("unknown unit", mqtt(URL + "keepalive: 10 sec"),
         "6:14 mqtt.keepalive", 'did you mean "10s"?', "cần một số kèm đơn vị"),
    case("range in units", mqtt(URL + "keepalive: 2h"),
         "6:14 mqtt.keepalive", "at most 1h", "nhiều nhất là 1h"),
    case("wrong unit", MINIMAL + "footage:\n  budget: 10mb\n",
         "15:11 footage.budget", 'did you mean "10MB"?', "10MB"),
    case("size out of range", MINIMAL + "footage:\n  budget: 9MB\n",
         "15:11 footage.budget", "at least 10MB", "ít nhất là 10MB"),
    case("port in address", mqtt("url: mqtts://ward:70000"),
         "5:8 mqtt.url", "port from 1 to 65535", "cổng từ 1 đến 65535"),
    case("port", MINIMAL + "page:\n  port: 70000\n",
         "15:9 page.port", "at most 65535", "nhiều nhất là 65535"),
    case("quoted number", MINIMAL + "page: {port: '80'}\n",
         "14:14 page.port", "write it without quotes: 80", "không có dấu nháy"),
    case("octal", MINIMAL + "page: {port: 010}\n",
         "14:14 page.port", "leading zero: 10", "bỏ số 0 ở đầu"),
    case("sexagesimal", MINIMAL + "page: {port: 22:00}\n",
         "14:14 page.port", "expected a whole number, not a text", "số nguyên"),
    case("decimal comma", MINIMAL + "detection: {score: '0,5'}\n",
         "14:20 detection.score", "use a point: 0.5", "dấu chấm"),
    case("empty section", MINIMAL + "page:\n",
         "14:1 page", "nothing is written here", "chưa ghi gì"),
    case("missing", mqtt("prefix: camera"),
         "4:1 mqtt.url", "must be given", "bắt buộc phải có"),
    case("missing in a list", MINIMAL.replace("    source: rtsp://192.168.1.64/main\n", ""),
         "7:5 cameras[0].source", "must be given", "thiếu"),
    case("duplicate key", MINIMAL + "node:\n  id: b\n",
         "14:1 node", "stands twice, first on line 1", "bị ghi hai lần"),
    case("number for text", node("label: 12"),
         "4:10 node.label", 'write it in quotes: "12"', 'đặt trong dấu nháy: "12"'),
    case("number for a choice", mqtt(URL + "protocol: 5"),
         "6:13 mqtt.protocol", 'write it in quotes: "5"', "phải là một trong: auto, 5"),
    case("choice", mqtt(URL + "protocol: aut"),
         "6:13 mqtt.protocol", "did you mean auto?", "có phải ý bạn là auto?"),
    case("on", with_camera("loop: on"),
         "9:11 cameras[0].loop", "did you mean true?", "cần true hoặc false"),
    case("not a section", with_camera("v4l2: 5"),
         "9:11 cameras[0].v4l2", "expected a section with keys, not 5", "cần một mục"),
    case("not a mapping", with_camera("lines: []"),
         "9:12 cameras[0].lines", "expected a section with keys, not a list", "một mục"),
    case("not a list", MINIMAL.replace("      - rule: intrusion\n        zone: san\n", "      zone: san\n"),
         "12:7 cameras[0].rules", "expected a list, not a section", "cần một danh sách"),
    case("identifier", MINIMAL.replace("id: cong", "id: Cổng trước"),
         "7:9 cameras[0].id", "did you mean cong-truoc?", "chữ thường"),
    case("time zone", node("timezone: Asia/Hanoi"),
         "4:13 node.timezone", "unknown time zone 'Asia/Hanoi'", "không có múi giờ"),
    case("half a place", node("latitude: 10.7"),
         "4:13 node.latitude", "`longitude` is missing", "thiếu `longitude`"),
    case("unknown rule", rules("- rule: intrusoin"),
         "12:15 cameras[0].rules[0].rule", "did you mean intrusion?", "phải là một trong: intrusion"),
    case("no rule", rules("- zone: san"),
         "12:9 cameras[0].rules[0]", "`rule` must be given", "thiếu `rule`"),
    case("rule is no section", rules("- 5"),
         "12:9 cameras[0].rules[0]", "expected a section", "cần một mục"),
    case("unknown zone", rules("- {rule: intrusion, zone: sna}"),
         "12:33 cameras[0].rules[0].zone", "did you mean san?", "không có vùng tên 'sna'"),
    case("unknown line", rules("- {rule: line_crossing, line: x}"),
         "12:37 cameras[0].rules[0].line", "no line is called 'x'", "không có vạch"),
    case("range", rules("- {rule: crowd, count: 1}"),
         "12:30 cameras[0].rules[0].count", "at least 2", "ít nhất là 2"),
    case("severity", rules("- {rule: crowd, severity: hot}"),
         "12:33 cameras[0].rules[0].severity", "info, warning, alert", "phải là một trong"),
    case("class", rules("- {rule: intrusion, classes: [xe máy]}"),
         "12:37 cameras[0].rules[0].classes[0]", "did you mean motorcycle?", "không có loại vật thể"),
    case("no class", rules("- {rule: intrusion, classes: []}"),
         "12:36 cameras[0].rules[0].classes", "at least 1 item", "ít nhất 1 phần tử"),
    case("hours", rules("- {rule: intrusion, schedule: {hours: 22:00}}"),
         "12:45 cameras[0].rules[0].schedule.hours", 'expected hours like "22:00-05:00"', "cần khung giờ"),
    case("after midnight", rules("- {rule: intrusion, schedule: {hours: '20:00-24:30'}}"),
         "12:45 cameras[0].rules[0].schedule.hours", "expected hours", "cần khung giờ"),
    case("weekday", rules("- {rule: intrusion, schedule: {days: [Monday]}}"),
         "12:45 cameras[0].rules[0].schedule.days[0]", "did you mean mon?", "không có thứ"),
    case("pixels", MINIMAL.replace("san: [[0.1, 0.5],", "san: [[64, 0.5],"),
         "10:13 cameras[0].zones.san[0]", "not pixels", "không phải điểm ảnh"),
    case("bow tie", MINIMAL.replace("[0.9, 1.0], [0.1, 1.0]", "[0.1, 1.0], [0.9, 1.0]"),
         "10:12 cameras[0].zones.san", "edges cross", "cắt nhau"),
    case("two corners", MINIMAL.replace(", [0.9, 1.0], [0.1, 1.0]", ""),
         "10:12 cameras[0].zones.san", "at least 3 items", "ít nhất 3 phần tử"),
    case("flat zone", MINIMAL.replace(", [0.9, 1.0], [0.1, 1.0]", ", [0.5, 0.5]"),
         "10:12 cameras[0].zones.san", "no area", "không có diện tích"),
    case("line without length", with_camera("lines: {a: [[0.1, 0.1], [0.1, 0.1]]}"),
         "9:16 cameras[0].lines.a", "are the same", "trùng nhau"),
    case("zone's name", MINIMAL.replace("      san: [", "      Sân sau: [").replace("        zone: san\n", ""),
         "10:7 cameras[0].zones.Sân sau", "did you mean san-sau?", "chữ thường"),
    case("password in address", MINIMAL.replace("rtsp://192.168.1.64/main", "rtsp://a:hunter2@1.2.3.4/main"),
         "8:13 cameras[0].source", "a password does not belong in the address", "không được ghi mật khẩu"),
    case("camera address without a scheme", MINIMAL.replace("rtsp://", ""),
         "8:13 cameras[0].source", "needs rtsp:// in front", "phải có rtsp:// ở đầu"),
    case("kind of address", MINIMAL.replace("rtsp:", "http:"),
         "8:13 cameras[0].source", "is not a camera", "không phải camera"),
    case("sub stream", with_camera("sub: /dev/video1"),
         "9:10 cameras[0].sub", "like rtsp://host:port", "rtsp://host:port"),
    case("sub of a USB camera", with_camera("sub: rtsp://h/x").replace("rtsp://192.168.1.64/main", "/dev/video0"),
         "9:10 cameras[0].sub", "only an RTSP camera", "chỉ camera RTSP"),
    case("password without name", with_camera("password_file: /x"),
         "9:20 cameras[0].password_file", "`username` is missing", "thiếu `username`"),
    case("empty path", with_camera("password_file: ''"),
         "9:20 cameras[0].password_file", "expected a file path", "cần đường dẫn tệp"),
    case("zero", with_camera("analysis_fps: 0"),
         "9:19 cameras[0].analysis_fps", "more than 0", "lớn hơn 0"),
    case("cert", MINIMAL + "tls: {cert: /a}\n",
         "14:13 tls.cert", "`key` is missing", "đang thiếu `key`"),
    case("rolls longer than the clip", MINIMAL + "footage: {max_clip: 10s}\n",
         "14:21 footage.max_clip", "must be longer than", "phải dài hơn"),
    case("sha256", MINIMAL + "detection: {sha256: abc}\n",
         "14:21 detection.sha256", "64 digits", "64 ký tự"),
    case("duplicate list", MINIMAL + "cameras: []\n",
         "14:1 cameras", "stands twice", "hai lần"),
    case("no camera", "node: {ward: a, id: b}\nmqtt: {url: mqtts://h}\ncameras: []\n",
         "3:10 cameras", "at least 1 item", "ít nhất 1 phần tử"),
    case("plain mqtt", mqtt("url: mqtt://ward"),
         "5:8 mqtt.url", "write `insecure: true`", "hãy ghi `insecure: true`"),
    case("mask of packets", with_camera(MASK),
         "9:20 cameras[0].privacy_masks", "write `transcode: true`", "không che được vùng riêng tư"),
    case("mask of packets, said", with_camera(MASK + "\ntranscode: false"),
         "9:20 cameras[0].privacy_masks", "already encoded", "hãy ghi `transcode: true`"),
    case("mask in pixels", with_camera("transcode: true\n" + MASK.replace("0.3]", "300]")),
         "10:45 cameras[0].privacy_masks.nha[2]", "divide x by the width", "lấy x chia chiều rộng"),
    case("mask of two points", with_camera("transcode: true\nprivacy_masks: {nha: [[0, 0], [1, 1]]}"),
         "10:26 cameras[0].privacy_masks.nha", "at least 3", "ít nhất 3"),
    case("odd width", with_camera("picamera2: {width: 1281}"),
         "9:24 cameras[0].picamera2.width", "an even number; did you mean 1280?", "số chẵn; có phải ý bạn là 1280?"),
    case("rotation", with_camera("argus: {rotation: 90}"),
         "9:23 cameras[0].argus.rotation", "must be one of: 0, 180", "phải là một trong: 0, 180"),
    case("no such camera", MINIMAL.replace("rtsp://192.168.1.64/main", "picam2"),
         "8:13 cameras[0].source", "did you mean picamera2?", "có phải ý bạn là picamera2?"),
    case("number of a ribbon camera", MINIMAL.replace("rtsp://192.168.1.64/main", "picamera2:x"),
         "8:13 cameras[0].source", "did you mean picamera2", "có phải ý bạn là picamera2"),
    case("no camera at all", MINIMAL.replace("rtsp://192.168.1.64/main", "webcam"),
         "8:13 cameras[0].source", "there is no camera called 'webcam'", "không có camera nào tên 'webcam'"),
]  # fmt: skip
