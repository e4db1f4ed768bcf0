"""node.yaml: what one card is made of. The shape only; a table of nodes gives the same with one column per value."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from agent.config.addresses import BrokerUrls, SecureUrl
from agent.config.units import Bilingual, Flag, Identifier, Problem, Section, Whole
from agent.errors import AgentError
from agent.i18n import Text
from agent.identity.token import parse_token

KEY_KINDS = ("ssh-ed25519", "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp521", "ssh-rsa",
             "sk-ssh-ed25519@openssh.com", "sk-ecdsa-sha2-nistp256@openssh.com")  # fmt: skip
TAKEN = {"root", "camera-agent", "daemon", "nobody", "www-data", "sshd", "systemd-network"}
FILE_NAME = r"^[a-z0-9][a-z0-9_-]{0,40}(\.[a-z0-9]{1,16}){0,2}$"
# Written by make-card or by the first boot; what may sign updates is never the service's own file.
RESERVED = {"config.yaml", "setup.code", "household.code", "update.pub", "enrol"}


def _one_line(value: Any) -> Any:
    if isinstance(value, str) and any(ord(letter) < 32 or ord(letter) == 127 for letter in value):
        raise Bilingual("must be one line without control characters", "phải là một dòng, không có ký tự điều khiển")
    return value


def _ssid(value: Any) -> Any:
    if isinstance(value, str) and not 1 <= len(value.encode()) <= 32:
        raise Bilingual("the name of a wifi has 1 to 32 bytes", "tên wifi dài từ 1 đến 32 byte")
    return _one_line(value)


def _wifi_password(value: Any) -> Any:
    # The value is never quoted in a message.
    if isinstance(value, str) and not re.fullmatch(r"[\x20-\x7e]{8,63}|[0-9A-Fa-f]{64}", value):
        raise Bilingual(
            "a wifi password has 8 to 63 letters, digits and signs of English, or 64 digits 0-9, a-f",
            "mật khẩu wifi gồm 8 đến 63 ký tự không dấu, hoặc 64 ký tự 0-9, a-f",
        )
    return value


def _public_key(value: Any) -> Any:
    if isinstance(value, str):
        if "PRIVATE KEY" in value:
            raise Bilingual(
                "this is the private key; it never leaves your computer",
                "đây là khoá bí mật; không được chép khoá này ra khỏi máy bạn",
                Text(en="take the file that ends in .pub", vi="hãy lấy tệp có đuôi .pub"),
            )
        parts = value.split()
        if len(parts) < 2 or parts[0] not in KEY_KINDS or not re.fullmatch(r"[A-Za-z0-9+/]{40,1400}={0,2}", parts[1]):
            raise Bilingual(
                "this is no public SSH key",
                "đây không phải khoá SSH công khai",
                Text(
                    en="copy the whole line of ~/.ssh/id_ed25519.pub; `ssh-keygen -t ed25519` makes one",
                    vi="hãy chép cả dòng trong ~/.ssh/id_ed25519.pub; tạo khoá bằng `ssh-keygen -t ed25519`",
                ),
            )
    return _one_line(value)


def _user(value: Any) -> Any:
    if isinstance(value, str) and (not re.fullmatch(r"[a-z_][a-z0-9_-]{0,30}", value) or value in TAKEN):
        raise Bilingual(
            "the name of a user has small letters, digits and dashes, and is not one of the system's own",
            "tên người dùng chỉ có chữ thường, chữ số, gạch ngang và không trùng tên của hệ thống",
        )
    return value


def _token(value: Any) -> Any:
    try:
        parse_token(value)
    except AgentError as error:
        raise Bilingual(error.text.en, error.text.vi, error.hint) from None  # its cause could quote it
    except (AttributeError, TypeError):
        return value
    return value.strip()


OneLine = Annotated[str, BeforeValidator(_one_line), Field(min_length=1, max_length=300)]
Secret = Annotated[str, BeforeValidator(_one_line), Field(min_length=1, max_length=1000)]
PublicKey = Annotated[str, BeforeValidator(_public_key)]


class NodePart(Section):
    """Who it is."""

    id: Identifier
    ward: Identifier
    label: Annotated[str, BeforeValidator(_one_line), Field(max_length=200)] = ""


class WifiPart(Section):
    """The wifi of the place."""

    ssid: Annotated[str, BeforeValidator(_ssid)]
    password: Annotated[str, BeforeValidator(_wifi_password)] | None = Field(default=None, repr=False)
    security: Literal["wpa2", "wpa3", "open"] = "wpa2"
    hidden: Flag = False

    @classmethod
    def problems(cls, data: Mapping[str, Any]) -> Iterator[Problem]:
        """An open wifi has no password, every other has one."""
        is_open = data.get("security") == "open"
        if is_open and data.get("password") is not None:
            yield Problem(
                ("password",),
                Text(en="an open wifi has no password", vi="wifi mở thì không có mật khẩu"),
            )
        if not is_open and data.get("password") is None:
            yield Problem(
                ("ssid",),
                Text(en="the password of this wifi is missing", vi="thiếu mật khẩu của wifi này"),
                Text(en="write `password`, or `security: open`", vi="hãy ghi `password`, hoặc `security: open`"),
            )


class SshPart(Section):
    """Who may log in: by key only, there is no password at all."""

    user: Annotated[str, BeforeValidator(_user)]
    keys: Annotated[tuple[PublicKey, ...], Field(min_length=1, max_length=20)] | None = None
    key: PublicKey | None = None

    @classmethod
    def problems(cls, data: Mapping[str, Any]) -> Iterator[Problem]:
        """One key, or a list."""
        if (data.get("key") is None) == (data.get("keys") is None):
            yield Problem(
                ("user",),
                Text(en="write either `key` or `keys`", vi="hãy ghi `key` hoặc `keys`"),
            )

    @property
    def all_keys(self) -> tuple[str, ...]:
        """As they stand in authorized_keys."""
        return self.keys or ((self.key,) if self.key else ())


class EnrolPart(Section):
    """With this the node gets its certificate by itself."""

    url: SecureUrl
    token: Annotated[str, BeforeValidator(_token), Field(repr=False)]
    ca: Path | None = None

    @classmethod
    def problems(cls, data: Mapping[str, Any]) -> Iterator[Problem]:
        """A shell reads the address on the node."""
        url = data.get("url")
        if isinstance(url, str) and not re.fullmatch(r"https://[A-Za-z0-9._:/-]{1,200}", url):
            yield Problem(
                ("url",),
                Text(
                    en="expected an address like https://ward.example:9443",
                    vi="cần địa chỉ như https://ward.example:9443",
                ),
            )


class IdentityPart(Section):
    """Certificate and key that were made at the ward."""

    ca: Path
    cert: Path
    key: Path


class ServerPart(Section):
    """The ward's server, for a node without a configuration of its own."""

    mqtt: Annotated[BrokerUrls, Field(min_length=1, max_length=8)]
    username: OneLine | None = None
    password: Secret | None = Field(default=None, repr=False)
    upload: SecureUrl | None = None
    live: OneLine | None = None

    @classmethod
    def problems(cls, data: Mapping[str, Any]) -> Iterator[Problem]:
        """A password comes with a name."""
        if (data.get("username") is None) != (data.get("password") is None):
            name = "password" if data.get("password") is not None else "username"
            yield Problem(
                (name,),
                Text(en="`username` and `password` go together", vi="`username` và `password` phải đi cùng nhau"),
            )


