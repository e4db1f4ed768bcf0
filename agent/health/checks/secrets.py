"""May nobody else read the files that hold secrets?"""

import os
import stat
from pathlib import Path

from agent.contract.answers import CheckRow
from agent.health.checks.facts import Facts, row
from agent.i18n import Text

OTHERS = 0o077


def check(facts: Facts) -> tuple[CheckRow, ...]:
    """One row; it names files, never what is in them."""
    open_files = [path.name for path in facts.setup.secrets if _mode(path) & OTHERS]
    unread = [path.name for path in facts.setup.secrets if not os.access(path, os.R_OK)]
    if unread:
        names = ", ".join(unread)
        return (
            row(
                "secrets",
                "error",
                Text(en=f"cannot be read: {names}", vi=f"không đọc được: {names}"),
                Text(en="give the file to the agent's user", vi="hãy cho người dùng của chương trình quyền đọc"),
            ),
        )
    if open_files:
        names = ", ".join(open_files)
        return (
            row(
                "secrets",
                "error",
                Text(en=f"others can read: {names}", vi=f"người khác đọc được: {names}"),
                Text(en="chmod 600", vi="chmod 600"),
            ),
        )
    count = len(facts.setup.secrets)
    return (
        row(
            "secrets", "ok", Text(en=f"{count} files, for the agent only", vi=f"{count} tệp, chỉ chương trình đọc được")
        ),
    )


def _mode(path: Path) -> int:
    try:
        return stat.S_IMODE(path.stat().st_mode)
    except OSError:
        return 0
