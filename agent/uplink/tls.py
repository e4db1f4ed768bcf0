"""One TLS context from the `tls` section: TLS 1.2 or newer, chain and host name checked.

With a client certificate if the section names one. What is wrong with a file is told by its name.
"""

import ssl
import stat
from dataclasses import dataclass
from pathlib import Path

from agent.config.model import TlsSection
from agent.errors import LinkError
from agent.i18n import Text
from agent.system_words import reason

NOT_ENROLLED = Text(
    en="get this node's certificate from the ward: `camera-agent enrol`; or correct the paths under `tls`",
    vi="hãy lấy chứng chỉ của thiết bị từ phường: `camera-agent enrol`; hoặc sửa đường dẫn ở `tls`",
)


@dataclass(frozen=True, slots=True)
class _Files:
    ca: Path | None
    cert: Path | None
    key: Path | None


def client_context(section: TlsSection, code: str) -> ssl.SSLContext:
    """A context for connections to the ward. Raises LinkError (with fault `code`) that names the file at fault."""
    for path in (section.ca, section.cert, section.key):
        if path is not None:
            _readable(path, code)
    if section.key is not None:
        _private(section.key, code)
    files = _of_one_time(section)
    try:
        context = _alike(ssl.create_default_context(cafile=files.ca))
    except (ssl.SSLError, OSError) as error:
        raise LinkError(
            Text(en=f"{section.ca} holds no certificate", vi=f"{section.ca} không chứa chứng chỉ"),
            Text(en="`tls.ca` is a PEM file", vi="`tls.ca` phải là tệp PEM"),
            code=code,
        ) from error
    if files.cert and files.key:
        try:
            # An empty password makes an encrypted key fail here; else OpenSSL would ask on the terminal and wait.
            context.load_cert_chain(files.cert, files.key, password="")
        except (ssl.SSLError, OSError, ValueError) as error:
            raise _no_pair(error, section, code) from error
    return context


def context_of(ca_pem: str) -> ssl.SSLContext:
    """As `client_context`, for an authority that is not in a file yet. Raises ValueError when it is none."""
    try:
        context = _alike(ssl.create_default_context(cadata=ca_pem))
    except ssl.SSLError as error:
        raise ValueError(str(error)) from error
    return context


def _alike(context: ssl.SSLContext) -> ssl.SSLContext:
    """It judges certificates alike on every system: docs/decisions/0041."""
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.verify_flags &= ~ssl.VERIFY_X509_STRICT
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    return context


def unverified_context() -> ssl.SSLContext:
    """For one question only: what an authority's certificate is, whose fingerprint is compared at once."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def _of_one_time(section: TlsSection) -> _Files:
    """The files behind the names, all of the same moment: a renewal exchanges them by one symbolic link."""
    files = _resolved(section)
    for _ in range(10):
        again = _resolved(section)
        if again == files:
            break
        files = again
    return files


def _resolved(section: TlsSection) -> _Files:
    return _Files(*(path.resolve() if path else None for path in (section.ca, section.cert, section.key)))


def _no_pair(error: Exception, section: TlsSection, code: str) -> LinkError:
    cert, key = section.cert, section.key
    if getattr(error, "reason", None) == "KEY_VALUES_MISMATCH":
        return LinkError(
            Text(
                en=f"the key {key} does not belong to the certificate {cert}",
                vi=f"khoá {key} không khớp với chứng chỉ {cert}",
            ),
            Text(
                en="copy both files of one pair, or enrol the node again: `camera-agent enrol`",
                vi="hãy chép lại đúng một cặp tệp, hoặc đăng ký lại thiết bị: `camera-agent enrol`",
            ),
            code=code,
        )
    return LinkError(
        Text(
            en=f"{cert} and {key} do not belong together or are damaged",
            vi=f"{cert} và {key} không khớp nhau hoặc bị hỏng",
        ),
        Text(
            en="both are PEM files, the key without a password",
            vi="cả hai là tệp PEM, khoá không đặt mật khẩu",
        ),
        code=code,
    )


def _readable(path: Path, code: str) -> None:
    try:
        with path.open("rb") as file:
            file.read(1)
    except OSError as error:
        why = reason(error)
        raise LinkError(
            Text(en=f"{path} cannot be read: {why.en}", vi=f"không đọc được {path}: {why.vi}"),
            NOT_ENROLLED
            if isinstance(error, FileNotFoundError)
            else Text(
                en=f"may the agent's user read it? ls -l {path}",
                vi=f"chương trình có quyền đọc không? ls -l {path}",
            ),
            code=code,
        ) from error


def _private(key: Path, code: str) -> None:
    """Its group may read it: keys that root hands out to a service are kept so."""
    if stat.S_IMODE(key.stat().st_mode) & stat.S_IRWXO:
        raise LinkError(
            Text(
                en=f"everybody on this device can read the key {key}",
                vi=f"mọi người dùng trên thiết bị đọc được khoá {key}",
            ),
            Text(en=f"run: sudo chmod 640 {key}", vi=f"hãy chạy: sudo chmod 640 {key}"),
            code=code,
        )
