"""Secrets of one node: drawn from the system's own source of chance, never made out of anything that can be known."""

import secrets
from dataclasses import dataclass, field

# Without what is misread on paper: 0 O, 1 l I, 5 S, 2 Z, 8 B, u v.
LETTERS = "3467" + "acdefghjkmnpqrtwxy"
HOTSPOT_LETTERS = 14  # 22^14: 62 bits, against guessing away from the place with a recorded greeting
CODE_DIGITS = 12  # 40 bits, on the large keys of a phone; the page locks itself after five wrong ones


@dataclass(frozen=True, slots=True)
class Secrets:
    """`setup` and `household` open the two pages; `hotspot` is the password of the node's own wifi."""

    setup: str = field(repr=False)
    household: str = field(repr=False)
    hotspot: str = field(repr=False)


def new_secrets() -> Secrets:
    """Of one node."""
    return Secrets(_digits(), _digits(), "".join(secrets.choice(LETTERS) for _ in range(HOTSPOT_LETTERS)))


def _digits() -> str:
    return "".join(secrets.choice("0123456789") for _ in range(CODE_DIGITS))
