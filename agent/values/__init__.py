"""What travels between the rooms: small frozen values, checked at birth, so that nobody downstream re-checks them.

Coordinates are 0..1 of the picture, origin top left. Times are `Moment`s. Nothing here opens a file or a socket.
"""

from agent.values.access import GRANTED, Access, AccessTally
from agent.values.events import EndReason, Event, EventObject, Phase, Role, Severity
from agent.values.geometry import Box, Point
from agent.values.media import (
    CHAIN_BEGINS,
    Clip,
    ClipWanted,
    FootageFound,
    Frame,
    Gap,
    Hold,
    Mark,
    Packet,
    Picture,
    Seal,
    Segment,
    Small,
    StreamFormat,
    Used,
)
from agent.values.outgoing import Draft, LostClip, OutgoingClip, OutgoingMessage
from agent.values.parked import Parked, Remembered
from agent.values.state import (
    CameraState,
    Evicted,
    FootageState,
    LineBudget,
    LinkState,
    Rest,
    SpoolState,
    Trouble,
    Waiting,
    WaitingMessages,
)
from agent.values.vision import ChangeKind, Detection, Motion, Scene, StaticChange, Track, View, ViewState

__all__ = [
    "CHAIN_BEGINS",
    "GRANTED",
    "Access",
    "AccessTally",
    "Box",
    "CameraState",
    "ChangeKind",
    "Clip",
    "ClipWanted",
    "Detection",
    "Draft",
    "EndReason",
    "Event",
    "EventObject",
    "Evicted",
    "FootageFound",
    "FootageState",
    "Frame",
    "Gap",
    "Hold",
    "LineBudget",
    "LinkState",
    "LostClip",
    "Mark",
    "Motion",
    "OutgoingClip",
    "OutgoingMessage",
    "Packet",
    "Parked",
    "Phase",
    "Picture",
    "Point",
    "Remembered",
    "Rest",
    "Role",
    "Scene",
    "Seal",
    "Segment",
    "Severity",
    "Small",
    "SpoolState",
    "StaticChange",
    "StreamFormat",
    "Track",
    "Trouble",
    "Used",
    "View",
    "ViewState",
    "Waiting",
    "WaitingMessages",
]
