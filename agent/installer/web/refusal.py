"""A request that is not granted, in the one form that the browser part reads."""

from typing import Any

from agent.i18n import Text

Json = dict[str, Any]


class Refusal(Exception):
    """A request that is not granted: the status, a code for the browser, and words for a person."""

    def __init__(
        self, status: int, code: str, text: Text, *, retry_s: int | None = None, more: Json | None = None
    ) -> None:
        super().__init__(text)
        self.status = status
        self.code = code
        self.text = text
        self.retry_s = retry_s
        self.more = more or {}

    def body(self) -> Json:
        """Of the answer."""
        told: Json = {"code": self.code, "text": both(self.text)}
        if self.retry_s is not None:
            told["retry_s"] = self.retry_s
        return {"error": told, **self.more}


def both(text: Text) -> dict[str, str]:
    """For the browser."""
    return {"vi": text.vi, "en": text.en}
