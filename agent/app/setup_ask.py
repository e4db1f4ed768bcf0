"""The other side of the setup page's folder: a person's command asks the node that runs here to open it, or close."""

import contextlib
import fcntl
import json
import os
import threading
from dataclasses import asdict
from pathlib import Path

from agent.clock import Clock
from agent.durable import disk_error
from agent.errors import AgentError
from agent.i18n import Text
from agent.installer.setup.opening import REQUEST, Opening, OpeningFile, Request
from agent.installer.setup.page import new_request_id
from agent.installer.web.codes import code_of

PATIENCE_S = 30.0  # a node that begins again just now, and a key that must be made
LOOK_S = 0.2
NOT_RUNNING = Text(
    en="no node runs here, so there is no page to open", vi="không có thiết bị nào đang chạy ở đây để mở trang"
)
START = Text(
    en="start it: sudo systemctl start camera-agent (then: camera-agent status), and run this again",
    vi="hãy khởi động: sudo systemctl start camera-agent (rồi xem: camera-agent status), sau đó chạy lại lệnh này",
)
SILENT = Text(en="the node does not answer", vi="thiết bị không trả lời")
LOOK = Text(
    en="look at `camera-agent status` (is the port of `setup: port:` taken?) and `journalctl -u camera-agent`",
    vi="hãy xem `camera-agent status` (cổng ở `setup: port:` có bị chiếm không?) và `journalctl -u camera-agent`",
)
AS_ROOT = Text(
    en="run it with sudo, or as the user of the service", vi="hãy chạy bằng sudo, hoặc bằng người dùng của dịch vụ"
)


def running(data_dir: Path) -> bool:
    """Does a node work in this directory? Raises AgentError where that cannot be seen."""
    try:
        descriptor = os.open(data_dir / "lock", os.O_RDWR | os.O_CLOEXEC)
    except FileNotFoundError:
        return False
    except OSError as error:
        raise AgentError(disk_error(error, data_dir).text, AS_ROOT) from error
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False


def ask_open(data_dir: Path, code: str, clock: Clock) -> Opening:
    """Open, and let in whoever knows `code`. Raises AgentError."""
    request = Request(new_request_id(), code_of(code))
    _put(data_dir, request)
    return _answered(data_dir, request.id, clock)


def ask_close(data_dir: Path) -> None:
    """Raises AgentError."""
    _put(data_dir, Request(new_request_id(), close=True))


def _answered(data_dir: Path, request: str, clock: Clock) -> Opening:
    file, pause, end_s = OpeningFile(data_dir), threading.Event(), clock.mono_s() + PATIENCE_S
    while clock.mono_s() < end_s:
        opening = file.read(clock.boot_id, clock.mono_s())
        if opening is not None and opening.request == request and opening.port:
            return opening
        pause.wait(LOOK_S)
    with contextlib.suppress(OSError):
        (file.folder / REQUEST).unlink(missing_ok=True)
    raise AgentError(SILENT, LOOK)


def _put(data_dir: Path, request: Request) -> None:
    """The folder belongs to the service's user, who may not be the one that asks: nothing in it is followed."""
    if not running(data_dir):
        raise AgentError(NOT_RUNNING, START)
    folder = OpeningFile(data_dir).folder
    try:
        owner = data_dir.stat()
        if not folder.is_symlink() and not folder.exists():
            folder.mkdir(mode=0o700)
            os.chown(folder, owner.st_uid, owner.st_gid, follow_symlinks=False)
        inside = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    except OSError as error:
        raise AgentError(disk_error(error, folder).text, AS_ROOT) from error
    name = f"{REQUEST}.{request.id}.tmp"
    try:
        made = os.open(name, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600, dir_fd=inside)
        with os.fdopen(made, "w", encoding="ascii") as file:
            file.write(json.dumps(asdict(request)))
            os.fchown(file.fileno(), owner.st_uid, owner.st_gid)
        os.rename(name, REQUEST, src_dir_fd=inside, dst_dir_fd=inside)
    except OSError as error:
        raise AgentError(disk_error(error, folder).text, AS_ROOT) from error
    finally:
        os.close(inside)
