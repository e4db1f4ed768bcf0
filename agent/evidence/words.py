"""What the check of a clip found, in one sentence each. Groups of pictures are counted from 1."""

from dataclasses import dataclass

from agent.contract.base import GapSpan
from agent.contract.manifest import ManifestGop, ManifestSegment
from agent.contract.words import cause_words
from agent.evidence.public import PublicKey
from agent.i18n import Text


@dataclass(frozen=True, slots=True)
class Finding:
    """`kind` is for programs, `gop` the group of pictures it is about."""

    kind: str
    text: Text
    gop: int | None = None
    at_utc: str | None = None


def altered(number: int, gop: ManifestGop) -> Finding:
    """Other pictures, or other stamps, than were signed."""
    return _gop("altered", number, gop, "was altered", "đã bị sửa")


def missing(number: int, gop: ManifestGop) -> Finding:
    """Not in the file."""
    return _gop("missing", number, gop, "is missing", "bị thiếu")


def reordered(number: int, gop: ManifestGop) -> Finding:
    """In the file, but not in its place."""
    return _gop(
        "reordered", number, gop, "is not in its place: the order was changed", "không ở đúng chỗ: thứ tự bị đổi"
    )


def elsewhere(number: int, gop: ManifestGop) -> Finding:
    """Same pictures, other time."""
    return _gop("moved", number, gop, "is shown at another time than recorded", "được phát vào lúc khác với lúc ghi")


def added(number: int) -> Finding:
    """In the file, but never signed."""
    return Finding(
        "added",
        Text(
            en=f"Group of pictures {number} of the file was added: the manifest does not know it",
            vi=f"Nhóm hình thứ {number} trong tệp là phần thêm vào: bản kê không có nhóm này",
        ),
        number,
    )


def other_clip(count: int) -> Finding:
    """Nothing in common."""
    return Finding(
        "other_clip",
        Text(
            en=f"None of the {count} groups of pictures of the manifest is in this file: it is the manifest of another "
            "clip, or all of it was encoded anew",
            vi=f"Không nhóm nào trong {count} nhóm hình của bản kê có trong tệp: đây là bản kê của clip khác, "
            "hoặc toàn bộ hình đã bị mã hoá lại",
        ),
    )


def parameters() -> Finding:
    """The header tells another stream."""
    return Finding(
        "parameters",
        Text(
            en="Codec parameters (picture size, time base or parameter sets) were altered: this concerns all of it",
            vi="Thông số mã hoá (cỡ hình, thang thời gian hoặc bộ tham số) đã bị sửa: ảnh hưởng mọi hình",
        ),
    )


def unplayable() -> Finding:
    """Nothing to compare."""
    return Finding(
        "unreadable",
        Text(
            en="The file was altered so that it cannot be read as video: all of it is in doubt",
            vi="Tệp đã bị sửa đến mức không đọc được như video: nghi ngờ toàn bộ",
        ),
    )


def other_bundle() -> Finding:
    """Encrypted, so nothing in it can be compared."""
    return Finding(
        "other_bundle",
        Text(
            en="This is not the encrypted bundle that the node signed, or it was altered",
            vi="Đây không phải gói mã hoá mà thiết bị đã ký, hoặc gói đã bị sửa",
        ),
    )


def container_only() -> Finding:
    """Another file with the same pictures."""
    return Finding(
        "container",
        Text(
            en="The file is not the signed one byte by byte, but every picture and its time are as recorded: "
            "only the container was changed",
            vi="Tệp không giống từng byte với tệp đã ký, nhưng mọi hình và thời điểm đều đúng như lúc ghi: "
            "chỉ phần vỏ tệp thay đổi",
        ),
    )


def time_words(utc: str) -> str:
    """A time of a manifest for people; it says itself that it is not the time of the wall."""
    return utc.replace("T", " ").removesuffix("Z") + " UTC"


def gap(span: GapSpan) -> Finding:
    """Declared by the node itself."""
    why, begin, end = cause_words(span.cause), time_words(span.from_utc), time_words(span.to_utc)
    return Finding(
        "gap",
        Text(
            en=f"The node itself declares a gap: {begin} to {end} ({why.en})",
            vi=f"Chính thiết bị khai báo khoảng trống: {begin} đến {end} ({why.vi})",
        ),
        at_utc=span.from_utc,
    )


