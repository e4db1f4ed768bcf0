"""A page that cannot be served, in words. Needs no aiohttp, so a job may import it while its page is closed."""

import errno
import ssl
from pathlib import Path

from agent.errors import Retryable
from agent.i18n import Text


def port_error(page: Text, section: str, port: int, error: OSError) -> Retryable:
    """`page` is its name for people, `section` that of its settings. Code `page_port`."""
    if error.errno == errno.EACCES:
        why = Text(f"port {port} is not allowed", f"không được phép dùng cổng {port}")
    elif error.errno == errno.EADDRINUSE:
        why = Text(f"port {port} is taken", f"cổng {port} đang bị chiếm")
    else:
        told = error.strerror or str(error)
        why = Text(f"cannot listen: {told}", f"không mở được cổng: {told}")
    where = f"`{section}: port:`"
    hint = Text(
        f"Write another number in {where} (above 1023), or 0 for any free one",
        f"Hãy ghi số khác ở {where} (lớn hơn 1023), hoặc 0 để lấy cổng trống bất kỳ",
    )
    if error.errno == errno.EADDRNOTAVAIL:
        hint = Text(f"Look at `{section}: listen:`", f"Hãy xem lại `{section}: listen:`")
    return Retryable(Text(f"{page.en}: {why.en}", f"{page.vi}: {why.vi}"), hint, code="page_port")


def unserved(page: Text, section: str, port: int, cert: Path, error: OSError) -> Retryable:
    """As `port_error`; a certificate that is of no use is removed, so that the next try makes another."""
    if not isinstance(error, ssl.SSLError):
        return port_error(page, section, port, error)
    cert.unlink(missing_ok=True)
    return Retryable(Text(f"{page.en}: {error}", f"{page.vi}: {error}"), code="page_port")
