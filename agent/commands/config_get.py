"""`config.get` and `config.validate`: which configuration runs, and would the node take another one?"""

from collections.abc import Callable
from typing import Any

from agent.commands.config_doors import Judged
from agent.commands.inbox import Reply
from agent.commands.refused import Refused
from agent.contract.answers import Answer, ConfigAnswer
from agent.contract.commands import Refusal
from agent.contract.requests import MOST_YAML, ConfigValidate
from agent.i18n import Text


class ConfigGetCommand:
    """The settings in use, with stars in place of secrets."""

    name = "config.get"

    def __init__(self, now: Callable[[], ConfigAnswer]) -> None:
        self._now = now

    def run(self, fields: dict[str, Any]) -> Reply:
        """Raises Refused(too_large) when it fits into no message."""
        answer = self._now()
        if answer.yaml is not None and len(answer.yaml) > MOST_YAML:
            raise Refused(
                Refusal.TOO_LARGE,
                Text(
                    en="the configuration is too long for a message", vi="tệp cấu hình quá dài, không gửi được qua tin"
                ),
            )
        return Reply("done", answer=Answer(config=answer))


class ConfigValidateCommand:
    """All mistakes with their places, and what should be known to whoever wrote it. Changes nothing."""

    name = "config.validate"

    def __init__(self, judge: Callable[[str], Judged]) -> None:
        self._judge = judge

    def run(self, fields: dict[str, Any]) -> Reply:
        """Done also when there are mistakes: that is what was asked. Raises ValidationError."""
        request = ConfigValidate.model_validate(fields)
        return Reply("done", answer=Answer(config=self._judge(request.yaml).answer))
