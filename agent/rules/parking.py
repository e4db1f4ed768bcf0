"""A vehicle stands in a zone too long: one event per vehicle.

Standing means: for the whole time the middle of its box has stayed within a share of the box's size from where it
was when it came to stand. Jitter stays inside that; creeping does not. Somebody walking past hides a part of it for
a moment, so it must be away for two seconds to count as moved. `dwell_s` is the time it has stood; where the tracker
knows a vehicle again after a restart or a lost camera, it goes on.
"""

from agent.clock import Moment
from agent.config.rules import ParkingRule
from agent.rules.lifecycle import Setting, Sight, seen
from agent.rules.zone import Stay
from agent.rules.zone_rule import Zones, ZoneWatch
from agent.values import Box, Event, Scene

MOVED_SHARE = 0.3
MOVED_FOR_S = 2.0
# A lorry that passes hides a parked car for longer than a person is hidden.
LOSS_S = 10.0


class Parking(ZoneWatch):
    """Starts for each vehicle that has stood for `after`, ends when it has moved off or been gone for ten seconds."""

    def __init__(self, section: ParkingRule, zones: Zones, setting: Setting) -> None:
        super().__init__(section, zones, setting, quiet_s=LOSS_S, loss_s=LOSS_S)
        self._after_s = section.after

    def update(self, scene: Scene) -> tuple[Event, ...]:
        """The events of this frame."""
        sights = {}
        for one in self.inside(scene.at, scene.tracks):
            stood_s = min(standing_s(scene.at, one.stay, one.track.box), one.dwell_s) + one.stay.before_s
            if stood_s >= self._after_s:
                sights[one.stay.key] = Sight((seen(one.track, stood_s),), 1)
        return self._life.step(scene.at, sights)


def standing_s(at: Moment, stay: Stay, box: Box) -> float:
    """Seconds since the vehicle came to stand; moves the stay's anchor along while it moves."""
    if not moved(stay.anchor, box):
        stay.off_anchor_s = None
    elif stay.off_anchor_s is None:
        stay.off_anchor_s = at.mono_s
    elif at.mono_s - stay.off_anchor_s >= MOVED_FOR_S:
        stay.anchor, stay.anchor_s, stay.off_anchor_s = box, at.mono_s, None
        stay.before_s = 0.0
    return at.mono_s - stay.anchor_s


def moved(anchor: Box, box: Box) -> bool:
    """Is the middle of `box` further from that of `anchor` than the share allows?"""
    dx, dy = box.centre.x - anchor.centre.x, box.centre.y - anchor.centre.y
    return abs(dx) > MOVED_SHARE * anchor.width or abs(dy) > MOVED_SHARE * anchor.height
