"""A throw-away certificate authority for demos and tests, made with the `openssl` command.

Gives a CA, and certificates signed by it with any host names and dates, so that expired and foreign ones can be shown.
"""

import subprocess
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from pathlib import Path

from agent.i18n import Text
from deploy.ward.child import WardError

SETTINGS = """
[ca]
default_ca = ward
[ward]
database = {directory}/index.txt
new_certs_dir = {directory}
rand_serial = yes
default_md = sha256
policy = any
unique_subject = no
copy_extensions = copy
[any]
commonName = supplied
"""


@dataclass(frozen=True, slots=True)
class Certificates:
    """What one side needs: its own certificate and key, and the authority it trusts."""

    ca: Path
    cert: Path
    key: Path


@dataclass(frozen=True, slots=True)
class Validity:
    """From and to, in days from now."""

    from_days: float = -1.0
    to_days: float = 30.0


def issue(
    directory: Path, name: str, hosts: str = "IP:127.0.0.1,DNS:localhost", validity: Validity | None = None
) -> Certificates:
    """A certificate for `name`, signed by the authority in `directory` (made when it is not there).

    `hosts` is openssl's subjectAltName. Raises WardError.
    """
    ca, ca_key = directory / "ca.pem", directory / "ca.key"
    if not ca.exists():
        _make_authority(directory, ca, ca_key)
    cert, key, request = directory / f"{name}.pem", directory / f"{name}.key", directory / f"{name}.csr"
    _openssl(
        *("req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"),
        *("-keyout", str(key), "-out", str(request), "-subj", f"/CN={name}", "-addext", f"subjectAltName={hosts}"),
    )
    span = validity or Validity()
    _openssl(
        *("ca", "-batch", "-notext", "-config", str(directory / "ca.conf"), "-cert", str(ca), "-keyfile", str(ca_key)),
        *("-startdate", _stamp(span.from_days), "-enddate", _stamp(span.to_days)),
        *("-in", str(request), "-out", str(cert)),
    )
    return Certificates(ca, cert, key)


def _make_authority(directory: Path, ca: Path, ca_key: Path) -> None:
    directory.mkdir(parents=True, exist_ok=True)
    (directory / "index.txt").touch()
    (directory / "ca.conf").write_text(SETTINGS.format(directory=directory), encoding="utf-8")
    _openssl(
        *("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "30"),
        *("-keyout", str(ca_key), "-out", str(ca), "-subj", "/CN=demo ward authority"),
        *("-addext", "keyUsage=critical,keyCertSign,cRLSign"),  # Python 3.13 trusts no authority without it
    )


def _stamp(days: float) -> str:
    return (datetime.now(timezone.utc) + timedelta(days=days)).strftime("%Y%m%d%H%M%SZ")


def _openssl(*arguments: str) -> None:
    try:
        subprocess.run(("openssl", *arguments), check=True, capture_output=True, timeout=30)
    except FileNotFoundError as error:
        raise WardError(
            Text(en="the openssl command is missing", vi="thiếu lệnh openssl"),
            Text(en="apt install openssl", vi="apt install openssl"),
        ) from error
    except (subprocess.CalledProcessError, subprocess.TimeoutExpired) as error:
        said = (error.stderr or b"").decode(errors="replace").strip()[-300:]
        raise WardError(
            Text(en=f"openssl could not make a certificate: {said}", vi=f"openssl không tạo được chứng chỉ: {said}")
        ) from error
