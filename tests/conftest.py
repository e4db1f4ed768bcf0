"""Fixtures that several rooms share: a real ward."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from deploy.ward import Certificates, Ward, WardError, WardOptions, issue

# A busy machine is no reason to fail.
settings.register_profile("patient", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("patient")


@pytest.fixture(scope="session")
def ward(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ward]:
    """mosquitto and a tus server, anybody may come in. Tests name their own node, and leave both running."""
    yield from _ward(tmp_path_factory.mktemp("ward"), WardOptions())


@pytest.fixture(scope="session")
def ca(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the test authority lives; `issue(ca, name)` gives certificates of it."""
    return tmp_path_factory.mktemp("ca")


@pytest.fixture(scope="session")
def tls_ward(tmp_path_factory: pytest.TempPathFactory, ca: Path) -> Iterator[Ward]:
    """As `ward`, with TLS; clients need a certificate of `ca` (`client_certificates`)."""
    try:
        server = issue(ca, "server")
    except WardError as error:
        pytest.skip(str(error))
    yield from _ward(tmp_path_factory.mktemp("tls-ward"), WardOptions(tls=server, require_client_cert=True))


@pytest.fixture(scope="session")
def client_certificates(ca: Path) -> Certificates:
    """For a client of `tls_ward`."""
    try:
        return issue(ca, "node-1")
    except WardError as error:
        pytest.skip(str(error))


def _ward(directory: Path, options: WardOptions) -> Iterator[Ward]:
    try:
        running = Ward.start(directory, options)
    except WardError as error:
        pytest.skip(str(error))
    with running:
        yield running
