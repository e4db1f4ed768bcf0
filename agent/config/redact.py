"""What of a configuration may be told: its hash, and addresses without anything that could be a password."""

import hashlib
import json
import re

from agent.config.model import Config

_PASSWORD = re.compile(r"((?:password|passwd|pass|pwd|token|key)=)[^&/?#\s]*", re.IGNORECASE)


def config_hash(config: Config) -> str:
    """SHA-256 over canonical JSON, in hex: equal for equal settings, however the file is laid out."""
    canonical = json.dumps(config.model_dump(mode="json"), sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(canonical.encode("ascii")).hexdigest()


def public_address(address: str) -> str:
    """An address as a message may show it: stars for a login and for what looks like a password in the path."""
    scheme, separator, rest = address.partition("://")
    if not separator:
        return address
    login, at, place = rest.rpartition("@")
    shown = f"***@{place}" if at and login else place
    return scheme + separator + _PASSWORD.sub(r"\1***", shown)
