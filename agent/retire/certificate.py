"""The certificate of erasure: what went, what was looked for afterwards, and what no program can promise.

Signed with the device key, which then goes too; the ward knows its public half from the node's birth.
"""

import hashlib
import json
from dataclasses import dataclass

from agent.i18n import Text
from agent.retire.places import PLACES, WIFI
from agent.retire.record import Record
from agent.retire.scan import Hit

SCHEMA = "erasure/1"
TITLE = Text(en="CERTIFICATE OF ERASURE", vi="GIẤY XÁC NHẬN ĐÃ XOÁ DỮ LIỆU")
LIMITS = Text(
    en="Small files were overwritten once and removed, large ones removed; the blocks were given back to the card "
    "where it takes that. What a memory card keeps in its spare pages no program reaches: for that, destroy the card.",
    vi="Tệp nhỏ đã được ghi đè một lần rồi xoá, tệp lớn được xoá; các khối nhớ đã trả lại cho thẻ nếu thẻ hỗ trợ. "
    "Phần dự trữ bên trong thẻ nhớ không chương trình nào xoá được: nếu cần, hãy huỷ thẻ.",
)
DATA = Text(
    en="footage, events, database, keys and certificates of the node",
    vi="hình ghi, sự kiện, cơ sở dữ liệu, khoá và chứng chỉ của thiết bị",
)


@dataclass(frozen=True, slots=True)
class Signature:
    """Base64 of Ed25519 over `payload`, and the sha256 of the public key."""

    key_sha256: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificate:
    """`searched`: how many secrets were looked for afterwards; None: cut off, so nobody knew them."""

    record: Record
    ended_utc: str
    clock_trusted: bool
    version: str
    access_head: str  # hash of the access log's last line, which the ward has too; empty: there was none
    searched: int | None
    hits: tuple[Hit, ...] = ()

    @property
    def clean(self) -> bool:
        """Nothing was found again."""
        return not self.hits


def payload(certificate: Certificate) -> bytes:
    """What is signed: JSON, sorted, one line."""
    record = certificate.record
    told = {
        "schema": SCHEMA,
        "node": record.node,
        "ward": record.ward,
        "agent": certificate.version,
        "started_utc": record.started_utc,
        "ended_utc": certificate.ended_utc,
        "clock_trusted": certificate.clock_trusted and record.clock_trusted,
        "interruptions": record.interruptions,
        "files": record.counts,
        "ward_told": record.ward_told,
        "access_log_head": certificate.access_head,
        "searched_secrets": certificate.searched,
        "found_again": sorted(str(hit.path) for hit in certificate.hits),
    }
    return json.dumps(told, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def lines(certificate: Certificate, signature: Signature | None) -> tuple[Text, ...]:
    """For people; the last lines hold what is signed, for programs."""
    record, body = certificate.record, payload(certificate)
    trust = Text(en="", vi="") if certificate.clock_trusted else Text(en=" (clock not set)", vi=" (đồng hồ chưa chỉnh)")
    return (
        TITLE,
        Text(en=f"Node: {record.node}, ward {record.ward}", vi=f"Thiết bị: {record.node}, phường {record.ward}"),
        Text(
            en=f"From {record.started_utc} to {certificate.ended_utc}{trust.en}, camera-agent {certificate.version}",
            vi=f"Từ {record.started_utc} đến {certificate.ended_utc}{trust.vi}, camera-agent {certificate.version}",
        ),
        *_places(record),
        _told(record),
        *_searched(certificate),
        LIMITS,
        Text(en=f"Data: {body.decode()}", vi=f"Dữ liệu: {body.decode()}"),
        _signed(signature, body),
    )


def _places(record: Record) -> tuple[Text, ...]:
    names = {"data": DATA, **{place.name: place.what for place in (*PLACES, WIFI)}}
    return tuple(
        Text(en=f"Erased: {names[name].en}: {count} files", vi=f"Đã xoá: {names[name].vi}: {count} tệp")
        for name, count in record.counts.items()
    )


def _told(record: Record) -> Text:
    if record.ward_told:
        return Text(
            en="The ward's broker was told, and what it kept of the node was cleared",
            vi="Đã báo cho phường và xoá những gì máy chủ phường còn giữ về thiết bị",
        )
    return Text(
        en="The ward's broker was NOT reached: it may still show this node; tell the ward",
        vi="KHÔNG liên lạc được với máy chủ phường: ở đó có thể vẫn còn hiện thiết bị này; hãy báo phường",
    )


def _searched(certificate: Certificate) -> tuple[Text, ...]:
    if certificate.searched is None:
        return (
            Text(
                en="The erasure was cut off and went on later, so nothing could be searched for afterwards",
                vi="Việc xoá bị ngắt giữa chừng rồi làm tiếp nên không thể tìm kiểm tra lại",
            ),
        )
    if certificate.clean:
        return (
            Text(
                en=f"{certificate.searched} secrets were looked for afterwards, byte by byte: none was found",
                vi=f"Đã dò lại từng byte {certificate.searched} chuỗi bí mật: không còn thấy",
            ),
        )
    return tuple(
        Text(en=f"STILL FOUND: {hit.what.en} in {hit.path}", vi=f"VẪN CÒN: {hit.what.vi} trong {hit.path}")
        for hit in certificate.hits
    )


def _signed(signature: Signature | None, body: bytes) -> Text:
    if signature is None:
        told = hashlib.sha256(body).hexdigest()
        return Text(
            en=f"Not signed (no device key was left). sha256 of the data: {told}",
            vi=f"Không có chữ ký (không còn khoá thiết bị). sha256 của dữ liệu: {told}",
        )
    return Text(
        en=f"Signed by the device key {signature.key_sha256}: {signature.value}",
        vi=f"Ký bằng khoá thiết bị {signature.key_sha256}: {signature.value}",
    )
