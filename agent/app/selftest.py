"""The facts of the self-test, gathered from the live node."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from agent.clock import Clock
from agent.config.model import Config
from agent.contract.answers import CheckRow
from agent.health.checks import Facts, Setup, check_all
from agent.health.notify import watchdog_s

if TYPE_CHECKING:
    from agent.app.node import Node

CLEAR = ("mqtt://", "http://")


def checked(node: "Node", config: Config, clock: Clock) -> tuple[CheckRow, ...] | None:
    """Every check; None before the first report of health."""
    report = node.report
    if report is None:
        return None
    now = clock.now()
    facts = Facts(
        setup=setup_of(config),
        report=report,
        faults=tuple(fault.message(now) for fault in node.faults.open()),
        clock_trusted=now.trusted,
        clock_error_ms=clock.error_ms,
        watchdog_s=watchdog_s(),
        now_ns=now.wall_ns,
    )
    return check_all(facts)


def setup_of(config: Config) -> Setup:
    """What the checks need to know of the configuration."""
    urls = [*config.mqtt.url, *([config.upload.url] if config.upload else [])]
    return Setup(
        model=config.detection.model is not None,
        upload=config.upload is not None,
        max_days=config.retention.max_days,
        clear_line=any(url.startswith(CLEAR) for url in urls),
        secrets=tuple(dict.fromkeys(secret_files(config))),
        unsaid=config.notice.unsaid(),
    )


def secret_files(config: Config) -> Iterator[Path]:
    """Passwords and private keys."""
    found = [config.mqtt.password_file, config.tls.key, *(camera.password_file for camera in config.cameras)]
    codes = [page.code_file for page in (config.setup, config.household) if page is not None]
    found += [path for path in codes if path.exists()]
    found += [config.upload.password_file] if config.upload else []
    yield from (path for path in found if path is not None)
    data = config.node.data_dir
    made = (data / "evidence" / "device.key", data / "setup" / "key.pem")  # by the node itself
    yield from (key for key in made if key.exists())
