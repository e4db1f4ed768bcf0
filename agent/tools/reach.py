"""How far from the camera a person is still found, for commands and benches; the figures are detection's."""

from agent.detection.distance import (
    LENSES_MM,
    LIMITS,
    PERSON_M,
    RECALL,
    Limit,
    View,
    limit_px,
    of_angle,
    of_lens,
    reach_m,
)

__all__ = ["LENSES_MM", "LIMITS", "PERSON_M", "RECALL", "Limit", "View", "limit_px", "of_angle", "of_lens", "reach_m"]
