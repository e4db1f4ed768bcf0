"""Why a request for a certificate was turned down: one word for programs, one sentence for people."""


class Refused(Exception):
    """`word` is the first word of the answer, `status` its HTTP status."""

    def __init__(self, status: int, word: str, sentence: str) -> None:
        super().__init__(f"{word}: {sentence}")
        self.status = status
        self.word = word
