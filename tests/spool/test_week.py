"""Seven days of events and three of clips fit into what the defaults allow; nothing is lost."""

from dataclasses import replace
from pathlib import Path

import pytest

from agent.config.model import SpoolSection
from agent.spool import Found, Spool
from agent.values import Phase
from tests.spool.support import HOW, StillClock, event

EVENTS_A_DAY = 300
PICTURE = b"\xff\xd8" + b"p" * 35_000
PHASES = (Phase.START, Phase.UPDATE, Phase.UPDATE, Phase.UPDATE, Phase.END)
DAY_S = 86_400.0


@pytest.mark.fault("B18", "seven days without a broker fit into the spool")
def test_a_week_of_events_with_their_pictures_and_clips_to_come_fits(tmp_path: Path) -> None:
    clock = StillClock()
    spool = Spool(tmp_path, SpoolSection(), clock)
    for day in range(7):
        started = clock.now()
        found: list[Found] = []
        for number in range(EVENTS_A_DAY):
            revisions = [Found(event(clock, f"{day}-{number:03}", phase, started)) for phase in PHASES]
            found += [replace(revisions[0], thumb=PICTURE), *revisions[1:]]
        spool.record(found, HOW)
        clock.pass_s(DAY_S)
    state = spool.state()
    assert (state.messages, state.dropped_messages) == (7 * EVENTS_A_DAY * (len(PHASES) + 1), 0)
    assert state.bytes < 100_000_000
    assert state.oldest_age_s == 7 * DAY_S
    # The clips wait as footage in the ring: a row of a hundred bytes each.
    assert len(spool.wanted()) == state.wanted == 7 * EVENTS_A_DAY
    assert (spool.lost_clips(), state.dropped_clips) == ((), 0)
