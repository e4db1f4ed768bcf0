"""The hand-over sheet: what was installed, what it sees, how it was found, and who signs for it. A PDF of A4 pictures.

In: a configuration, its reference photos, a diagnosis. Out: the bytes of a PDF. Decision 0036 says why it is drawn so.
"""

from agent.tools.sheet.compose import HandOver, compose
from agent.tools.sheet.pdf import pdf_of

__all__ = ["HandOver", "compose", "pdf_of"]
