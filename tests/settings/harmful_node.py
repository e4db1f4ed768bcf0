"""A node that some configurations harm, by the id of a rule: `python -m tests.settings.harmful_node run --config FILE`.

What a bug in a rule, a model or a driver would do on somebody's wall happens here on purpose: `dies` (the kernel ends
the process), `hangs` (an analysis never comes back), `breaks` (it raises, each time), `holds` (a lock that the main
thread needs is never let go). The process begins again as the agent does.
"""

import os
import signal
import sys
import threading

from agent.app import camera, trial
from agent.cli import main
from agent.config.camera import CameraSection
from agent.pipeline import Analysis, Pipeline, build
from agent.values import Frame

NEVER = threading.Event()
LOCK = threading.Lock()


class Harmed(Pipeline):
    """The real one, but for what its configuration does to it."""

    harm = ""

    def step(self, frame: Frame) -> Analysis:
        if self.harm == "dies":
            os.kill(os.getpid(), signal.SIGKILL)
        if self.harm == "hangs":
            NEVER.wait()
        if self.harm == "breaks":
            raise ZeroDivisionError("a bug")
        if self.harm == "holds" and LOCK.acquire(blocking=False):
            NEVER.wait()
        return super().step(frame)


def built(config: object, section: CameraSection, *rest: object) -> Pipeline:
    pipeline: Pipeline = build(config, section, *rest)  # type: ignore[arg-type]
    pipeline.__class__ = Harmed
    vars(pipeline)["harm"] = next((rule.name for rule in section.rules if rule.name in HARMS), "")
    return pipeline


def broken(node: object) -> list[str]:
    with LOCK:
        return WAS_BROKEN(node)  # type: ignore[arg-type, return-value]


HARMS = ("dies", "hangs", "breaks", "holds")
WAS_BROKEN = trial._broken

if __name__ == "__main__":
    vars(camera)["build"] = built
    vars(trial)["_broken"] = broken
    trial.HANG_S = 6.0
    sys.exit(main())
