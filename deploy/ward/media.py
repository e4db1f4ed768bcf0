"""The media server as a child process."""

import contextlib
import socket
from functools import partial
from pathlib import Path

from agent.i18n import Text
from deploy.ward.child import Child, WardError
from deploy.ward.nginx import Nginx

START_S = 10.0


def start_media(nginx: Nginx, settings: Path, port: int, log: Path) -> Child:
    """The media server on 127.0.0.1:`port`, with the filled-in nginx.conf. Raises WardError."""
    log.unlink(missing_ok=True)
    # -p: it would look for its directories where Debian has them.
    child = Child((str(nginx.program), "-p", str(log.parent), "-e", "stderr", "-c", str(settings)), log)
    if child.wait_until(partial(answers, port), START_S) and child.process.poll() is None:
        return child
    child.stop()
    said = child.last_words()
    raise WardError(
        Text(
            en=f"the media server did not start on 127.0.0.1:{port}: {said}",
            vi=f"máy chủ hình trực tiếp không khởi động được tại 127.0.0.1:{port}: {said}",
        )
    )


def answers(port: int) -> bool:
    """Does something listen there?"""
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1.0):
        return True
    return False
