"""The hash by which birth and events name the configuration that was in use."""

import hashlib
import json

from agent.config.model import Config


def config_hash(config: Config) -> str:
    """SHA-256 over canonical JSON, in hex: equal for equal settings, however the file is laid out."""
    canonical = json.dumps(config.model_dump(mode="json"), sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(canonical.encode("ascii")).hexdigest()
