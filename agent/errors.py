"""The exception tree, chosen by what the catcher does.

    AgentError                 every error of ours; has a text, a hint and a fault code
    ├── ConfigError            stop the node (exit 78) or keep the last good configuration
    ├── Retryable              wait (backoff), make fresh objects, try again
    │   ├── CameraError        the camera: absent, silent, refused, wrong codec
    │   ├── LinkError          the network, broker or upload server
    │   └── StorageError       disk full, read-only, corrupt
    └── Rejected               give up on this one item, count it, go on with the next
        └── ModelError         this model cannot be used: go on with motion only

Library errors are turned into one of these at the border, once, with the cause attached and credentials removed.
"""

from agent.i18n import Text


class AgentError(Exception):
    """Base of all errors a person may see. `code` names the fault that it raises at the ward."""

    def __init__(self, text: Text, hint: Text | None = None, *, code: str = "internal") -> None:
        super().__init__(text)
        self.text = text
        self.hint = hint
        self.code = code

    def __str__(self) -> str:
        if not self.hint:
            return str(self.text)
        hint = str(self.hint)
        return f"{self.text}. {hint}" if hint[:1].isupper() else f"{self.text}; {hint}"


class ConfigError(AgentError):
    """The configuration (or what it points to) cannot be used; exit code 78."""


class Retryable(AgentError):
    """Something outside failed; trying again later may help."""


class CameraError(Retryable):
    """A camera is absent, silent, refused us or speaks a codec we cannot keep."""


class LinkError(Retryable):
    """The broker, the upload server or the way to them failed. `silent`: nobody answered at all."""

    def __init__(self, text: Text, hint: Text | None = None, *, code: str = "internal", silent: bool = False) -> None:
        super().__init__(text, hint, code=code)
        self.silent = silent


class StorageError(Retryable):
    """The disk is full, read-only, or a file on it is damaged."""


class Rejected(AgentError):
    """This one item cannot be handled; the next may."""


class ModelError(Rejected):
    """The ONNX model is missing, damaged or of an unknown shape."""
