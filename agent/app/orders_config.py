"""The commands about the configuration, joined with what is kept of it and with the node that runs it."""

from typing import TYPE_CHECKING

from agent.app.trial import before
from agent.clock import Clock
from agent.commands import Command
from agent.commands.config_apply import ConfigApplyCommand
from agent.commands.config_doors import ConfigDoors, Judged
from agent.commands.config_get import ConfigGetCommand, ConfigValidateCommand
from agent.commands.config_jobs import config_ended, config_planned
from agent.commands.config_rollback import ConfigRollbackCommand
from agent.commands.errands import Later
from agent.config.classes import unlisted
from agent.config.digest import config_hash
from agent.config.mistakes import MAX_TOLD, Mistake
from agent.config.model import Config
from agent.config.remarks import unproven
from agent.contract.answers import ConfigAnswer, ConfigMistake
from agent.contract.base import Words
from agent.contract.requests import ConfigApply, ConfigRollback
from agent.errors import StorageError
from agent.i18n import Text
from agent.settings import Trial, combine, shown_text

if TYPE_CHECKING:
    from agent.app.node import Node

BUSY = Text(
    en="a configuration is on trial; wait for the end of its job",
    vi="đang chạy thử một cấu hình; hãy chờ công việc đó kết thúc",
)
BEGINNING = Text(
    en="the node has just begun, so nobody knows yet what works; try again in a minute",
    vi="thiết bị vừa khởi động nên chưa biết phần nào chạy tốt; hãy thử lại sau một phút",
)
CHANGED = Text(
    en="the installer's file has changed or cannot be used; the node must begin again with it first",
    vi="tệp cấu hình trên thiết bị đã thay đổi hoặc không dùng được; thiết bị phải khởi động lại với tệp đó trước",
)
ROLLBACK_WINDOW_S = 120.0


def config_commands(node: "Node", clock: Clock) -> tuple[Command, ...]:
    """What the ward may ask about the configuration. Reading YAML takes a while, so all of it are errands."""
    desk = ConfigDesk(node, clock)
    doors = ConfigDoors(
        now=desk.now,
        judge=desk.judge,
        hindered=desk.hindered,
        may_undo=lambda: node.settings.may_undo,
        apply=desk.apply,
        rollback=desk.rollback,
        note=node.access.write,
    )
    return (
        Later(ConfigGetCommand(desk.now), node.errands),
        Later(ConfigValidateCommand(desk.judge), node.errands),
        Later(ConfigApplyCommand(doors, clock), node.errands, job=True),
        Later(ConfigRollbackCommand(doors, clock), node.errands, job=True),
    )


class ConfigDesk:
    """By the thread of errands."""

    def __init__(self, node: "Node", clock: Clock) -> None:
        self._node = node
        self._settings = node.settings
        self._clock = clock

    def now(self) -> ConfigAnswer:
        """The one in use."""
        chosen = self._settings.chosen
        return ConfigAnswer(yaml=shown_text(chosen.text), hash=chosen.hash, source=chosen.source)

    def judge(self, yaml: str) -> Judged:
        """Against the installer's file as it was when this process began."""
        chosen = self._settings.chosen
        candidate = combine(chosen.installed, yaml, chosen.local.config if chosen.local else None)
        mistakes = tuple(_mistake(each) for each in (*candidate.mistakes, *candidate.locked)[:MAX_TOLD])
        if candidate.config is None:
            answer = ConfigAnswer(mistakes=mistakes)
            return Judged(answer, tuple(each.path for each in candidate.locked))
        answer = ConfigAnswer(hash=config_hash(candidate.config), remarks=self.remarks(candidate.config))
        return Judged(answer, same=candidate.config == chosen.config)

    def hindered(self) -> Text | None:
        """Why none can be tried just now."""
        if self._settings.busy:
            return BUSY
        updates = self._node.word.hinders()
        if updates is not None:
            return updates
        if any(camera.stats.state().state == "starting" for camera in self._node.cameras):
            return BEGINNING
        return CHANGED if self._settings.installed() is None else None

    def apply(self, request: ConfigApply) -> None:
        """Raises StorageError."""
        self.propose(self._trial(request.request_id, request.window_s), request.yaml)

    def rollback(self, request: ConfigRollback) -> None:
        """Raises StorageError."""
        trial = self._trial(request.request_id, ROLLBACK_WINDOW_S)
        self.propose(trial.model_copy(update={"rollback": True}), None)

    def _trial(self, request_id: str, window_s: float) -> Trial:
        return Trial(request_id=request_id, window_s=window_s, before=before(self._node))

    def propose(self, trial: Trial, yaml: str | None) -> None:
        """It is tried from the next beginning on, which comes at once. Raises StorageError."""
        topics, spool = self._node.line.topics, self._node.spool
        spool.put(config_planned(topics, trial.request_id, self._clock.now()))
        try:
            self._settings.propose(trial, yaml)
        except StorageError as error:
            spool.put(config_ended(topics, trial.request_id, error.text, self._clock.now()))
            raise
        self._node.again.ask()

    def remarks(self, config: Config) -> tuple[Words, ...]:
        """What whoever wrote it should know."""
        told = [Words.of(each) for each in map(unproven, config.cameras) if each is not None]
        labels = self._node.eye.labels.names if self._node.eye else ()
        for rule in unlisted(config.cameras, labels) if labels else ():
            told.append(
                Words(en=f"the model does not have the classes of {rule}", vi=f"mô hình không có các loại của {rule}")
            )
        return tuple(told[:MAX_TOLD])


def _mistake(mistake: Mistake) -> ConfigMistake:
    return ConfigMistake(
        line=mistake.line,
        col=mistake.col,
        path=mistake.path,
        text=Words.of(mistake.text),
        remedy=Words.of(mistake.hint) if mistake.hint else None,
    )
