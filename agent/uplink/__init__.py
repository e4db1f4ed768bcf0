"""The only room that opens a socket outward: MQTT to the ward's broker, resumable uploads to its tus server.

Messages and clips come in through callables and are given back acknowledged; nothing is stored here.
"""

from agent.uplink.doors import MqttDoors, UploadDoors
from agent.uplink.governor import Governor, Household
from agent.uplink.latest import LatestStates, RetainedMessage
from agent.uplink.ledger import DayLedger
from agent.uplink.login import Login
from agent.uplink.memory import LinkMemory
from agent.uplink.mqtt import MqttJob
from agent.uplink.patience import Patience
from agent.uplink.server import WardServer
from agent.uplink.stats import LinkStats
from agent.uplink.terms import MqttLink
from agent.uplink.upload import UploadJob, UploadLink
from agent.uplink.wake import Wake

__all__ = [
    "DayLedger",
    "Governor",
    "Household",
    "LatestStates",
    "LinkMemory",
    "LinkStats",
    "Login",
    "MqttDoors",
    "MqttJob",
    "MqttLink",
    "Patience",
    "RetainedMessage",
    "UploadDoors",
    "UploadJob",
    "UploadLink",
    "Wake",
    "WardServer",
]
