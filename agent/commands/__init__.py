"""What the ward may ask of this node: checked in `door.py`, answered by `inbox.py`, done in one file per command.

Every command gets one answer that names its reason. Commands reach other rooms through callables only.
"""

from agent.commands.door import Trust
from agent.commands.first_use import Shelf
from agent.commands.floor import TimeFloor
from agent.commands.inbox import Command, Inbox
from agent.commands.jobs import LAST_REQUESTED, JobClip, job_done, job_failed, job_uploading, job_waiting
from agent.commands.rebirth import RebirthCommand
from agent.commands.seen import SeenRequests

__all__ = [
    "LAST_REQUESTED",
    "Command",
    "Inbox",
    "JobClip",
    "RebirthCommand",
    "SeenRequests",
    "Shelf",
    "TimeFloor",
    "Trust",
    "job_done",
    "job_failed",
    "job_uploading",
    "job_waiting",
]
