"""Messages in one plain sentence for people, in both languages; used by `watch` and the local page. Pure."""

import re
from collections import Counter
from collections.abc import Sequence

from agent.contract.event import EventMessage
from agent.contract.faults import CODES, describe
from agent.contract.health import HealthMessage
from agent.contract.messages import AvailabilityMessage, FaultMessage
from agent.i18n import Text
from agent.values import EndReason, Phase, Role

# The workers of one camera, as the node names them: capture-gate, vision-gate-stuck.
CAMERA_SOURCE = re.compile(r"(?:capture|vision)-(?P<cam>.+?)(?:-sub)?(?:-(?:stuck|changed|jumped|tls|encoder))?")
LABELS_VI = {
    "person": "người",
    "bicycle": "xe đạp",
    "car": "ô tô",
    "motorcycle": "xe máy",
    "bus": "xe buýt",
    "train": "tàu hoả",
    "truck": "xe tải",
    "boat": "thuyền",
    "dog": "chó",
    "cat": "mèo",
    "backpack": "ba lô",
    "handbag": "túi xách",
    "suitcase": "va li",
    "motion": "chuyển động",
    "object": "vật thể",
}
PLURALS_EN = {"person": "people", "bus": "buses", "motion": "motion"}
RULES = {
    "intrusion": Text(en="{what} in the forbidden zone{place}", vi="{what} trong vùng cấm{place}"),
    "line_crossing": Text(en="{what} crossed the line{place}{way}", vi="{what} đi qua vạch{place}{way}"),
    "loitering": Text(en="{what} lingering in the zone{place}", vi="{what} nán lại lâu trong vùng{place}"),
    "crowd": Text(en="Crowd in the zone{place}: {what}", vi="Đông người trong vùng{place}: {what}"),
    "parking": Text(en="{what} parked in the zone{place}", vi="{what} đỗ lâu trong vùng{place}"),
    "encroachment": Text(en="{what} taking up room in the zone{place}", vi="{what} lấn chiếm vùng{place}"),
    "dumping": Text(en="{what} left behind in the zone{place}", vi="{what} bị bỏ lại trong vùng{place}"),
    "object_removed": Text(en="{what} taken away{place}", vi="{what} bị lấy đi{place}"),
    "wrong_way": Text(en="{what} going the wrong way{place}", vi="{what} đi ngược chiều{place}"),
    "congestion": Text(en="Traffic jam in the zone{place}: {what}", vi="Ùn tắc trong vùng{place}: {what}"),
    "collision": Text(en="Perhaps a collision{place}: {what}", vi="Nghi va chạm giao thông{place}: {what}"),
    "fight": Text(en="Perhaps a fight{place}: {what}", vi="Nghi xô xát{place}: {what}"),
    "tamper": Text(en="The camera's view is tampered with", vi="Camera bị che, xoay hoặc làm mờ"),
    "test": Text(en="Test event from the setup page: nothing happened", vi="Sự kiện thử từ trang cài đặt: không có gì"),
}
# These tell how many take part where others tell what it is.
COUNTING = {"crowd", "congestion", "collision", "fight"}
VEHICLE_RULES = {"parking", "wrong_way", "congestion"}
OTHER = Text(en="{rule}{place}: {what}", vi="{rule}{place}: {what}")
ENDINGS = {
    EndReason.OVER: Text(en="over", vi="đã kết thúc"),
    EndReason.RESTART: Text(
        en="interrupted: the node stopped or restarted", vi="bị ngắt do thiết bị dừng hoặc khởi động lại"
    ),
    EndReason.CAMERA_LOST: Text(en="interrupted: camera lost", vi="bị ngắt do mất camera"),
    EndReason.PAUSED: Text(en="interrupted: paused by the household", vi="bị ngắt do gia đình tạm dừng"),
    EndReason.CONFIG_CHANGED: Text(en="interrupted by a new configuration", vi="bị ngắt do đổi cấu hình"),
}
CLIPS = {
    "uploaded": Text(en="clip delivered", vi="đã gửi clip"),
    "dropped": Text(en="no clip", vi="không có clip"),
    "queued": Text(en="clip ready", vi="clip đã sẵn sàng"),
}
CAUSES = {
    "starting": Text(en="starting", vi="đang khởi động"),
    "restart": Text(en="the node was restarted", vi="thiết bị khởi động lại"),
    "reconnect": Text(en="connected anew", vi="kết nối lại"),
    "no_picture": Text(en="the camera paused", vi="camera tạm ngừng gửi hình"),
    "dropped": Text(en="the disk was too slow", vi="ổ đĩa quá chậm"),
    "ended": Text(en="the video has ended", vi="video đã hết"),
    "paused": Text(en="paused by the household", vi="gia đình tạm dừng"),
    "camera_lost": Text(en="the camera was lost", vi="mất camera"),
    "format_changed": Text(en="another picture size or codec", vi="khác cỡ hình hoặc chuẩn nén"),
    "damaged": Text(en="the file is damaged or gone", vi="tệp hình bị hỏng hoặc không còn"),
    "altered": Text(en="the file is not what the device sealed", vi="tệp hình không giống lúc thiết bị niêm phong"),
    "expired": Text(en="removed for its age or for room", vi="đã xoá vì quá hạn lưu hoặc hết chỗ"),
    "not_kept": Text(en="was only in memory, not wanted", vi="chỉ nằm trong bộ nhớ, không ai cần nên không lưu"),
    "no_footage": Text(en="nothing was recorded", vi="không ghi được hình"),
}
VIEWS = {
    "dark": Text(en="too dark to see", vi="quá tối, không thấy gì"),
    "blurred": Text(en="picture out of focus", vi="hình bị mờ"),
    "moved": Text(en="camera was turned", vi="camera bị xoay"),
    "covered": Text(en="lens covered", vi="ống kính bị che"),
    "blinded": Text(en="blinded by a bright light", vi="bị đèn chiếu chói"),
}
AVAILABILITY = {
    "online": Text(en="Node is online", vi="Thiết bị đang hoạt động"),
    "stopped": Text(en="Node was stopped", vi="Thiết bị đã được tắt"),
    "offline": Text(en="Node is offline", vi="Thiết bị mất kết nối"),
}