def segment_note(segment: ManifestSegment) -> Finding:
    """A file of footage that the node could not vouch for."""
    en, vi = {
        "altered": (
            "was no longer what the node had sealed and was left out",
            "không còn như lúc thiết bị niêm phong nên đã bị bỏ ra",
        ),
        "foreign": (
            f"was recorded under another key ({(segment.key or '')[:16]})",
            f"được ghi bằng khoá khác ({(segment.key or '')[:16]})",
        ),
    }.get(segment.state, ("was recorded without a seal", "được ghi khi chưa có niêm phong"))
    text = Text(en=f"Segment {segment.name} {en}", vi=f"Đoạn {segment.name} {vi}")
    return Finding(f"segment_{segment.state}", text, at_utc=segment.from_utc)


def clock_not_set() -> Finding:
    """True pictures, doubtful dates."""
    return Finding(
        "clock_not_set",
        Text(
            en="The node's clock had not been set when some of this was recorded: order and durations are right, "
            "the date may not be",
            vi="Một phần được ghi khi đồng hồ thiết bị chưa được chỉnh: thứ tự và độ dài đúng, ngày giờ có thể sai",
        ),
    )


def wrong_link(segment: ManifestSegment) -> Finding:
    """A link that cannot be."""
    return Finding(
        "wrong_link",
        Text(
            en=f"Chain inconsistent: the link of segment {segment.name} is not what its hash gives",
            vi=f"Chuỗi không khớp: mắt xích của đoạn {segment.name} không đúng với mã băm của nó",
        ),
        at_utc=segment.from_utc,
    )


def hole(one: ManifestSegment, after: ManifestSegment) -> Finding:
    """Segments that the chain knows and the list does not."""
    if one.epoch == after.epoch and one.seq is not None and after.seq is not None and after.seq > one.seq + 1:
        which = f"{one.seq + 1}" if after.seq == one.seq + 2 else f"{one.seq + 1}-{after.seq - 1}"
        en, vi = f"segment {which} of epoch {one.epoch} is missing", f"thiếu đoạn {which} của đợt {one.epoch}"
    else:
        en = f"something is missing between segments {one.name} and {after.name}"
        vi = f"thiếu phần giữa hai đoạn {one.name} và {after.name}"
    return Finding(
        "chain_hole",
        Text(
            en=f"Chain inconsistent: {en}, and no gap is declared", vi=f"Chuỗi không khớp: {vi} mà không được khai báo"
        ),
        at_utc=one.to_utc,
    )


def bad_head() -> Finding:
    """The head is not the signer's."""
    return Finding(
        "bad_head",
        Text(
            en="Chain inconsistent: the signature of the newest link is not that of this node",
            vi="Chuỗi không khớp: chữ ký của mắt xích mới nhất không phải của thiết bị này",
        ),
    )


def other_key(named: PublicKey, key: PublicKey) -> Finding:
    """Somebody else signed."""
    return Finding(
        "other_key",
        Text(
            en=f"Signed by another key: the manifest names {named.fingerprint[:16]}…, the key given is "
            f"{key.fingerprint[:16]}…",
            vi=f"Được ký bằng khoá khác: bản kê ghi {named.fingerprint[:16]}…, khoá đưa vào là {key.fingerprint[:16]}…",
        ),
    )


def bad_signature() -> Finding:
    """Nothing in the manifest can be believed."""
    return Finding(
        "bad_signature",
        Text(
            en="The signature does not fit the manifest: it was changed after the node signed it",
            vi="Chữ ký không khớp với bản kê: bản kê đã bị sửa sau khi thiết bị ký",
        ),
    )


def _gop(kind: str, number: int, gop: ManifestGop, en: str, vi: str) -> Finding:
    at = time_words(gop.from_utc)
    text = Text(en=f"Group of pictures {number} ({at}) {en}", vi=f"Nhóm hình thứ {number} ({at}) {vi}")
    return Finding(kind, text, number, gop.from_utc)
