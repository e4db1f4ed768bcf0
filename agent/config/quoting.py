"""A line of a configuration in a message: shown as it should be written, with nothing in it that may be a secret."""

import re

from agent.i18n import Text

LONGEST = 100
_KEYS = re.compile(r"(?:^|[\s{,])-?\s*([A-Za-z_][\w-]*)\s*:(?=\s|$)")
_POINTS = re.compile(r"[\s\[\]\d.,{}-]*")  # corners and other numbers
_HEAD = re.compile(r"(\s*(?:- +)?[A-Za-z_][\w-]*\s*:)(\s*)(.*)")
# Settings whose words can be no secret. What stands behind any other is not repeated.
_WORDS = """
node mqtt upload live commands uplink tls cameras detection retention footage spool evidence notice health escalation
page setup household update metrics ward id label language timezone latitude longitude prefix keepalive spread
protocol chunk timeout max_kbps mb_per_day quiet_hours yields insecure transcode encode_cpu privacy_masks analysis_fps
idle loop v4l2 picamera2 argus zones lines rules rule zone line classes schedule days hours severity cooldown min_age
min_travel min_score clip after count direction speed stood gathering tolerance lengths enabled every max_gop width
height fps input_format bitrate_kbps rotation exposure light hdr focus focus_distance family provider score
max_inferences inferences_per_s max_days budget keep_free floor max_held mode memory segment pre_roll post_roll
max_clip messages clips_budget purpose controller contact interval port max
"""
_OPEN = frozenset(_WORDS.split())


def as_written(number: int, line: str) -> Text:
    """`write line 3 as ...`, for a line as it should be."""
    told = shown_line(line)
    if told.endswith("…"):  # the rest may be a secret
        return Text(
            en=f"write line {number} as `{told}` (… may be a password: mend there only what was named)",
            vi=f"hãy ghi dòng {number} là `{told}` (… có thể là mật khẩu nên không in ra: ở đó chỉ sửa chỗ vừa nêu)",
        )
    return Text(en=f"write line {number} as `{told}`", vi=f"hãy ghi dòng {number} là `{told}`")


def shown_line(line: str) -> str:
    """The line without its comment; what may be secret, or is long, is replaced by `…`."""
    line = re.sub(r"\s+#.*$", "", line).rstrip()
    if not line.isprintable():
        return "…"  # what cannot be seen would break the message's own line
    keys = _KEYS.findall(line)
    plain = all(key in _OPEN for key in keys) if keys else _POINTS.fullmatch(line)
    plain = plain or (len(keys) == 1 and _POINTS.fullmatch(line.partition(":")[2]))
    if plain and "://" not in line and "@" not in line and len(line) <= LONGEST:
        return line
    head = _HEAD.match(line)
    if head is None:
        return "…"
    return f"{head.group(1)}{head.group(2) or ' '}…" if head.group(3) else head.group(1)
