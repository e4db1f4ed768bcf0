"""What happens on a page behind a code, in the access log: who came in, who did not, what they did."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from agent.clock import Clock
from agent.errors import StorageError
from agent.installer.web.noted import Noted
from agent.values import Access

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class PageLog:
    """Of one page. `write` raises StorageError."""

    page: Literal["setup", "household"]
    write: Callable[[Access], object]
    clock: Clock

    def note(self, noted: Noted) -> None:
        """One line more; what was refused also in the log of the node."""
        if noted.result != "granted":
            log.warning("%s page: %s from %s: %s", self.page, noted.action, noted.by or "?", noted.result)
        now_ns = self.clock.now().wall_ns
        access = Access(
            action=f"{self.page}_{noted.action}",
            by=f"{self.page} page {noted.by}".rstrip(),
            case="",
            reason=noted.reason,
            cam=noted.cam,
            from_ns=now_ns,
            to_ns=now_ns,
            result=noted.result,
        )
        try:
            self.write(access)
        except StorageError as error:  # a full disk must keep out neither the family nor who has come to see why
            log.warning("the access log does not take what happens on the %s page: %s", self.page, error)
