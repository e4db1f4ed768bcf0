"""The setup page on a port of its own. The job imports this file when the page is opened, and not before."""

from agent.installer.setup.doors import SetupDoors
from agent.installer.setup.entry import Entry
from agent.installer.setup.site import SetupSite
from agent.installer.web.serving import PageServer, Place

__all__ = ["Place", "SetupServer"]


class SetupServer(PageServer):
    """Listens when made; raises OSError when it cannot, ssl.SSLError when the papers are of no use."""

    def __init__(self, doors: SetupDoors, entry: Entry, place: Place, open_for_s: float) -> None:
        super().__init__(SetupSite(doors, entry, open_for_s), place)
