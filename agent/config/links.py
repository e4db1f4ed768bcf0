"""The sections about the way to the ward: TLS, broker, upload server."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field

from agent.config.addresses import BrokerUrls, SecureUrl, WebUrl
from agent.config.camera import login
from agent.config.schedule import Hours, Span, parse_span
from agent.config.units import Bytes, Flag, Identifier, NonEmptyPath, Problem, Seconds, Section, Whole
from agent.i18n import Text

FilePath = Annotated[Path, NonEmptyPath]


class TlsSection(Section):
    """Trust and identity towards the ward; used for MQTT and uploads alike.

    vi: Tin ai và tự chứng minh bằng gì với phường; dùng chung cho MQTT và gửi clip.
    """

    ca: FilePath | None = None
    """The authority that signed the ward's certificates; without it the system's.
    vi: Chứng chỉ của nơi đã ký chứng chỉ cho phường; không ghi thì dùng của hệ điều hành.
    """
    cert: FilePath | None = None
    """This node's certificate.
    vi: Chứng chỉ của thiết bị này.
    """
    key: FilePath | None = None
    """The certificate's key.
    vi: Khoá của chứng chỉ đó.
    """
    renew: SecureUrl | None = None
    """https://host:9443/.well-known/est: the ward's authority (EST, RFC 7030). A new certificate is asked for when a
    third of the old one's life is left; without it nobody renews it but a person.
    vi: https://host:9443/.well-known/est: nơi phường cấp chứng chỉ (EST, RFC 7030). Khi chứng chỉ cũ còn một phần ba
    thời hạn thì tự xin cái mới; không ghi thì phải có người gia hạn.
    """

    @classmethod
    def problems(cls, data: Mapping[str, Any]) -> Iterator[Problem]:
        """A certificate comes with its key; what is to be renewed is there, with the authority to trust."""
        for one, other in (("cert", "key"), ("key", "cert")):
            if data.get(one) is not None and data.get(other) is None:
                text = Text(
                    en=f"`cert` and `key` go together; `{other}` is missing",
                    vi=f"`cert` và `key` phải đi cùng nhau; đang thiếu `{other}`",
                )
                yield Problem((one,), text)
        if data.get("renew") is not None and any(data.get(name) is None for name in ("ca", "cert", "key")):
            text = Text(
                en="`renew` needs `ca`, `cert` and `key`: where `camera-agent enrol` has put them",
                vi="`renew` cần có `ca`, `cert` và `key`: nơi `camera-agent enrol` đã lưu",
            )
            yield Problem(("renew",), text)


class MqttSection(Section):
    """The ward's broker.

    vi: Máy chủ tin nhắn (broker) của phường.
    """

    url: Annotated[BrokerUrls, Field(min_length=1, max_length=8)]
    """mqtts://host:8883, or a list of them: the next is tried when one fails. mqtt:// needs `insecure: true`.
    vi: mqtts://host:8883, hoặc một danh sách: nơi này hỏng thì thử nơi kế tiếp. mqtt:// cần có `insecure: true`.
    """
    prefix: Identifier = "camera"
    """The first part of every topic.
    vi: Phần đầu của mọi topic.
    """
    username: str | None = Field(default=None, min_length=1, max_length=200)
    """The name to log in with.
    vi: Tên đăng nhập.
    """
    password_file: FilePath | None = None
    """A file with the password and nothing else, readable by the agent alone.
    vi: Tệp chỉ chứa mật khẩu, chỉ phần mềm này đọc được.
    """
    keepalive: Seconds = Field(default=30.0, ge=5, le=3600)
    """The broker hears from the node at least this often.
    vi: Ít nhất sau từng này thời gian broker lại nhận được tin của thiết bị.
    """
    spread: Seconds = Field(default=30.0, ge=0, le=600)
    """After a boot the first connection is made within this time, so that a quarter whose power came back does not come
    in one second; after the broker hung up, within a sixth of it (at least 5s). For a city: docs/guide/city.md.
    vi: Sau khi bật máy, lần kết nối đầu diễn ra trong khoảng này, để cả khu vừa có điện lại không cùng kết nối trong
    một giây; khi broker ngắt thì trong một phần sáu khoảng này (ít nhất 5s). Với cả thành phố: docs/guide/city.vi.md.
    """
    protocol: Literal["auto", "5", "3.1.1"] = "auto"
    """auto tries MQTT 5, then 3.1.1.
    vi: auto thử MQTT 5 rồi 3.1.1.
    """

    @classmethod
    def problems(cls, data: Mapping[str, Any]) -> Iterator[Problem]:
        """A password comes with a name."""
        yield from login(data)


class UploadSection(Section):
    """The ward's resumable-upload (tus 1.0) server.

    vi: Máy chủ nhận tệp của phường (tus 1.0, gửi tiếp được khi đứt mạng).
    """

    url: WebUrl
    """https://host/files/; http:// needs `insecure: true`.
    vi: https://host/files/; http:// cần có `insecure: true`.
    """
    username: str | None = Field(default=None, min_length=1, max_length=200)
    """The name to log in with.
    vi: Tên đăng nhập.
    """
    password_file: FilePath | None = None
    """A file with the password and nothing else, readable by the agent alone.
    vi: Tệp chỉ chứa mật khẩu, chỉ phần mềm này đọc được.
    """
    chunk: Bytes = Field(default=1_000_000, ge=16_000, le=64_000_000)
    """How much is sent in one request.
    vi: Mỗi lần gửi bao nhiêu dữ liệu.
    """
    timeout: Seconds = Field(default=30.0, ge=1, le=600)
    """No progress for this long: try again.
    vi: Lâu chừng này mà không gửi thêm được gì thì thử lại.
    """

    @classmethod
    def problems(cls, data: Mapping[str, Any]) -> Iterator[Problem]:
        """A password comes with a name."""
        yield from login(data)


class UplinkSection(Section):
    """How much of the household's line the node may take, for everything that it sends.

    Messages always leave: they are a few kilobytes a minute. They count, clips make room for them.

    vi: Thiết bị được dùng bao nhiêu đường mạng của gia đình, tính mọi thứ gửi đi. Tin nhắn luôn được gửi: chỉ vài
    kilobyte mỗi phút. Tin nhắn cũng được tính, clip phải nhường chỗ.
    """

    max_kbps: Whole = Field(default=0, ge=0)
    """At most so many kilobits per second; 0: no limit of our own.
    vi: Nhiều nhất bấy nhiêu kilobit mỗi giây; 0: không tự giới hạn.
    """
    mb_per_day: Whole = Field(default=0, ge=0)
    """At most so many megabytes a day, midnight to midnight in the node's time zone; 0: no limit.
    vi: Nhiều nhất bấy nhiêu megabyte mỗi ngày, tính từ nửa đêm theo múi giờ của thiết bị; 0: không giới hạn.
    """
    quiet_hours: Hours | None = None
    """While the family needs the line, like "18:00-23:00", clips wait.
    vi: Giờ gia đình cần mạng, như "18:00-23:00": clip phải chờ.
    """
    yields: Flag = True
    """Step back while somebody else in the house uses the line.
    vi: Lùi lại khi người khác trong nhà dùng mạng.
    """

    def quiet_span(self) -> Span | None:
        """The quiet hours as two times of day."""
        return None if self.quiet_hours is None else parse_span(self.quiet_hours)
