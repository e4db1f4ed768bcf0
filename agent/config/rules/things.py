"""Rules about what lies or stands: put there, left behind, taken away; and about the camera's own view."""

from typing import Literal

from pydantic import Field
from pydantic.json_schema import SkipJsonSchema

from agent.config.classes import Classes, ClassName
from agent.config.labels import PERSON, STREET_GOODS, VEHICLES
from agent.config.rules.base import BaseRule, ZoneRule
from agent.config.units import Seconds, Share
from agent.values import Severity


class EncroachmentRule(ZoneRule):
    """Something that was not there before occupies a zone longer than `after`, vehicle or not.

    vi: Một thứ trước đó không có chiếm chỗ trong vùng lâu hơn `after`, là xe hay không cũng vậy.
    """

    rule: Literal["encroachment"]
    classes: Classes = (*VEHICLES, *STREET_GOODS)
    """What counts, by COCO class name; what no model knows counts always.
    vi: Những gì được tính, ghi bằng tên loại của COCO; vật mà không mô hình nào biết thì luôn được tính.
    """
    after: Seconds = Field(default=600.0, ge=5, le=86400)
    """How long it may stay.
    vi: Được để đó bao lâu.
    """
    cooldown: Seconds = Field(default=300.0, le=86400)
    """Quiet time after an event before the next of the same rule.
    vi: Thời gian im lặng sau một sự kiện, trước sự kiện kế tiếp của cùng luật.
    """


class DumpingRule(ZoneRule):
    """An object stays in a zone after the person or vehicle that brought it has left.

    vi: Một vật còn lại trong vùng sau khi người hay xe mang nó đến đã đi.
    """

    rule: Literal["dumping"]
    classes: Classes = (*PERSON, *VEHICLES)
    """Who may have brought it, by COCO class name; `min_age`, `min_travel` and `min_score` are about them.
    vi: Ai có thể đã mang đến, ghi bằng tên loại của COCO; `min_age`, `min_travel` và `min_score` là về họ.
    """
    after: Seconds = Field(default=30.0, ge=5, le=86400)
    """How long it must lie there after all who brought it have left.
    vi: Vật phải nằm đó bao lâu sau khi mọi người mang nó đến đã đi.
    """


class ObjectRemovedRule(ZoneRule):
    """A standing vehicle, or anything in the named zone, goes away within the schedule; it tells who was near.

    vi: Xe đang đỗ, hoặc vật bất kỳ trong vùng được ghi tên, bị lấy đi đúng khung giờ; luật cho biết ai đã ở gần.
    """

    rule: Literal["object_removed"]
    classes: Classes = VEHICLES
    """What is watched, by COCO class name. With a `zone`, also whatever no model knows.
    vi: Canh những gì, ghi bằng tên loại của COCO. Có `zone` thì canh cả vật mà không mô hình nào biết.
    """
    stood: Seconds = Field(default=60.0, ge=5, le=86400)
    """Only what stood there for at least this long.
    vi: Chỉ tính những gì đã đứng đó ít nhất chừng này.
    """


class TamperRule(BaseRule):
    """The camera's view is covered, moved, blurred, blinded or too dark for longer than `after`.

    vi: Tầm nhìn của camera bị che, bị xoay, bị mờ, bị chói hoặc quá tối lâu hơn `after`.
    """

    rule: Literal["tamper"]
    after: Seconds = Field(default=10.0, ge=1, le=3600)
    """For how long; a passing bus is shorter.
    vi: Trong bao lâu; xe buýt đi ngang thì ngắn hơn.
    """
    severity: Severity = Severity.ALERT
    """info, warning or alert.
    vi: info (thông tin), warning (cảnh báo) hoặc alert (báo động).
    """
    # It looks at no track: these are not offered, and refused where they are written (agent/config/meanings.py).
    classes: SkipJsonSchema[tuple[ClassName, ...]] = ()
    """None.
    vi: Không có.
    """
    min_age: SkipJsonSchema[Seconds] = 0.0
    """Not of this rule.
    vi: Luật này không có.
    """
    min_travel: SkipJsonSchema[Share] = 0.0
    """Not of this rule.
    vi: Luật này không có.
    """
    min_score: SkipJsonSchema[Share] = 0.0
    """Not of this rule.
    vi: Luật này không có.
    """