def event_words(event: EventMessage, camera: str = "", zone: str = "") -> Text:
    """One event; `camera` and `zone` are labels for people, by default the ids.

    For example: Người trong vùng cấm 'vỉa hè' (camera cổng), 1 người.
    """
    camera, zone = camera or event.cam, zone or event.zone or ""
    way_vi = {"in": "vào", "out": "ra"}.get(event.direction or "", "")
    place = f" '{zone}'" if zone else ""
    about = [item.label for item in event.objects if item.role is Role.OBJECT]
    label = about[0] if about else "car" if event.rule in VEHICLE_RULES else "person"
    amount = _amounts(about, event.count) if event.rule in COUNTING else _amount(label, event.count)
    crowd = event.rule in COUNTING
    sentence = RULES.get(event.rule, OTHER)
    en = sentence.en.format(
        what=amount.en if crowd else _capital(label),
        place=place,
        way=f" ({event.direction})" if event.direction else "",
        rule=_capital(event.rule),
    )
    vi = sentence.vi.format(
        what=amount.vi if crowd else _capital(LABELS_VI.get(label, label)),
        place=place,
        way=f" (chiều {way_vi})" if way_vi else "",
        rule=_capital(event.rule),
    )
    parts = [Text(en=f"{en} (camera {camera})", vi=f"{vi} (camera {camera})")]
    if event.rule == "line_crossing":
        # Its count is how many have crossed this way so far, not how many took part.
        parts.append(Text(en=f", no. {event.count} this way", vi=f", lượt thứ {event.count} chiều này"))
    elif not crowd and event.rule != "tamper" and event.count:
        parts.append(Text(en=f", {amount.en}", vi=f", {amount.vi}"))
    near = [item.label for item in event.objects if item.role is Role.NEAR]
    if near:
        who = _amounts(near, len(near))
        parts.append(Text(en=f", nearby: {who.en}", vi=f", ở gần đó: {who.vi}"))
    parts += [Text(en=f" — {more.en}", vi=f" — {more.vi}") for more in _more(event)]
    return Text(en="".join(part.en for part in parts), vi="".join(part.vi for part in parts))


