"""What stands on the hand-over sheet, in its order."""

import contextlib
from dataclasses import dataclass
from zoneinfo import ZoneInfo

import cv2

from agent.config.model import CameraSection, Config
from agent.health.checks import title_of
from agent.i18n import Text
from agent.installer.letters import Colour, Letters
from agent.installer.setup.form_words import RULE_TITLES
from agent.installer.setup.photos import ReferencePhotos, Taken
from agent.tools.doctor import Diagnosis
from agent.tools.sheet.paper import BODY, FAINT, INSIDE, LEFT, RULE, SMALL, Paper
from agent.tools.sheet.pdf import Picture
from agent.tools.sheet.views import view_of

MARKS: dict[str, Colour] = {
    "ok": (90, 160, 60),
    "warn": (40, 160, 235),
    "error": (50, 50, 210),
    "unknown": (175, 170, 165),
}
# Beside the colour: a copy is often black and white.
WORDS = {"ok": "", "warn": "Lưu ý: ", "error": "LỖI: ", "unknown": ""}
NOTHING = Text(en="nothing", vi="không có")
UNSAID = Text(en="NOT WRITTEN (notice)", vi="CHƯA GHI (notice)")
WHO = (
    Text(en="Installer", vi="Người lắp đặt"),
    Text(en="Household", vi="Hộ gia đình"),
    Text(en="Ward", vi="Đại diện phường"),
)
AGREED = Text(
    en="Who signs has seen the pictures and the sign at the place, and knows how long footage is kept and whom to ask.",
    vi="Người ký đã xem các hình trên và biển thông báo tại chỗ, biết hình được lưu bao lâu và hỏi ai khi cần.",
)


@dataclass(frozen=True, slots=True)
class HandOver:
    """`at_local`: when the sheet was made, in the node's local time, or what to say of a clock that is not set."""

    config: Config
    config_hash: str
    version: str
    diagnosis: Diagnosis
    at_local: str


def compose(sheet: HandOver) -> tuple[Picture, ...]:
    """The pages. Raises StorageError when a photo cannot be read."""
    config = sheet.config
    paper = Paper(f"{config.node.ward} · {config.node.id} · {sheet.config_hash[:12]} · {sheet.at_local}")
    paper.title(Text(en="Hand-over sheet", vi="Biên bản bàn giao thiết bị camera"))
    _node(paper, sheet)
    _notice(paper, config)
    photos, letters = ReferencePhotos(config.node.data_dir), Letters()
    for camera in config.cameras:
        _camera(paper, camera, photos, letters, ZoneInfo(config.node.timezone))
    _checks(paper, sheet.diagnosis)
    _signatures(paper)
    return paper.pages()


def _node(paper: Paper, sheet: HandOver) -> None:
    config = sheet.config
    node = config.node
    place = (
        f"{node.latitude:.5f}, {node.longitude:.5f}" if node.latitude is not None and node.longitude is not None else ""
    )
    rows = (
        (Text(en="Ward", vi="Phường"), node.ward),
        (Text(en="Node", vi="Mã thiết bị"), node.id),
        (Text(en="Name", vi="Tên"), node.label),
        (Text(en="Place", vi="Vị trí"), place),
        (Text(en="Made at", vi="Lập lúc"), sheet.at_local),
        (Text(en="Program", vi="Phiên bản phần mềm"), sheet.version),
        (Text(en="Configuration (sha256)", vi="Cấu hình (sha256)"), sheet.config_hash),
    )
    for name, value in rows:
        if value:
            paper.row(name, value)


def _notice(paper: Paper, config: Config) -> None:
    paper.heading(Text(en="For people in view", vi="Dành cho người trong hình"))
    notice, retention = config.notice, config.retention
    unsaid = f"{UNSAID.vi} / {UNSAID.en}"
    paper.row(Text(en="Purpose", vi="Mục đích"), notice.purpose or unsaid)
    paper.row(Text(en="Controller", vi="Bên chịu trách nhiệm"), notice.controller or unsaid)
    paper.row(Text(en="Contact", vi="Liên hệ"), notice.contact or unsaid)
    kept = f"nhiều nhất {retention.max_days:g} ngày / at most {retention.max_days:g} days"
    paper.row(Text(en="Footage is kept", vi="Thời gian lưu hình"), kept)
    sent = "tin và clip về phường / messages and clips" if config.upload else "chỉ tin nhắn / messages only"
    paper.row(Text(en="What leaves the device", vi="Dữ liệu gửi đi"), sent)
    live = "phường được xem / the ward may look" if config.live else "không / no"
    paper.row(Text(en="Live picture", vi="Xem trực tiếp từ xa"), live)


