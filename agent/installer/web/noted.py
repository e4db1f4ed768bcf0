"""What happened on a page, for the log of accesses."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Noted:
    """`action`: opened, login, save, photo, test, pause, resume, closed; `result`: granted, or why not."""

    action: str
    result: str
    by: str = ""  # the address of whoever asked
    reason: str = ""
    cam: str = ""
