"""Brings in ONNX Runtime without a word on the terminal.

Importing it searches for graphics cards, and on boards such as the Raspberry Pi releases before 1.31 write a warning
about /sys/class/drm straight to file descriptor 2, before any severity can be set. It goes to our log instead.
"""

import importlib
import logging
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

log = logging.getLogger(__name__)

FATAL = 4  # the only severity that may write to the terminal; everything else reaches us as an exception
WARNING = 2  # for the trial of a provider: why one cannot be loaded is told in its warnings only


def import_onnxruntime(severity: int = FATAL) -> Any:
    """The module (37 MB, hence only when a model is loaded), its own log from `severity` on. Raises ImportError."""
    # Releases from 1.31 on write a device id below ~/.cache and look up their maker's host; nothing leaves a household
    # that the household was not told of.
    os.environ["ORT_DISABLE_TELEMETRY"] = "1"
    if "onnxruntime" in sys.modules:
        module = sys.modules["onnxruntime"]
    else:
        with _stderr_to_log():
            module = importlib.import_module("onnxruntime")
    module.set_default_logger_severity(severity)
    return module


@contextmanager
def _stderr_to_log() -> Iterator[None]:
    try:
        terminal = os.dup(2)
    except OSError:  # no standard error at all: nothing to keep quiet
        yield
        return
    with tempfile.TemporaryFile() as said:
        os.dup2(said.fileno(), 2)
        try:
            yield
        finally:
            os.dup2(terminal, 2)
            os.close(terminal)
            said.seek(0)
            for line in said.read(4000).decode(errors="replace").splitlines():
                log.debug("onnxruntime: %s", line)
