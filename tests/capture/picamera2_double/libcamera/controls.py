"""Enumerations of libcamera's controls, with libcamera's numbers."""

from enum import IntEnum


class AeExposureModeEnum(IntEnum):
    Normal = 0
    Short = 1
    Long = 2
    Custom = 3


class AwbModeEnum(IntEnum):
    Auto = 0
    Incandescent = 1
    Tungsten = 2
    Fluorescent = 3
    Indoor = 4
    Daylight = 5
    Cloudy = 6
    Custom = 7


class AfModeEnum(IntEnum):
    Manual = 0
    Auto = 1
    Continuous = 2


class AfTriggerEnum(IntEnum):
    Start = 0
    Cancel = 1


class HdrModeEnum(IntEnum):
    Off = 0
    MultiExposureUnmerged = 1
    MultiExposure = 2
    SingleExposure = 3
    Night = 4
