"""Whatever comes in and goes out under pressure: the bound holds, and no event stays open at the ward for ever."""

import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.spool import Spool
from agent.values import Phase, Severity
from tests.spool.support import HOW, StillClock, all_pending, draft, found, open_spool, read

ROWS = 100
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("events"), st.integers(1, 30)),
        st.tuples(st.just("ends"), st.integers(1, 30)),
        st.tuples(st.just("others"), st.integers(1, 120)),
        st.tuples(st.just("send"), st.integers(1, 40)),
        st.tuples(st.just("hand out"), st.integers(1, 20)),
        st.tuples(st.just("crash"), st.just(0)),
    ),
    min_size=3,
    max_size=20,
)


class Ward:
    """What the ward has seen."""

    def __init__(self) -> None:
        self.started: set[str] = set()
        self.ended: set[str] = set()

    def take(self, spool: Spool, number: int, acknowledge: bool) -> None:
        for message in spool.pending(number):
            fields = read(message)
            if fields.get("phase") == "start":
                self.started.add(fields["id"])
            if fields.get("phase") == "end":
                self.ended.add(fields["id"])
            if acknowledge:
                spool.ack([message.row])


@given(steps=STEPS)
@settings(max_examples=8, deadline=None)
@pytest.mark.fault("B18", "more events than the spool holds (hypothesis)")
def test_no_event_stays_open_for_ever(steps: list[tuple[str, int]]) -> None:
    clock, ward = StillClock(), Ward()
    with tempfile.TemporaryDirectory(prefix="spool-pressure-") as directory:
        spool = open_spool(Path(directory), clock, ROWS)
        spools, number, running = [spool], 0, list[str]()
        for step, amount in steps:
            if step == "events":
                names = [f"e{number + more}" for more in range(amount)]
                number += amount
                severities = (Severity.ALERT, Severity.INFO)
                spool.record([found(clock, n, severity=severities[len(n) % 2], clip=False) for n in names], HOW)
                running += names
            elif step == "ends":
                spool.record([found(clock, name, Phase.END, clip=False) for name in running[:amount]], HOW)
                running = running[amount:]
            elif step == "others":
                spool.put_all(draft(clock, n, n % 50) for n in range(amount))
            elif step == "crash":
                spool = open_spool(Path(directory), clock, ROWS)
                spools.append(spool)
            else:
                ward.take(spool, amount, step == "send")
            assert spool.state().messages <= ROWS + len(ward.started)
        spool.close_interrupted()
        waiting = {fields["id"] for fields in all_pending(spool) if fields.get("phase") == "end"}
        for opened in spools:
            opened.close()
    assert ward.started <= ward.ended | waiting
