"""A node whose only camera hangs in its child: `python -m tests.app.hung_node CONFIG`; ends as the agent does.

What is an hour on a wall is seconds here: the patience with the child and with the hang.
"""

import sys
import threading
from dataclasses import replace
from pathlib import Path

from agent.app.run import run_node
from agent.capture.isolated import job as isolated_job
from agent.capture.isolated import source as isolated
from agent.capture.isolated.aside import Aside
from agent.capture.isolated.child import ChildCommand
from agent.capture.isolated.source import IsolatedSource
from agent.capture.stream import Reading
from agent.clock import Clock
from agent.config.camera import CameraSection
from agent.config.model import EscalationSection
from agent.settings import Chosen, Keeping


def hang(camera: CameraSection, reading: Reading, aside: Aside) -> IsolatedSource:
    command = ChildCommand((sys.executable, "-m", "tests.capture.isolated.children"), {"do": "silent"})
    return IsolatedSource(camera, reading, command, aside)


class Impatient(Keeping):
    """An installer's file that may say what no file may."""

    def begin(self, boot_id: str) -> Chosen:
        chosen = super().begin(boot_id)
        soon = EscalationSection.model_construct(after=2.0, reboot=False)
        self.chosen = replace(chosen, config=chosen.config.model_copy(update={"escalation": soon}))
        return self.chosen


if __name__ == "__main__":
    isolated.OPEN_S, isolated.SIGN_S = 0.0, 0.5
    vars(isolated_job)["open_isolated"] = hang  # looked up when the camera is opened
    sys.exit(run_node(Impatient(Path(sys.argv[1])), Clock(), threading.Event()))
