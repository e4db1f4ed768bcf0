"""A user name with its password, which never shows in a log or a traceback."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Login:
    """Who we are towards a server."""

    username: str
    password: str = field(repr=False)
