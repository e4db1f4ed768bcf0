"""What a camera costs while nothing moves, beside Debian's `motion`, both recording all that comes."""

from typing import Any

from bench.beside_motion import Course, measured, told
from bench.still import SIZES, still_stream

WARM_UP_S = 20.0  # the agent goes idle after some still seconds, ten and more with a parked car in view


def run(quick: bool) -> dict[str, Any]:
    """Of what both take per minute; how they are compared is in `beside_motion.py`."""
    course = Course(WARM_UP_S, 17.0 if quick else 60.0, always=True)
    return dict(told(measured([(size, still_stream(size)) for size in SIZES], course)))
