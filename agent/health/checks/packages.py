"""Is this the Python with the packages that the agent was made for?"""

from agent.contract.answers import CheckRow
from agent.health.checks.facts import Facts, row
from agent.health.packages import OLDEST
from agent.i18n import Text

NAME = "packages"
AGAIN = Text(en="install the agent again: sudo sh deploy/install.sh", vi="hãy cài lại: sudo sh deploy/install.sh")


def check(facts: Facts) -> tuple[CheckRow, ...]:
    """One row; none where nobody looked."""
    packages = facts.looked.packages
    if packages is None:
        return ()
    python = ".".join(map(str, packages.python))
    if packages.python < OLDEST:
        wanted = ".".join(map(str, OLDEST))
        text = Text(en=f"Python {python} is too old, {wanted} is needed", vi=f"Python {python} quá cũ, cần {wanted}")
        return (row(NAME, "error", text, AGAIN),)
    if packages.missing:
        names = ", ".join(packages.missing)
        return (row(NAME, "error", Text(en=f"missing: {names}", vi=f"thiếu: {names}"), AGAIN),)
    if packages.unfit:
        names = ", ".join(packages.unfit)
        return (row(NAME, "warn", Text(en=f"of another version: {names}", vi=f"sai phiên bản: {names}"), AGAIN),)
    where = Text(en="", vi="") if packages.venv else Text(
        en=", not in an environment of its own", vi=", không nằm trong môi trường riêng"
    )  # fmt: skip
    text = Text(en=f"Python {python}, {packages.count} packages fit{where.en}",
                vi=f"Python {python}, {packages.count} gói đúng phiên bản{where.vi}")  # fmt: skip
    return (row(NAME, "ok", text),)
