"""Pictures for whoever looks through the setup page, and none for nobody."""

from dataclasses import replace

from agent.app.looking import LOOKED_S, Looking
from agent.pipeline import Analysis, Timings
from agent.values import View
from tests.installer.setup.node import HandClock, show


def test_a_picture_is_kept_only_while_somebody_looks() -> None:
    clock, watched = HandClock(), list[tuple[str, bool]]()
    looking = Looking(clock, lambda cam, closely: watched.append((cam, closely)))
    view = show(2.0, clock)
    frame = view.frame
    analysis = Analysis(frame.at, frame.seq, view.motion, View(), view.tracks, (), (), 0, Timings(0, 0, 0, 0, 0, 0, 0))
    looking.seen(analysis, frame)
    assert looking.latest(frame.cam) is None, "nobody had looked when it came"
    assert watched == [(frame.cam, True)], "a camera that rests would give no picture for a while"
    looking.seen(analysis, replace(frame, rewound=True))
    assert looking.latest(frame.cam) is None, "a picture of before is none of now"
    looking.seen(analysis, frame)
    kept = looking.latest(frame.cam)
    assert kept is not None and kept.tracks == view.tracks
    assert kept.frame.luma is not frame.luma and (kept.frame.luma == frame.luma).all()
    clock.ahead_s = LOOKED_S + 1
    looking.seen(analysis, frame)
    assert watched == [(frame.cam, True), (frame.cam, False)]
    assert looking.latest(frame.cam) is None
