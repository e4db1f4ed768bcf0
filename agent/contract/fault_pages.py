"""The page of each fault code: docs/guide/faults/CODE.md and CODE.vi.md, which also travel inside of the package.

There is one copy in the repository. Packing (setup.py) puts that folder into the wheel as `agent/fault_pages`; whoever
runs from a checkout reads it where it is.
"""

from pathlib import Path

from agent.errors import AgentError
from agent.i18n import Language, Text

FOLDER = "docs/guide/faults"
PACKED = Path(__file__).parents[1] / "fault_pages"
CHECKOUT = Path(__file__).parents[2] / FOLDER


def page_name(code: str, language: Language = "en") -> str:
    """The file's name."""
    return f"{code}.vi.md" if language == "vi" else f"{code}.md"


def page_link(code: str) -> str:
    """Where the page lies in the project; what the fault message carries."""
    return f"{FOLDER}/{page_name(code)}"


def page_command(code: str) -> str:
    """What shows the page on the device, without internet."""
    return f"camera-agent fault {code}"


def read_page(code: str, language: Language) -> str:
    """The page as Markdown. Raises AgentError when this installation has none."""
    for folder in (PACKED, CHECKOUT):
        try:
            return (folder / page_name(code, language)).read_text(encoding="utf-8")
        except OSError:
            continue
    raise AgentError(
        Text(en=f"the page of {code} is not installed here", vi=f"ở đây không cài trang hướng dẫn của {code}"),
        Text(en=f"See {page_link(code)} of the project", vi=f"Xem {page_link(code)} trong dự án"),
    )
