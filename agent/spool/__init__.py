"""What must reach the ward, kept on disk until it has: messages, events, clips, and the footage that is wanted."""

from agent.spool.outbox import Outbox, OutboxJob
from agent.spool.recording import ClipPlan, Found, Recording
from agent.spool.spool import Spool

__all__ = ["ClipPlan", "Found", "Outbox", "OutboxJob", "Recording", "Spool"]
