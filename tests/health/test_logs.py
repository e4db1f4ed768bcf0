import io
import logging
from collections.abc import Iterator

import pytest

from agent.health.logs import IN_ALL, PER_MESSAGE, RateBound, set_up_logs
from tests.health.hands import HandClock


@pytest.fixture
def log() -> Iterator[tuple[logging.Logger, io.StringIO, HandClock, RateBound]]:
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    root.handlers = []  # pytest's own must not be closed
    clock, stream = HandClock(), io.StringIO()
    bound = set_up_logs(clock, environ={"JOURNAL_STREAM": "8:1"}, stream=stream)
    yield logging.getLogger("room"), stream, clock, bound
    root.handlers, root.level = before, level


def test_a_line_for_the_journal_carries_its_priority(
    log: tuple[logging.Logger, io.StringIO, HandClock, RateBound],
) -> None:
    logger, stream, _, _ = log
    logger.warning("%s: no picture", "capture-gate")
    logger.info("two\nlines")
    assert stream.getvalue() == "<4>room: capture-gate: no picture\n<6>room: two\n<6>lines\n"


@pytest.mark.fault("B23", "the log is not flooded by what repeats")
def test_a_message_that_repeats_is_bounded_and_counted(
    log: tuple[logging.Logger, io.StringIO, HandClock, RateBound],
) -> None:
    logger, stream, clock, bound = log
    for number in range(100):
        logger.warning("%s: try %d failed", "mqtt", number)
    logger.warning("%s: try %d failed", "upload", 1)
    assert stream.getvalue().count("mqtt") == PER_MESSAGE
    assert stream.getvalue().count("upload") == 1
    assert bound.suppressed == 100 - PER_MESSAGE
    clock.go(60)
    logger.warning("%s: try %d failed", "mqtt", 100)
    assert stream.getvalue().endswith("mqtt: try 100 failed (+94 like this were not shown)\n")


def test_many_different_messages_are_bounded_too_but_errors_pass(
    log: tuple[logging.Logger, io.StringIO, HandClock, RateBound],
) -> None:
    logger, stream, _, _ = log
    for number in range(1000):
        logger.info(f"message {number}")
    logger.error("the disk is gone")
    assert len(stream.getvalue().splitlines()) == IN_ALL + 1
    assert "the disk is gone" in stream.getvalue()


@pytest.mark.fault("B23", "no password in the log")
def test_passwords_in_addresses_are_not_written(
    log: tuple[logging.Logger, io.StringIO, HandClock, RateBound],
) -> None:
    logger, stream, _, _ = log
    logger.error("cannot open rtsp://admin:s3cret@10.0.0.9/main")
    try:
        raise ValueError("https://user:s3cret@ward.example/files")
    except ValueError:
        logger.exception("odd")
    assert "s3cret" not in stream.getvalue()
    assert "rtsp://***@10.0.0.9/main" in stream.getvalue()