def health_words(health: HealthMessage) -> Text:
    """How the node is."""
    good = sum(cam.state == "ok" for cam in health.cams)
    messages, clips = health.spool.messages, health.spool.clips
    en = f"{good} of {len(health.cams)} cameras working, {messages} messages and {clips} clips waiting"
    vi = f"{good}/{len(health.cams)} camera hoạt động, còn {messages} tin và {clips} clip chờ gửi"
    if health.board.temp_c is not None:
        en, vi = f"{en}, {health.board.temp_c:.0f} °C", f"{vi}, {health.board.temp_c:.0f} °C"
    if health.faults:
        en, vi = f"{en}; faults: {', '.join(health.faults)}", f"{vi}; lỗi: {', '.join(health.faults)}"
    return Text(en=en, vi=vi)


def fault_words(fault: FaultMessage) -> Text:
    """What is wrong, where, and what to do."""
    where = cameras_of(fault.sources)
    return Text(
        en=f"{fault.text.en.rstrip('.')}{where}. {fault.remedy.en.rstrip('.')}.",
        vi=f"{fault.text.vi.rstrip('.')}{where}. {fault.remedy.vi.rstrip('.')}.",
    )


def cameras_of(sources: Sequence[str]) -> str:
    """The cameras among a fault's sources, in brackets; the node's inner parts mean nothing to the reader."""
    found = (CAMERA_SOURCE.fullmatch(source) for source in sources)
    names = sorted({match["cam"] for match in found if match})
    return f" (camera {', '.join(names)})" if names else ""


def cause_words(cause: str) -> Text:
    """Why a camera is not well, or a stretch has no footage: `cause` of health."""
    return CAUSES.get(cause) or (describe(cause).text if cause in CODES else Text(en=cause, vi=cause))


def view_words(view: str | None) -> Text | None:
    """What hinders a camera's view: `view` of health; None while it sees well or nobody knows."""
    return VIEWS.get(view) if view is not None else None


def availability_words(message: AvailabilityMessage) -> Text:
    """Is the node there."""
    return AVAILABILITY[message.state]


def _more(event: EventMessage) -> tuple[Text, ...]:
    more = []
    if event.phase is Phase.UPDATE:
        more.append(Text(en="going on", vi="vẫn tiếp diễn"))
    elif event.phase is Phase.END and event.end_reason is not None and event.ended_utc != event.started_utc:
        more.append(ENDINGS[event.end_reason])
    if event.media.clip.state in CLIPS:
        more.append(CLIPS[event.media.clip.state])
    return tuple(more)


def _amount(label: str, count: int) -> Text:
    plural = PLURALS_EN.get(label, f"{label}s")
    return Text(en=f"{count} {label if count == 1 else plural}", vi=f"{count} {LABELS_VI.get(label, label)}")


def _amounts(labels: Sequence[str], count: int) -> Text:
    # 1 car, 2 people: each kind by itself while all are told; else the number of all, by the kind there is most of.
    kinds = Counter(labels)
    if len(kinds) < 2 or len(labels) != count:
        return _amount(kinds.most_common(1)[0][0] if kinds else "person", count)
    each = [_amount(label, number) for label, number in kinds.most_common()]
    return Text(en=", ".join(one.en for one in each), vi=", ".join(one.vi for one in each))


def _capital(word: str) -> str:
    return word[:1].upper() + word[1:].replace("_", " ")
