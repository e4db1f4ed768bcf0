"""How a consumer is run. No option holds a secret: passwords come from files, of this program or of libpq."""

import ssl
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
from psycopg.conninfo import conninfo_to_dict

from .topics import Place
from .words import ConsumerError, Words

PORTS = {"mqtt": 1883, "mqtts": 8883}


@dataclass(frozen=True, slots=True)
class Database:
    """Which database: libpq's `key=value` words or URL. Empty: as PGSERVICE, PGHOST, … and ~/.pgpass say."""

    conninfo: str = ""
    statement_s: int = 30

    def __post_init__(self) -> None:
        try:
            told = conninfo_to_dict(self.conninfo)
        except psycopg.ProgrammingError as error:
            raise ConsumerError(Words(en=f"--db: {error}", vi=f"--db: {error}")) from error
        if "password" in told:
            raise ConsumerError(
                Words(
                    en="--db holds a password, which everybody here could read: put it into ~/.pgpass or a service",
                    vi="--db chứa mật khẩu, mọi người dùng máy này đọc được: hãy để trong ~/.pgpass hoặc tệp service",
                )
            )

    def connect(self) -> psycopg.Connection:
        """Raises psycopg.Error."""
        connection = psycopg.connect(
            self.conninfo,
            autocommit=True,  # each batch opens its own transaction
            connect_timeout=10,
            application_name="camera-consumer",
            options=f"{conninfo_to_dict(self.conninfo).get('options') or ''} -c statement_timeout={self.statement_s}s",
        )
        connection.execute("SET TIME ZONE 'UTC'")
        return connection


@dataclass(frozen=True, slots=True)
class Tls:
    """Whom to trust, and who we are."""

    ca: Path | None = None
    cert: Path | None = None
    key: Path | None = None

    def context(self) -> ssl.SSLContext:
        """TLS 1.2 at least, host name checked. Raises ConsumerError."""
        try:
            context = ssl.create_default_context(cafile=self.ca)
            context.minimum_version = ssl.TLSVersion.TLSv1_2
            if self.cert:
                context.load_cert_chain(self.cert, self.key)
        except (OSError, ssl.SSLError) as error:
            raise ConsumerError(Words(en=f"certificates: {error}", vi=f"chứng chỉ: {error}")) from error
        return context


@dataclass(frozen=True, slots=True)
class Login:
    """User, and the file that holds the password in its first line."""

    user: str
    password_file: Path | None = None

    def password(self) -> str | None:
        """Raises ConsumerError."""
        if self.password_file is None:
            return None
        try:
            return self.password_file.read_text(encoding="utf-8").partition("\n")[0]
        except (OSError, ValueError) as error:
            text = f"{self.password_file}: {error}"
            raise ConsumerError(Words(en=text, vi=text)) from error


@dataclass(frozen=True, slots=True)
class Broker:
    """Where the messages are."""

    host: str
    port: int
    tls: Tls | None = None
    login: Login | None = None


@dataclass(frozen=True, slots=True)
class Options:
    """How to consume. `in_flight` messages at most wait here for the database; the broker keeps the rest."""

    broker: Broker
    place: Place
    id: str
    group: str = ""  # who shares loses what comes between a restart of mosquitto and the new subscription
    in_flight: int = 500
    within_s: float = 0.2  # a batch that is not full waits so long
    session_s: int = 7 * 86_400  # so long the broker keeps what comes while this consumer is away


def broker_at(url: str, tls: Tls, login: Login | None, insecure: bool) -> Broker:
    """From mqtts://host[:port]; mqtt:// only where `insecure` says so. Raises ConsumerError."""
    parts = urlsplit(url)
    if parts.username or parts.password:
        raise ConsumerError(
            Words(
                en="--mqtt holds a login, which everybody on this machine could read: use --user and --password-file",
                vi="--mqtt chứa tài khoản, mọi người dùng máy này đọc được: hãy dùng --user và --password-file",
            )
        )
    if parts.scheme not in PORTS or not parts.hostname:
        raise ConsumerError(Words(en="--mqtt should be mqtts://HOST:PORT", vi="--mqtt phải có dạng mqtts://HOST:PORT"))
    if parts.scheme == "mqtt" and not insecure:
        raise ConsumerError(
            Words(
                en="mqtt:// is plain text: use mqtts://, or --insecure",
                vi="mqtt:// không mã hóa: dùng mqtts:// hoặc --insecure",
            )
        )
    try:
        port = parts.port or PORTS[parts.scheme]
    except ValueError as error:
        raise ConsumerError(Words(en=f"--mqtt: {error}", vi=f"--mqtt: {error}")) from error
    return Broker(parts.hostname, port, tls if parts.scheme == "mqtts" else None, login)
