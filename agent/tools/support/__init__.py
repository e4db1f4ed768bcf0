"""`camera-agent support-bundle`: what somebody far away needs to know of a node that has trouble, and nothing else.

No footage, no pictures, no secret, and of the access log neither names nor reasons. Everything in it is bounded text.
"""

from agent.tools.support.collect import Sources, collect
from agent.tools.support.pack import pack
from agent.tools.support.redact import Redactor, secret_values

__all__ = ["Redactor", "Sources", "collect", "pack", "secret_values"]
