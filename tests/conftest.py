"""Fixtures that several rooms share: a real ward, and a runtime directory."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

from agent.app.ring import in_memory
from deploy.ward import Certificates, Ward, WardError, WardOptions, issue
from tests.faults.table import FaultTable, seed_of
from tests.wire import Wire

# A busy machine is no reason to fail.
settings.register_profile("patient", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("patient")
SEED = pytest.StashKey[int]()
# Fixtures that are servers of other people, or all of a ward.
SERVERS = {"ward", "tls_ward", "own_ward", "closed_ward", "whole", "site", "media", "tls_media", "cluster"}


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--faults", action="store_true", help="only tests that break something or take long; their table")
    parser.addoption("--second-try", action="store_true", help="for tests with real servers; docs/decisions/0031")


def pytest_configure(config: pytest.Config) -> None:
    config.stash[SEED] = seed_of(config)
    if config.option.faults:
        config.pluginmanager.register(FaultTable(config.stash[SEED]))


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """What takes long waits for FAULTS=1; what uses real servers may be tried twice, where that is asked for."""
    for item in items:
        if (long := item.get_closest_marker("long")) and os.environ.get("FAULTS") != "1":
            item.add_marker(pytest.mark.skip(reason=f"{long.args[0]}; set FAULTS=1"))
        if config.option.second_try and _is_real(item):
            item.add_marker(pytest.mark.flaky(reruns=1, reruns_delay=5))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Why each test was tried twice; what passes at the second try is looked at as well."""
    for report in terminalreporter.stats.get("rerun", ()):
        terminalreporter.section(f"tried twice: {report.nodeid}")
        terminalreporter.write_line(report.longreprtext)


def _is_real(item: pytest.Item) -> bool:
    return item.get_closest_marker("real") is not None or not SERVERS.isdisjoint(getattr(item, "fixturenames", ()))


@pytest.fixture
def seed(request: pytest.FixtureRequest) -> int:
    """For what happens at random; `FAULT_SEED=N` gives the same once more."""
    drawn = request.config.stash[SEED]
    request.node.user_properties.append(("seed", drawn))
    return drawn


@pytest.fixture(scope="session", autouse=True)
def wire() -> Iterator[Wire]:
    """Every message that a node puts on the wire is held against the published schemas."""
    wire, start, stop = Wire(), Ward.start.__func__, Ward.stop  # type: ignore[attr-defined]
    ears: dict[int, Any] = {}

    def listened(cls: type[Ward], directory: Path, options: WardOptions | None = None) -> Ward:
        ward: Ward = start(cls, directory, options)
        ears[id(ward)] = wire.listen(ward, options or WardOptions())
        return ward

    def stopped(ward: Ward) -> None:
        if ear := ears.pop(id(ward), None):
            ear.disconnect()
            ear.loop_stop()
        stop(ward)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Ward, "start", classmethod(listened))
        patch.setattr(Ward, "stop", stopped)
        yield wire
    assert wire.violations == []


@pytest.fixture
def runtime(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A runtime directory in memory, as systemd makes one."""
    if not in_memory(Path("/dev/shm")):
        pytest.skip("no file system in memory here")
    directory = Path(tempfile.mkdtemp(dir="/dev/shm"))
    monkeypatch.setenv("RUNTIME_DIRECTORY", str(directory))
    yield directory
    shutil.rmtree(directory, ignore_errors=True)


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
