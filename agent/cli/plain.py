"""Words of others on a terminal: a line stays one line, and nothing in it moves the cursor or hides what was said."""

STRANGE = "\N{REPLACEMENT CHARACTER}"


def plain(text: str) -> str:
    """`text` with each character that cannot be printed (line ends, escapes, marks of direction) replaced."""
    return "".join(letter if letter.isprintable() else STRANGE for letter in text)
