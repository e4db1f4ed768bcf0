"""Errors of the camera stack, named: each name is a key of `words.PICAMERA_WORDS`. Standard library only.

libcamera tells what is wrong in the text of a RuntimeError, often in the cause of the one that is raised.
"""

import errno
import os
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType

BUSY = ("busy", "in use")
ABSENT = ("no camera number", "not found", "out of range", "no such device")
DENIED = ("permission denied", "operation not permitted", "could not open any dmaheap")
ENCODERS = "picamera2.encoders"
MAX_DETAIL = 200


class Trouble(Exception):
    """The camera cannot go on: `name` of the fault, and what stands for {detail}."""

    def __init__(self, name: str, detail: str) -> None:
        super().__init__(name, detail)
        self.name = name
        self.detail = detail


def named(error: BaseException, otherwise: str) -> Trouble:
    """What `error` or one of its causes says; `otherwise` when they say nothing known."""
    chain = list(_chain(error))
    told = " ".join(str(one).lower() for one in chain)
    codes = {one.errno for one in chain if isinstance(one, OSError)}
    detail = next((str(one) for one in reversed(chain) if str(one)), type(error).__name__)[:MAX_DETAIL]
    if errno.EBUSY in codes or any(word in told for word in BUSY):
        return Trouble("picamera_busy", detail)
    if {errno.EACCES, errno.EPERM} & codes or any(word in told for word in DENIED):
        return Trouble("picamera_permission", detail)
    if otherwise == "picamera_absent" and not any(word in told for word in ABSENT):
        return Trouble("picamera_refused", detail)
    return Trouble(otherwise, detail)


def in_thread(error: BaseException, traceback: TracebackType | None) -> Trouble:
    """A thread of the camera stack died of `error`: of the encoder, or of something else."""
    modules = []
    while traceback is not None:
        modules.append(str(traceback.tb_frame.f_globals.get("__name__", "")))
        traceback = traceback.tb_next
    encoder = any(module.startswith(ENCODERS) for module in modules)
    detail = f"{type(error).__name__}: {error}"[:MAX_DETAIL]
    return Trouble("picamera_encoder" if encoder else "picamera_stack", detail)


def absent(detail: str, dev: Path = Path("/dev")) -> tuple[str, str]:
    """Name and detail when libcamera lists no such camera: it lists none either of devices that it may not open."""
    media = sorted(dev.glob("media*"))
    if media and not any(os.access(device, os.R_OK | os.W_OK) for device in media):
        return "picamera_permission", str(media[0])
    return "picamera_absent", detail


def _chain(error: BaseException) -> Iterator[BaseException]:
    seen: BaseException | None = error
    for _ in range(10):
        if seen is None:
            return
        yield seen
        seen = seen.__cause__ or seen.__context__
