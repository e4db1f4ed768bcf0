"""A code for a page, in a file that a person wrote: read, and refused where everybody may read it or it is short."""

import logging
import stat
from pathlib import Path

from agent.installer.web.codes import LONGEST, SHORTEST, plain

log = logging.getLogger(__name__)


def read_code(path: Path, page: str) -> str | None:
    """None, and why in the log, without one that can be used. `page`: what stays closed then."""
    try:
        mode = path.stat().st_mode
        told = path.read_text(encoding="utf-8")[: 4 * LONGEST].strip()
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        log.warning("the code of the %s cannot be read: %s", page, type(error).__name__)
        return None
    if mode & (stat.S_IROTH | stat.S_IWOTH):
        log.warning("the %s stays closed: everybody on this device may read %s (chmod o-rwx)", page, path)
        return None
    if not SHORTEST <= len(plain(told)) <= LONGEST:
        log.warning("the %s stays closed: the code in %s is shorter than %d characters", page, path, SHORTEST)
        return None
    return told
