"""Errors that name fields of a configuration, for commands that have options in their place."""

import contextlib
from collections.abc import Iterator

from agent.errors import LinkError
from agent.i18n import Text


@contextlib.contextmanager
def tls_options(*names: str) -> Iterator[None]:
    """`tls.ca` in a LinkError's words becomes `--ca`, for each of `names`. Raises LinkError."""
    try:
        yield
    except LinkError as error:
        hint = _named(error.hint, names) if error.hint else None
        raise LinkError(_named(error.text, names), hint, code=error.code, silent=error.silent) from error


def _named(text: Text, names: tuple[str, ...]) -> Text:
    en, vi = text.en, text.vi
    for name in names:
        en, vi = (each.replace(f"`tls.{name}`", f"`--{name}`") for each in (en, vi))
    return Text(en=en, vi=vi)
