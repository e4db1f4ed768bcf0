"""A session is a cookie of 256 random bits; what is kept of it, and what a page of ours adds to it."""

from hashlib import sha256


def session_hash(cookie: str) -> str:
    """What is kept of a cookie: 256 random bits need no salt. Bytes that are no text come as halves of letters."""
    return sha256(f"session\0{cookie}".encode(errors="backslashreplace")).hexdigest()


def token_of(cookie: str) -> str:
    """What a page of ours sends beside the cookie; another site can make the browser send the cookie, but not this."""
    return sha256(f"token\0{cookie}".encode(errors="backslashreplace")).hexdigest()