def _camera(paper: Paper, camera: CameraSection, photos: ReferencePhotos, letters: Letters, zone: ZoneInfo) -> None:
    name = f"{camera.id} – {camera.label}" if camera.label else camera.id
    picture = view_of(camera, photos.photo(camera.id), letters)
    paper.need(picture.shape[0] + 260)
    paper.heading(Text(en="camera", vi=f"Camera {name}"))
    paper.paste(picture)
    paper.space(14)
    told = _taken(photos.taken(camera.id), zone)
    if told is not None:
        paper.paragraph(told, SMALL)
    rules = ", ".join(dict.fromkeys(_rule(rule.rule, rule.place, rule.schedule.hours) for rule in camera.rules))
    paper.row(Text(en="Told to the ward", vi="Báo về phường"), rules or f"{NOTHING.vi} / {NOTHING.en}")
    masks = ", ".join(camera.privacy_masks)
    paper.row(
        Text(en="Privacy masks (black)", vi="Vùng che riêng tư (màu đen)"), masks or f"{NOTHING.vi} / {NOTHING.en}"
    )


def _taken(taken: Taken | None, zone: ZoneInfo) -> Text | None:
    if taken is None:
        return None
    sure = Text(en="", vi="") if taken.trusted else Text(en=" (clock not set)", vi=" (đồng hồ chưa chỉnh)")
    with contextlib.suppress(ValueError):  # a file that somebody wrote into
        at = f"{taken.at(zone):%d/%m/%Y %H:%M}"
        return Text(en=f"Reference photo of {at}{sure.en}", vi=f"Ảnh mốc chụp lúc {at}{sure.vi}")
    return None


def _rule(rule: str, place: str | None, hours: str) -> str:
    title = RULE_TITLES.get(rule, Text(en=rule, vi=rule)).vi
    when = "" if hours == "00:00-24:00" else f" {hours}"
    return f"{title} ({place}{when})" if place else f"{title}{when}"


def _checks(paper: Paper, diagnosis: Diagnosis) -> None:
    paper.heading(Text(en="Checks", vi="Kết quả kiểm tra"))
    if diagnosis.age_s is None:
        paper.paragraph(
            Text(en="The node did not run when this was made.", vi="Lúc lập biên bản thiết bị không chạy."), SMALL
        )
    for finding in diagnosis.findings:
        row = finding.row
        told = WORDS[row.state] + row.text.vi
        if row.remedy is not None and row.state != "ok":
            told += f"\n→ {row.remedy.vi}"
        paper.row(title_of(row.name), told, MARKS[row.state])


def _signatures(paper: Paper) -> None:
    height = 420
    paper.need(height + 260)
    paper.heading(Text(en="Signatures", vi="Ký tên"))
    paper.paragraph(AGREED, SMALL)
    paper.space(10)
    wide, gap = (INSIDE - 2 * 24) // 3, 24
    for number, who in enumerate(WHO):
        left = LEFT + number * (wide + gap)
        cv2.rectangle(paper.sheet, (left, paper.y), (left + wide, paper.y + height), RULE, 2)
        paper.write(who.vi, left + 20, paper.y + 46, BODY)
        paper.write(who.en, left + 20, paper.y + 78, SMALL, FAINT)
        for line, label in ((height - 110, "Họ tên / Name"), (height - 40, "Ngày / Date")):
            paper.write(label, left + 20, paper.y + line, SMALL, FAINT)
            cv2.line(paper.sheet, (left + 190, paper.y + line + 4), (left + wide - 20, paper.y + line + 4), RULE, 2)
    paper.space(height)
