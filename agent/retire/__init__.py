"""The end of a node at this place: what lies outside its data directory goes too, and a paper says that it did.

In: the root of a file system, a record of how far it has come. Out: erased places, a search for what must be gone, and
a certificate. Knows no node, no broker and no service: `agent/app/retire.py` joins it with them.
"""

from agent.retire.certificate import Certificate, Signature, lines, payload
from agent.retire.places import PLACES, WIFI, Place, found
from agent.retire.record import Record, Records
from agent.retire.scan import Hit, Needles, search
from agent.retire.scrub import scrub

__all__ = [
    "PLACES",
    "WIFI",
    "Certificate",
    "Hit",
    "Needles",
    "Place",
    "Record",
    "Records",
    "Signature",
    "found",
    "lines",
    "payload",
    "scrub",
    "search",
]
