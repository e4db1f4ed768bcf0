"""Rules about people: where they are, how long, how many, what they do."""

from typing import Literal

from pydantic import Field

from agent.config.rules.base import BaseRule, ZoneRule
from agent.config.units import Flag, Seconds, Whole
from agent.values import Severity


class IntrusionRule(ZoneRule):
    """A class is inside a zone within the schedule.

    vi: Có vật thuộc `classes` trong vùng, đúng khung giờ.
    """

    rule: Literal["intrusion"]
    severity: Severity = Severity.ALERT
    """info, warning or alert.
    vi: info (thông tin), warning (cảnh báo) hoặc alert (báo động).
    """


class LineCrossingRule(BaseRule):
    """A track crosses a line. From the line's first point to its second, `in` is from left to right.

    vi: Có vật đi qua một vạch. Nhìn từ điểm thứ nhất của vạch sang điểm thứ hai thì `in` là từ trái sang phải.
    """

    rule: Literal["line_crossing"]
    line: str
    """The line's name.
    vi: Tên vạch.
    """
    direction: Literal["both", "in", "out"] = "both"
    """Which way makes an event; both ways are counted.
    vi: Đi chiều nào thì thành sự kiện; số lượt của cả hai chiều đều được đếm.
    """
    severity: Severity = Severity.INFO
    """info, warning or alert.
    vi: info (thông tin), warning (cảnh báo) hoặc alert (báo động).
    """
    cooldown: Seconds = Field(default=0.0, le=86400)
    """Quiet time after an event; crossings are counted all the same.
    vi: Thời gian im lặng sau một sự kiện; lượt qua vạch vẫn được đếm.
    """
    clip: Flag = False
    """Send footage of it.
    vi: Gửi kèm đoạn video.
    """

    @property
    def place(self) -> str | None:
        """The line."""
        return self.line


class LoiteringRule(ZoneRule):
    """A person stays in a zone longer than `after`.

    vi: Một người ở trong vùng lâu hơn `after`.
    """

    rule: Literal["loitering"]
    after: Seconds = Field(default=60.0, le=86400)
    """How long is too long.
    vi: Bao lâu là quá lâu.
    """


class CrowdRule(ZoneRule):
    """At least `count` of the classes in a zone for `after`.

    vi: Có ít nhất `count` người hay vật thuộc `classes` trong vùng suốt `after`.
    """

    rule: Literal["crowd"]
    count: Whole = Field(default=10, ge=2, le=500)
    """How many are a crowd.
    vi: Bao nhiêu thì là đám đông.
    """
    after: Seconds = Field(default=10.0, le=86400)
    """For how long they must be there.
    vi: Phải ở đó bao lâu.
    """


class FightRule(ZoneRule):
    """Experimental, with false alarms: `count` people close together move fast and to and fro for `after`. Measured on
    rendered scenes only: 5 of 5 found, 2 to 8 seconds late, none told falsely in 4 scenes of people who hug, queue or
    run past.

    vi: Thử nghiệm, có báo nhầm: `count` người ở sát nhau di chuyển nhanh, qua lại suốt `after`. Mới đo trên cảnh dựng:
    thấy 5 trong 5, muộn 2 đến 8 giây, không báo nhầm trong 4 cảnh người ôm nhau, xếp hàng hay chạy ngang qua.
    """

    rule: Literal["fight"]
    count: Whole = Field(default=2, ge=2, le=50)
    """How many of those close together must move like that.
    vi: Trong số những người ở sát nhau, bao nhiêu người phải di chuyển như vậy.
    """
    after: Seconds = Field(default=3.0, ge=1, le=600)
    """For how long.
    vi: Trong bao lâu.
    """
    cooldown: Seconds = Field(default=60.0, le=86400)
    """Quiet time after an event before the next of the same rule.
    vi: Thời gian im lặng sau một sự kiện, trước sự kiện kế tiếp của cùng luật.
    """
