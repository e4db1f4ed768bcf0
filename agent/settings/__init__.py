"""Which configuration the node runs: the installer's file, or what the ward applied since and what proved itself.

In: the installer's file and what lies in `data_dir/config`. Out: one `Chosen`, and the words of what was tried. Knows
no camera, no model and no broker: whether a candidate works is judged by `Gate` from what it is told.
"""

from agent.settings.chosen import Chosen, Drawn
from agent.settings.effective import Candidate, Installed, combine, drawn, read_installed
from agent.settings.gate import Gate, Outcome, Seen
from agent.settings.keeping import Keeping
from agent.settings.opening import in_use
from agent.settings.stars import shown_data, shown_text
from agent.settings.state import Before, Ended, Trial

__all__ = [
    "Before",
    "Candidate",
    "Chosen",
    "Drawn",
    "Ended",
    "Gate",
    "Installed",
    "Keeping",
    "Outcome",
    "Seen",
    "Trial",
    "combine",
    "drawn",
    "in_use",
    "read_installed",
    "shown_data",
    "shown_text",
]
