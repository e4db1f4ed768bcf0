"""Why a network camera cannot be reached, looked at once more and closer: its name, its encryption, its certificate.

FFmpeg calls all of these "Input/output error". Nothing is sent but a TLS greeting; no password is known here.
"""

import contextlib
import socket
import ssl
from pathlib import Path
from urllib.parse import urlsplit

from agent.capture.problems import problem
from agent.errors import CameraError

LOOK_S = 2.0
PORTS = {"rtsp": 554, "rtsps": 322}


def closer_problem(address: str, ca_file: Path | None) -> CameraError | None:
    """The very reason, when it is one of these; None when the camera simply is not there."""
    parts = urlsplit(address)
    host, port = parts.hostname or "", parts.port or PORTS.get(parts.scheme, 554)
    try:
        socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (socket.gaierror, UnicodeError):
        return problem("camera_host", address, host)
    return _tls_problem(address, (host, port), ca_file) if parts.scheme == "rtsps" else None


def _tls_problem(address: str, place: tuple[str, int], ca_file: Path | None) -> CameraError | None:
    try:
        context = ssl.create_default_context(cafile=ca_file)
    except OSError:  # an ssl.SSLError is one: no certificate in it
        return problem("camera_ca_file", address, str(ca_file))
    context.verify_flags &= ~ssl.VERIFY_X509_STRICT  # FFmpeg, which opens the stream, is not as strict
    if ca_file is None:
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    with contextlib.suppress(OSError), socket.create_connection(place, LOOK_S) as line:
        try:
            context.wrap_socket(line, server_hostname=place[0]).close()
        except ssl.SSLCertVerificationError as error:
            return problem("camera_certificate", address, error.verify_message)
        except ssl.SSLError:
            return problem("camera_tls", address)
    return None