class CameraPart(Section):
    """The one camera of a node without a configuration of its own."""

    source: OneLine = "picamera2"
    id: Identifier = "camera-1"
    label: Annotated[str, BeforeValidator(_one_line), Field(max_length=200)] = ""
    username: OneLine | None = None
    password: Secret | None = Field(default=None, repr=False)


class NoticePart(Section):
    """What the sign says."""

    purpose: OneLine
    controller: OneLine
    contact: OneLine


class NodeFile(Section):
    """One card. `config`: a path beside this file, or the configuration itself, or nothing: one is made."""

    node: NodePart
    hostname: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,62}$")] | None = None
    country: Annotated[str, Field(pattern=r"^[A-Z]{2}$")] = "VN"
    timezone: Annotated[str, Field(pattern=r"^[A-Z][A-Za-z_+-]{1,30}(/[A-Za-z0-9_+-]{1,30}){0,2}$")] = (
        "Asia/Ho_Chi_Minh"
    )
    wifi: WifiPart | None = None
    ssh: SshPart | None = None
    enrol: EnrolPart | None = None
    identity: IdentityPart | None = None
    server: ServerPart | None = None
    camera: CameraPart | None = None
    retention_days: Annotated[Whole, Field(ge=1, le=365)] | None = None
    config: Any = None
    values: Annotated[dict[Identifier, OneLine], Field(max_length=50)] = Field(default_factory=dict)
    passwords: Annotated[dict[Annotated[str, Field(pattern=FILE_NAME)], Secret], Field(max_length=32)] = Field(
        default_factory=dict, repr=False
    )
    files: Annotated[dict[Annotated[str, Field(pattern=FILE_NAME)], Path], Field(max_length=32)] = Field(
        default_factory=dict
    )
    hotspot: Flag = True
    household: Flag = False
    contact: Annotated[tuple[OneLine, ...], Field(max_length=3)] | OneLine = ()
    notice: NoticePart | None = None

    @classmethod
    def problems(cls, data: Mapping[str, Any]) -> Iterator[Problem]:
        """One way to an identity; either a configuration or what one is made of; no file twice."""
        if data.get("enrol") is not None and data.get("identity") is not None:
            yield Problem(
                ("identity",),
                Text(
                    en="`enrol` and `identity` exclude each other", vi="chỉ dùng một trong hai: `enrol` hoặc `identity`"
                ),
            )
        config = data.get("config")
        if config is not None and not isinstance(config, str | Mapping):
            yield Problem(
                ("config",),
                Text(
                    en="expected the path of a file, or the sections themselves",
                    vi="cần đường dẫn tệp hoặc các mục cấu hình",
                ),
            )
        for name in ("server", "retention_days"):
            if config is None and data.get(name) is None:
                yield Problem(
                    (name,),
                    Text(en="must be given where no `config` is", vi="bắt buộc phải có khi không ghi `config`"),
                )
            if config is not None and data.get(name) is not None:
                yield Problem((name,), _NOT_BOTH)
        if config is not None and data.get("camera") is not None:
            yield Problem(("camera",), _NOT_BOTH)
        for section in ("passwords", "files"):
            for name in data.get(section) or () if isinstance(data.get(section), Mapping) else ():
                if name in RESERVED or (section == "files" and name in (data.get("passwords") or {})):
                    yield Problem(
                        (section, name),
                        Text(en="make-card writes this file itself, or it stands twice",
                             vi="make-card tự tạo tệp này, hoặc tên bị ghi hai lần"),
                    )  # fmt: skip

    @property
    def host(self) -> str:
        """The name in the local network."""
        return self.hostname or self.node.id

    @property
    def contact_lines(self) -> tuple[str, ...]:
        """Whom to ring, as on the label."""
        return (self.contact,) if isinstance(self.contact, str) else self.contact


_NOT_BOTH = Text(
    en="belongs into the configuration, when `config` is given", vi="hãy ghi vào cấu hình, vì đã có `config`"
)
