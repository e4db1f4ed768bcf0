import errno
import os
from pathlib import Path

import pytest

from agent.capture.picamera.trouble import Trouble, absent, in_thread, named
from agent.capture.picamera.words import PICAMERA_CODES, PICAMERA_WORDS
from agent.contract.faults import CODES


def caused(outer: BaseException, inner: BaseException) -> BaseException:
    outer.__cause__ = inner
    return outer


@pytest.mark.parametrize(
    ("error", "otherwise", "name"),
    [
        (RuntimeError("No camera number 1 found - use rpicam-hello"), "picamera_absent", "picamera_absent"),
        (IndexError("list index out of range"), "picamera_absent", "picamera_absent"),
        (RuntimeError("Camera __init__ sequence did not complete."), "picamera_absent", "picamera_refused"),
        (OSError(errno.EBUSY, "Device or resource busy"), "picamera_stack", "picamera_busy"),
        (PermissionError(errno.EACCES, "Permission denied"), "picamera_encoder", "picamera_permission"),
        (RuntimeError("Could not open any dmaHeap device"), "picamera_refused", "picamera_permission"),
        (RuntimeError("Invalid camera configuration: {}"), "picamera_refused", "picamera_refused"),
    ],
)
def test_what_an_error_is_called(error: BaseException, otherwise: str, name: str) -> None:
    assert named(error, otherwise).name == name


def test_the_cause_is_what_is_told() -> None:
    inner = RuntimeError("Failed to acquire camera: Device or resource busy")
    trouble = named(caused(RuntimeError("Camera __init__ sequence did not complete."), inner), "picamera_absent")
    assert (trouble.name, trouble.detail) == ("picamera_busy", "Failed to acquire camera: Device or resource busy")


def test_a_thread_of_no_encoder() -> None:
    try:
        raise KeyError("SensorTimestamp")
    except KeyError as error:
        trouble = in_thread(error, error.__traceback__)
    assert trouble.name == "picamera_stack"


def test_every_trouble_has_words_and_a_code_of_the_catalogue() -> None:
    assert PICAMERA_WORDS.keys() == PICAMERA_CODES.keys()
    assert set(PICAMERA_CODES.values()) <= set(CODES)
    assert isinstance(Trouble("picamera_stack", ""), Exception)


def test_devices_that_may_not_be_opened_are_not_a_loose_cable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert absent("1 > 0", tmp_path) == ("picamera_absent", "1 > 0")
    (tmp_path / "media0").touch()
    assert absent("1 > 0", tmp_path)[0] == "picamera_absent"
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    assert absent("1 > 0", tmp_path) == ("picamera_permission", str(tmp_path / "media0"))
