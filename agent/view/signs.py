"""What a comparison with the usual view is a sign of. Pure; how long it must last is left to `check.py`.

The limits lie far from both sides: what bags, hands, paint, torches and a turned mount do to a picture, and what
buses, headlights, dusk and rain do (docs/design/scene.md has the table).
"""

from dataclasses import dataclass

from agent.values import ViewState
from agent.view.usual import Comparison

DARK_MEAN = 30.0  # grey levels; black is 16 in most cameras' video
BLACK_MEAN, FLAT = 20.0, 4.0
SEEN = 0.15  # edges beside the usual amount: less is nothing to be seen
LIT_MEAN = 60.0  # a view that is usually lit does not go black by itself
BRIGHT_SHARE, BRIGHT_MORE = 0.4, 40.0
LOST_HALF, LOST_MOST = 0.4, 0.75
BARE = 0.35  # edges beside the usual amount: what hides the view has none of its own
BARE_SURELY = 0.15
SAME_LAYOUT = 0.8
BLURRED = 0.57  # sharpness times the root of the edges' amount, both 1 as ever


@dataclass(frozen=True, slots=True)
class Suspicion:
    """One look's. `sure`: it needs no long wait; `shifted`: whether the picture has moved decides."""

    state: ViewState
    sure: bool = True
    shifted: bool = False
    large: bool = True  # most of the view is gone


def suspicion_of(seen: Comparison, known: bool) -> Suspicion | None:
    """None when the view seems well. `known`: the usual view has been learnt."""
    if seen.mean < BLACK_MEAN and seen.spread < FLAT:
        return Suspicion(_black(seen) if known else ViewState.DARK)
    if not known:
        return None
    if seen.energy is None or seen.lost is None:
        return None
    if seen.mean < DARK_MEAN and seen.energy < SEEN:
        return Suspicion(_black(seen))
    glaring = seen.bright >= seen.usual_bright + BRIGHT_SHARE and seen.mean >= seen.usual_mean + BRIGHT_MORE
    if glaring and seen.lost >= LOST_HALF:
        return Suspicion(ViewState.BLINDED)
    same_place = seen.lost < LOST_MOST and seen.layout >= SAME_LAYOUT
    if same_place and seen.sharp is not None and seen.sharp < 1.0 and seen.sharp * seen.energy**0.5 < BLURRED:
        return Suspicion(ViewState.BLURRED)
    if seen.lost < LOST_HALF:
        return None
    if seen.energy < BARE and seen.lost >= LOST_MOST:
        return Suspicion(ViewState.COVERED, sure=seen.energy < BARE_SURELY)
    return Suspicion(ViewState.MOVED, sure=False, shifted=True, large=seen.lost >= LOST_MOST)


def _black(seen: Comparison) -> ViewState:
    """A dark scene keeps its layout; a lid on the lens of a camera that saw well does not."""
    return ViewState.COVERED if seen.usual_mean >= LIT_MEAN and seen.layout < SAME_LAYOUT / 2 else ViewState.DARK
