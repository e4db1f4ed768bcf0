"""Programs of the system that do the work, each run once and waited for: sfdisk, mtools, debugfs, resize2fs.

No argument of a command is ever a secret: what is secret travels in files.
"""

import os
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

from agent.i18n import Text
from deploy.flash.refused import CardError

LONGEST_S = 1800.0  # checking and growing a file system of a slow disk
PACKAGES = {
    "sfdisk": "fdisk",
    "mcopy": "mtools",
    "mdel": "mtools",
    "mdir": "mtools",
    "minfo": "mtools",
    "debugfs": "e2fsprogs",
    "dumpe2fs": "e2fsprogs",
    "e2fsck": "e2fsprogs",
    "resize2fs": "e2fsprogs",
    "lsblk": "util-linux",
    "xz": "xz-utils",
}
SBIN = ("/usr/sbin", "/sbin")  # not on the path of a plain user of Debian


def ran(command: Sequence[str], wrong: Text, good: Sequence[int] = (0,)) -> str:
    """What `command` printed. Raises CardError with `wrong` and the program's own last line."""
    done = outcome(command)
    if done.returncode not in good:
        lines = [line for line in done.stderr.decode(errors="replace").splitlines() if line.strip()]
        told = lines[-1].strip()[:200] if lines else f"{Path(command[0]).name}: {done.returncode}"
        raise CardError(Text(en=f"{wrong.en}: {told}", vi=f"{wrong.vi}: {told}"))
    return done.stdout.decode(errors="replace")


def outcome(command: Sequence[str]) -> "subprocess.CompletedProcess[bytes]":
    """The same, judged by the caller. Raises CardError when the program is not there or does not end."""
    program = found(command[0])
    try:
        return subprocess.run(
            (program, *command[1:]),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
            timeout=LONGEST_S,
            # mtools reads drive letters from its settings and would ask questions about some images.
            env={**os.environ, "LC_ALL": "C.UTF-8", "MTOOLSRC": os.devnull, "MTOOLS_SKIP_CHECK": "1"},
        )
    except subprocess.TimeoutExpired as error:
        raise CardError(Text(en=f"{command[0]} did not end", vi=f"{command[0]} chạy mãi không xong")) from error
    except OSError as error:
        raise CardError(Text(en=f"{command[0]}: {error.strerror}", vi=f"{command[0]}: {error.strerror}")) from error


def found(name: str) -> str:
    """The path of a program. Raises CardError that names its package."""
    path = shutil.which(name) or shutil.which(name, path=os.pathsep.join(SBIN))
    if path is None:
        package = PACKAGES.get(name, name)
        raise CardError(
            Text(en=f"{name} is not installed", vi=f"Máy này chưa có {name}"),
            Text(en=f"sudo apt-get install {package}", vi=f"hãy chạy: sudo apt-get install {package}"),
        )
    return path
