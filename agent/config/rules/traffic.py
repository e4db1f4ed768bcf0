"""Rules about vehicles: standing, driving the wrong way, hardly moving, running into each other."""

from collections.abc import Iterator, Mapping
from typing import Any, Literal

from pydantic import Field

from agent.config.classes import Classes
from agent.config.labels import PERSON, VEHICLES
from agent.config.rules.base import ZoneRule
from agent.config.shapes import Arrow
from agent.config.units import Number, Problem, Seconds, Whole
from agent.i18n import Text
from agent.values import Severity


class ParkingRule(ZoneRule):
    """A vehicle stands in a zone longer than `after`.

    vi: Xe đứng trong vùng lâu hơn `after`.
    """

    rule: Literal["parking"]
    classes: Classes = VEHICLES
    """What it looks at, by COCO class name.
    vi: Nhìn những gì, ghi bằng tên loại của COCO.
    """
    after: Seconds = Field(default=300.0, le=86400)
    """How long it may stand.
    vi: Được đứng bao lâu.
    """


class WrongWayRule(ZoneRule):
    """A vehicle moves against the direction of its zone.

    vi: Xe đi ngược chiều của vùng.
    """

    rule: Literal["wrong_way"]
    direction: Arrow
    """The right way, as an arrow drawn on the picture: [[x, y], [x, y]], from where traffic comes to where it goes.
    vi: Chiều đúng, là mũi tên vẽ trên khung hình: [[x, y], [x, y]], từ nơi xe đến tới nơi xe đi.
    """
    tolerance: Number = Field(default=60.0, ge=5, le=85)
    """How many degrees off the exact opposite still count as against the arrow.
    vi: Lệch bao nhiêu độ so với hướng ngược hẳn thì vẫn tính là đi ngược.
    """
    after: Seconds = Field(default=1.0, le=600)
    """For how long it must go against the arrow.
    vi: Phải đi ngược mũi tên trong bao lâu.
    """
    lengths: Number = Field(default=1.0, ge=0.5, le=50)
    """How far it must go against the arrow, in its own lengths as seen in the picture.
    vi: Phải đi ngược mũi tên bao xa, tính bằng chiều dài của chính xe trong hình.
    """
    classes: Classes = VEHICLES
    """What it looks at, by COCO class name.
    vi: Nhìn những gì, ghi bằng tên loại của COCO.
    """


class CongestionRule(ZoneRule):
    """At least `count` vehicles in a zone are slower than `speed` for `after`.

    vi: Ít nhất `count` xe trong vùng chậm hơn `speed` suốt `after`.
    """

    rule: Literal["congestion"]
    count: Whole = Field(default=5, ge=2, le=500)
    """How many slow vehicles are a jam.
    vi: Bao nhiêu xe chậm thì là ùn tắc.
    """
    speed: Number = Field(default=0.3, gt=0, le=10)
    """Slower than this is slow. In own lengths per second: a car at 0.3 needs over three seconds for its length.
    vi: Chậm hơn mức này là chậm. Tính bằng số lần chiều dài của chính xe mỗi giây: ô tô ở mức 0.3 cần hơn ba giây để đi
    hết một thân xe.
    """
    after: Seconds = Field(default=60.0, le=86400)
    """For how long; longer than one red light.
    vi: Trong bao lâu; nên dài hơn một lượt đèn đỏ.
    """
    classes: Classes = VEHICLES
    """What it looks at, by COCO class name.
    vi: Nhìn những gì, ghi bằng tên loại của COCO.
    """
    severity: Severity = Severity.INFO
    """info, warning or alert.
    vi: info (thông tin), warning (cảnh báo) hoặc alert (báo động).
    """
    cooldown: Seconds = Field(default=300.0, le=86400)
    """Quiet time after an event before the next of the same rule.
    vi: Thời gian im lặng sau một sự kiện, trước sự kiện kế tiếp của cùng luật.
    """


class CollisionRule(ZoneRule):
    """Experimental, with false alarms: two that met stop abruptly, and then stay still or people gather. Measured on
    rendered scenes only: 5 of 5 found, a second late, and a queue that braked hard told falsely in one of 4 scenes.

    vi: Thử nghiệm, có báo nhầm: hai bên gặp nhau thì dừng đột ngột, rồi đứng yên hoặc có người tụ lại. Mới đo trên cảnh
    dựng: thấy 5 trong 5, muộn một giây, và báo nhầm một hàng xe phanh gấp trong 4 cảnh tương tự.
    """

    rule: Literal["collision"]
    classes: Classes = (*VEHICLES, *PERSON)
    """What may collide, by COCO class name; one of the two is always a vehicle.
    vi: Những gì có thể va nhau, ghi bằng tên loại của COCO; luôn có một bên là xe.
    """
    after: Seconds = Field(default=8.0, ge=1, le=600)
    """How long they stay still afterwards.
    vi: Sau đó đứng yên bao lâu.
    """
    gathering: Whole = Field(default=3, ge=2, le=50)
    """So many people around them tell it too, without waiting for `after`.
    vi: Có bấy nhiêu người vây quanh cũng là dấu hiệu, không cần chờ hết `after`.
    """
    cooldown: Seconds = Field(default=60.0, le=86400)
    """Quiet time after an event before the next of the same rule.
    vi: Thời gian im lặng sau một sự kiện, trước sự kiện kế tiếp của cùng luật.
    """

    @classmethod
    def problems(cls, data: Mapping[str, Any]) -> Iterator[Problem]:
        """Two people who run into each other are no collision of traffic."""
        classes = data.get("classes")
        if isinstance(classes, list | tuple) and classes and not set(VEHICLES) & {str(each) for each in classes}:
            text = Text(
                en="one of the two is always a vehicle; none is among the classes",
                vi="va chạm giao thông luôn có một bên là xe; trong classes không có loại xe nào",
            )
            yield Problem(("classes",), text, Text(en="add for example motorcycle, car", vi="hãy thêm motorcycle, car"))
