"""One TLS context from the `tls` section: TLS 1.2 or newer, chain and host name checked.

With a client certificate if the section names one.
"""

import ssl
import stat
from pathlib import Path

from agent.config.model import TlsSection
from agent.errors import LinkError
from agent.i18n import Text
from agent.system_words import reason


def client_context(section: TlsSection, code: str) -> ssl.SSLContext:
    """A context for connections to the ward. Raises LinkError (with fault `code`) that names the file at fault."""
    for path in (section.ca, section.cert, section.key):
        if path is not None:
            _readable(path, code)
    if section.key is not None:
        _private(section.key, code)
    try:
        context = ssl.create_default_context(cafile=section.ca)
    except (ssl.SSLError, OSError) as error:
        raise LinkError(
            Text(en=f"{section.ca} holds no certificate", vi=f"{section.ca} không chứa chứng chỉ"),
            Text(en="`tls.ca` is a PEM file", vi="`tls.ca` phải là tệp PEM"),
            code=code,
        ) from error
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if section.cert and section.key:
        try:
            # An empty password makes an encrypted key fail here; else OpenSSL would ask on the terminal and wait.
            context.load_cert_chain(section.cert, section.key, password="")
        except (ssl.SSLError, OSError, ValueError) as error:
            raise LinkError(
                Text(
                    en=f"{section.cert} and {section.key} do not belong together or are damaged",
                    vi=f"{section.cert} và {section.key} không khớp nhau hoặc bị hỏng",
                ),
                Text(
                    en="both are PEM files, the key without a password",
                    vi="cả hai là tệp PEM, khoá không đặt mật khẩu",
                ),
                code=code,
            ) from error
    return context


def _readable(path: Path, code: str) -> None:
    try:
        with path.open("rb") as file:
            file.read(1)
    except OSError as error:
        why = reason(error)
        raise LinkError(
            Text(en=f"{path} cannot be read: {why.en}", vi=f"không đọc được {path}: {why.vi}"),
            Text(
                en=f"does it exist, and may the agent's user read it? ls -l {path}",
                vi=f"tệp có tồn tại không, chương trình có quyền đọc không? ls -l {path}",
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
