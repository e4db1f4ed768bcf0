"""The sections about the disk: footage, how long it may be kept, and what waits for the ward."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field

from agent.config.units import Bilingual, Bytes, NonEmptyPath, Problem, Seconds, Section, Share, Whole, duration_s
from agent.i18n import Text


class FootageSection(Section):
    """The ring of segments on disk.

    vi: Vòng các tệp hình ghi trên ổ đĩa.
    """

    budget: Bytes = Field(default=8_000_000_000, ge=10_000_000)
    """Footage never takes more.
    vi: Hình ghi không bao giờ chiếm nhiều hơn mức này.
    """
    keep_free: Bytes = 500_000_000
    """And stops before less than this is free on the disk.
    vi: Và dừng lại trước khi ổ đĩa còn trống ít hơn mức này.
    """
    floor: Bytes = Field(default=200_000_000, ge=0)
    """What others put on the disk never pushes footage below this.
    vi: Dù ổ đĩa bị thứ khác chiếm chỗ, hình ghi vẫn giữ được ít nhất mức này.
    """
    max_held: Share = 0.5
    """Held footage never takes more of the budget; a hold beyond it is refused.
    vi: Hình được giữ không bao giờ chiếm quá phần này của `budget`; giữ thêm nữa thì bị từ chối.
    """
    mode: Literal["continuous", "events"] = "continuous"
    """continuous keeps all on the disk; events keeps the newest in memory, and on the disk only what an event or a hold
    covers.
    vi: continuous ghi tất cả xuống ổ đĩa; events giữ đoạn mới nhất trong bộ nhớ, chỉ ghi xuống ổ đĩa phần thuộc một sự
    kiện hay một lệnh giữ.
    """
    memory: Bytes = Field(default=64_000_000, ge=8_000_000, le=4_000_000_000)
    """With `mode: events`: the ring in memory never takes more, of all cameras together. At most 15 % of the device's
    memory, and half of what its runtime directory has free.
    vi: Với `mode: events`: vòng hình trong bộ nhớ không bao giờ chiếm nhiều hơn mức này, tính chung mọi camera. Nhiều
    nhất 15 % bộ nhớ của máy, và một nửa chỗ trống của thư mục runtime.
    """
    segment: Seconds = Field(default=10.0, ge=1, le=300)
    """Length of one file.
    vi: Độ dài một tệp.
    """
    pre_roll: Seconds = Field(default=5.0, ge=0, le=60)
    """A clip begins this long before its event.
    vi: Clip bắt đầu trước sự kiện chừng này.
    """
    post_roll: Seconds = Field(default=5.0, ge=0, le=120)
    """And ends this long after it.
    vi: Và kết thúc sau sự kiện chừng này.
    """
    max_clip: Seconds = Field(default=120.0, ge=5, le=900)
    """No clip is longer.
    vi: Không clip nào dài hơn.
    """

    @classmethod
    def problems(cls, data: Mapping[str, Any]) -> Iterator[Problem]:
        """What comes before and after an event leaves room for the event."""
        before, after, longest = (_seconds(cls, data, name) for name in ("pre_roll", "post_roll", "max_clip"))
        if before is not None and after is not None and longest is not None and before + after >= longest:
            where = next(name for name in ("max_clip", "post_roll", "pre_roll") if name in data)
            text = Text(
                en="`max_clip` must be longer than `pre_roll` and `post_roll` together",
                vi="`max_clip` phải dài hơn `pre_roll` cộng `post_roll`",
            )
            yield Problem((where,), text)


class RetentionSection(Section):
    """How long footage of people may be kept. Whoever answers for the node decides it; so there is no default.

    vi: Được lưu hình có người trong bao lâu. Người chịu trách nhiệm về thiết bị quyết định điều này, nên không có mức
    mặc định.
    """

    max_days: Whole = Field(ge=1, le=365)
    """Footage older than this is deleted, whatever the budget; held footage when its hold ends.
    vi: Hình ghi cũ hơn chừng này ngày thì bị xoá, dù còn chỗ; hình được giữ thì xoá khi hết hạn giữ.
    """


class EvidenceSection(Section):
    """What protects footage beyond its seal.

    vi: Bảo vệ hình ghi thêm ngoài dấu niêm phong.
    """

    encrypt_to: Annotated[Path, NonEmptyPath] | None = None
    """The ward's public key, made with `camera-agent keys`: footage and clips are encrypted, and the node itself opens
    only what it wrote since its device was switched on. Without it nothing is encrypted.
    vi: Khoá công khai của phường, tạo bằng `camera-agent keys`: hình ghi và clip được mã hoá, và chính thiết bị chỉ mở
    được những gì nó ghi từ lần bật máy này. Không ghi thì không mã hoá.
    """


def _seconds(section: type[Section], data: Mapping[str, Any], name: str) -> float | None:
    value = data.get(name, section.model_fields[name].default)
    try:
        return value if isinstance(value, float) else duration_s(value)
    except Bilingual:
        return None


class SpoolSection(Section):
    """What waits for the ward while the line is down.

    vi: Những gì chờ gửi về phường trong lúc mất mạng.
    """

    messages: Whole = Field(default=200_000, ge=100, le=10_000_000)
    """So many messages at most, and a kilobyte of disk for each: 200 MB hold 7 days without a line at 700 events a day
    with their pictures, or at 4,700 without. Pictures go first, then updates; what goes is counted.
    vi: Nhiều nhất bấy nhiêu tin, mỗi tin khoảng một kilobyte trên ổ đĩa: 200 MB chứa được 7 ngày mất mạng với 700 sự
    kiện có ảnh mỗi ngày, hoặc 4.700 sự kiện không ảnh. Đầy thì bỏ ảnh trước, rồi đến tin cập nhật; bỏ bao nhiêu đều
    được đếm.
    """
    clips_budget: Bytes = Field(default=2_000_000_000, ge=1_000_000)
    """Clips that were cut and wait never take more. Most wait as footage in the ring, which keeps what a clip needs:
    both hold 72 hours without a line at 300 clips a day of 30 s at 2 Mbit/s. What goes is counted.
    vi: Các clip đã cắt đang chờ không bao giờ chiếm nhiều hơn mức này. Phần lớn chờ dưới dạng hình ghi trong vòng, nơi
    giữ lại những gì clip cần: cả hai chứa được 72 giờ mất mạng với 300 clip mỗi ngày, mỗi clip 30 s ở 2 Mbit/s. Bỏ bao
    nhiêu đều được đếm.
    """
