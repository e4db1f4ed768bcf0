"""Who asked, on the family's page: the copy of the access log, however late it is written."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from agent.access import AccessLog
from agent.app.household_doors import HouseholdAnswers
from agent.health.status import runtime_file
from tests.access.test_log import CLOCK, access


def test_a_record_that_comes_late_into_the_copy_is_seen_when_it_is_there(
    tmp_path: Path, runtime: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy = runtime_file("access-n1.jsonl", tmp_path)
    assert copy is not None
    log = AccessLog(tmp_path / "access", CLOCK, copy)
    config = SimpleNamespace(cameras=(), node=SimpleNamespace(id="n1", data_dir=tmp_path))
    answers = HouseholdAnswers(cast(Any, SimpleNamespace(access=log)), cast(Any, config), cast(Any, None), CLOCK)
    log.write(access(1))
    with monkeypatch.context() as before:
        before.setattr(log, "show", lambda: None)
        log.write(access(2))
        assert len(answers._asked_for()) == 1
    log.show()
    assert len(answers._asked_for()) == 2
