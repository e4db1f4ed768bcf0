"""Real media servers."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.stand_in.media import Media, MediaOptions
from deploy.ward import WardError, issue
from tests.proxy import Proxy


def started(directory: Path, options: MediaOptions | None = None) -> Media:
    try:
        return Media.start(directory, options)
    except WardError as error:
        pytest.skip(str(error))


@pytest.fixture
def media(tmp_path: Path) -> Iterator[Media]:
    """nginx with RTMP; may be killed."""
    with started(tmp_path / "media") as running:
        yield running


@pytest.fixture
def tls_media(tmp_path: Path, ca: Path) -> Iterator[Media]:
    """nginx with RTMP behind TLS; asks for a certificate of `ca`."""
    with started(tmp_path / "media", MediaOptions(tls=issue(ca, "server"))) as running:
        yield running


@pytest.fixture
def ward_web() -> Iterator[int]:
    """The port of something that is no media server: it answers everything with a page."""
    with Proxy(1) as proxy:
        proxy.answer = lambda _data: b"HTTP/1.1 400 Bad Request\r\n\r\n"
        yield proxy.port
