"""What a source has done so far, as it tells health."""

from dataclasses import dataclass

from agent.values import StreamFormat


@dataclass(frozen=True, slots=True)
class Counts:
    """Since the source was opened; numbers only grow."""

    pictures: int = 0  # coded pictures that came
    decoded: int = 0
    errors: int = 0  # pictures that could not be decoded
    runs: int = 0
    skipped: int = 0  # pictures not encoded, to stay within the CPU budget
    unsent: int = 0  # frames that a child could not hand over: all slots of shared memory were taken
    format: StreamFormat | None = None  # of the main stream, where this source gives it
    encoder: str = ""
