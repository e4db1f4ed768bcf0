"""One life of a node: from the lock on its directory to the exit code; what must come before anything is opened."""

import logging
import os

from agent import __version__
from agent.app.again import AGAIN_CODE
from agent.app.escalate import RESTART_CODE
from agent.app.heap import Slack, tune_heap
from agent.app.lock import DataDirLock
from agent.app.marked import marked
from agent.app.node import Node
from agent.app.trial import begin_trial
from agent.clock import Clock
from agent.health.notify import Notifier
from agent.settings import Keeping
from agent.stop import Stop

log = logging.getLogger(__name__)


def run_node(settings: Keeping, clock: Clock, stop: Stop) -> int:
    """Run until `stop`, then 0; RESTART_CODE when systemd is to start it anew because a camera hangs; AGAIN_CODE when a
    command wants it to begin again.

    Raises ConfigError or StorageError when it cannot start at all.
    """
    tune_heap()
    notifier = Notifier()
    with DataDirLock(settings.chosen.config.node.data_dir):
        if marked(settings.chosen.config.node.data_dir):
            from agent.app.erased import erase_and_stay_quiet  # noqa: PLC0415  # what no other start needs

            code = erase_and_stay_quiet(settings.chosen.config, notifier, stop, clock)
            if code is not None:
                return code
        notifier.watchdog()
        begin_trial(settings, clock.boot_id)
        config = settings.chosen.config
        node = Node(settings, clock, notifier)
        slack = Slack(clock)

        def gives_up() -> bool:
            slack.look()
            return node.gives_up()

        try:
            node.supervisor.start()
            notifier.ready(node.status_line())
            log.info("node %s of ward %s runs, version %s", config.node.id, config.node.ward, __version__)
            gave_up = node.supervisor.watch(stop, node.status_line, gives_up)
            code = 0 if not gave_up else AGAIN_CODE if node.again.asked() else RESTART_CODE
        finally:
            if node.again.asked():
                notifier.watchdog()  # a fresh span for the next beginning
            else:
                notifier.stopping()  # never before an exec: systemd then kills what goes on (its issue 39535)
            stuck = node.close()
    log.info("stopped")
    if stuck:
        code = RESTART_CODE if code == AGAIN_CODE else code
        # A thread that sits in C code would crash the interpreter's own end; everything durable is closed by now.
        logging.shutdown()
        os._exit(code)
    return code
