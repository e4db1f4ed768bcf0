"""What the ward may ask of this node: checked in `inbox.py`, done in one file per command.

Every command gets one answer that names its reason. Commands reach other rooms through callables only.
"""

from agent.commands.clip_request import ClipRequestCommand, FootageDoors
from agent.commands.inbox import Command, Inbox
from agent.commands.jobs import job_done, job_failed
from agent.commands.rebirth import RebirthCommand
from agent.commands.seen import SeenRequests

__all__ = [
    "ClipRequestCommand",
    "Command",
    "FootageDoors",
    "Inbox",
    "RebirthCommand",
    "SeenRequests",
    "job_done",
    "job_failed",
]
