"""What all rules have, and those about a zone."""

from collections.abc import Mapping
from typing import Any

from pydantic import Field

from agent.config.classes import Classes
from agent.config.labels import PERSON
from agent.config.schedule import Schedule
from agent.config.units import Flag, Identifier, Seconds, Section, Share
from agent.values import Severity


class BaseRule(Section):
    """What every rule has.

    vi: Những gì luật nào cũng có.
    """

    rule: str
    """Which rule it is.
    vi: Đây là luật nào.
    """
    id: Identifier | None = None
    """Its name at the ward; without it the rule's name and its zone or line.
    vi: Tên luật ở phường; không ghi thì là tên loại luật kèm vùng hay vạch.
    """
    classes: Classes = PERSON
    """What it looks at, by COCO class name.
    vi: Nhìn những gì, ghi bằng tên loại của COCO.
    """
    schedule: Schedule = Schedule()
    """When it is on, in the node's local time; always, while the clock is not yet right.
    vi: Khi nào có hiệu lực, theo giờ của thiết bị; đồng hồ chưa đúng thì luôn có hiệu lực.
    """
    severity: Severity = Severity.WARNING
    """info, warning or alert.
    vi: info (thông tin), warning (cảnh báo) hoặc alert (báo động).
    """
    cooldown: Seconds = Field(default=30.0, le=86400)
    """Quiet time after an event before the next of the same rule.
    vi: Thời gian im lặng sau một sự kiện, trước sự kiện kế tiếp của cùng luật.
    """
    min_age: Seconds = Field(default=0.5, le=3600)
    """Ignore tracks younger than this.
    vi: Bỏ qua vật mới được theo dõi ngắn hơn chừng này.
    """
    min_travel: Share = 0.0
    """Ignore tracks that moved less, in picture heights.
    vi: Bỏ qua vật đã di chuyển ít hơn chừng này, tính theo chiều cao khung hình.
    """
    min_score: Share = 0.0
    """Ignore tracks of which the model is less sure.
    vi: Bỏ qua vật mà mô hình ít chắc chắn hơn mức này.
    """
    clip: Flag = True
    """Send footage of it.
    vi: Gửi kèm đoạn video.
    """

    @property
    def place(self) -> str | None:
        """The zone or line it watches."""
        return None

    @property
    def name(self) -> str:
        """The rule's id at the ward."""
        return self.id or default_name(self.rule, self.place)


def default_name(rule: str, place: str | None) -> str:
    """The id of a rule that has none of its own."""
    return "-".join(part for part in (rule.replace("_", "-"), place) if part)


def rule_name(data: Mapping[str, Any]) -> str | None:
    """The id of a rule as written; None when it cannot be told."""
    own, rule = data.get("id"), data.get("rule")
    if own is not None:
        return own if isinstance(own, str) else None
    if not isinstance(rule, str):
        return None
    place = data.get("line" if rule == "line_crossing" else "zone")
    return default_name(rule, place if isinstance(place, str) else None)


class ZoneRule(BaseRule):
    """A rule about a zone; without `zone` it watches the whole picture.

    vi: Luật về một vùng; không ghi `zone` thì xét cả khung hình.
    """

    zone: str | None = None
    """The zone's name; without it the whole picture.
    vi: Tên vùng; không ghi thì là cả khung hình.
    """

    @property
    def place(self) -> str | None:
        """The zone."""
        return self.zone
