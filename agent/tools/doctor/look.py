"""Looks at what can be looked at from beside the node: servers, model, disk, cameras, service, packages, the board.

Nothing here speaks in the node's name: the broker is asked as far as TLS, cameras are opened only where no node runs.
"""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

from agent.app.identity import OwnCertificate
from agent.app.logins import read_login
from agent.capture.find.trial import try_stream
from agent.clock import Clock
from agent.config.model import CameraSection, Config, DetectionSection
from agent.config.secrets import read_secret
from agent.contract.health import HealthMessage
from agent.durable import disk_error
from agent.errors import AgentError
from agent.health.checks import Looked, Tried
from agent.health.packages import read_packages
from agent.health.report import HealthReport, HealthSettings, HealthSources
from agent.health.service import read_service
from agent.i18n import Text
from agent.uplink.asking import Greeting, greet_broker, greet_upload
from agent.values import LinkState, SpoolState

MODEL_S = 90.0  # the first load of ONNX Runtime from a slow card
PROBE = b"camera-agent doctor\n"
Tell = Callable[[Text], None]


def look_at_machine() -> Looked:
    """What may be asked beside a running node."""
    return Looked(service=read_service(), packages=read_packages())


def look_alone(config: Config, clock: Clock, tell: Tell) -> Looked:
    """All of it, for a node that does not run. `tell` says what takes a while. Never raises for what is broken."""
    tell(Text(en="Asking the ward's servers …", vi="Đang hỏi máy chủ của phường …"))
    brokers = tuple(_tried(url.partition("://")[2], partial(_broker, config, url, clock)) for url in config.mqtt.url)
    upload = _tried("upload", partial(_upload, config, clock)) if config.upload else None
    model = None
    if config.detection.model is not None:
        tell(Text(en="Trying the detection model …", vi="Đang thử mô hình nhận dạng …"))
        model = try_model(config.detection)
    cameras = []
    for camera in config.cameras:
        tell(Text(en=f"Trying the camera {camera.id} …", vi=f"Đang thử camera {camera.id} …"))
        cameras.append(_tried(camera.id, partial(_camera, camera, clock)))
    disk = _tried("disk", partial(_write, config.node.data_dir))
    return replace(look_at_machine(), cameras=tuple(cameras), model=model, brokers=brokers, upload=upload, disk=disk)


def report_alone(config: Config, clock: Clock) -> HealthMessage:
    """Board, disk, network and certificate as the node would report them, without cameras, spool and line."""
    certificate = OwnCertificate(config, None, lambda: None, LinkState)
    sources = HealthSources(
        cameras=lambda: (),
        footage=lambda: (),
        spool=SpoolState,
        link=LinkState,
        restarts=lambda: 0,
        faults=lambda: (),
        certificate=certificate.state,
    )
    settings = HealthSettings(config.node.id, config.node.data_dir, config.node.language, config.insecure)
    return HealthReport(settings, sources, clock).take()


def try_model(section: DetectionSection) -> Tried:
    """Loaded in a child, as `camera-agent model check` does: this process stays small."""
    assert section.model is not None
    asked = [sys.executable, "-m", "agent", "model", "check", str(section.model.absolute()), "--json", "--runs", "1"]
    asked += ["--family", section.family, "--provider", section.provider]
    if section.labels is not None:
        asked += ["--labels", str(section.labels)]
    try:
        ended = subprocess.run(asked, capture_output=True, timeout=MODEL_S, check=False, cwd="/")
        answer = json.loads(ended.stdout.splitlines()[-1])
    except (OSError, subprocess.TimeoutExpired, ValueError, IndexError):
        text = Text(en="the model could not be tried", vi="không thử được mô hình")
        return Tried("model", error=AgentError(text, code="model_broken"))
    if not answer.get("usable"):
        return Tried("model", error=_error_of(answer.get("error") or {}))
    if section.sha256 is not None and answer["sha256"] != section.sha256:
        text = Text(en="the model is not the one of `detection.sha256`",
                    vi="mô hình không phải bản ghi ở `detection.sha256`")  # fmt: skip
        return Tried("model", error=AgentError(text, code="model_mismatch"))
    name, ms = section.model.name, answer["wall_ms"]
    return Tried("model", Text(en=f"{name}: {ms:.0f} ms a picture", vi=f"{name}: {ms:.0f} ms mỗi hình"))


def _error_of(told: dict[str, object]) -> AgentError:
    remedy = told.get("remedy")
    hint = Text(en=str(remedy["en"]), vi=str(remedy["vi"])) if isinstance(remedy, dict) else None
    return AgentError(Text(en=str(told.get("en")), vi=str(told.get("vi"))), hint, code=str(told.get("code")))


def _tried(name: str, attempt: Callable[[], Tried]) -> Tried:
    try:
        return attempt()
    except AgentError as error:
        return Tried(name, error=error)


def _broker(config: Config, url: str, clock: Clock) -> Tried:
    return _greeted(greet_broker(url, config.tls, clock))


def _upload(config: Config, clock: Clock) -> Tried:
    assert config.upload is not None
    return _greeted(greet_upload(config.upload, config.tls, read_login(config.upload), clock))


def _greeted(greeting: Greeting) -> Tried:
    words = ", ".join(part for part in (greeting.tls, f"{greeting.ms:.0f} ms") if part)
    return Tried(greeting.name, Text(en=words, vi=words))


def _camera(camera: CameraSection, clock: Clock) -> Tried:
    secret = read_secret(camera.password_file) if camera.password_file else None
    trial = try_stream(camera, clock, secret)
    if trial.error is not None:
        return Tried(camera.id, error=trial.error)
    words = f"{trial.width}x{trial.height} {trial.codec}"
    return Tried(
        camera.id,
        Text(en=f"{words}, {trial.fps:.0f} pictures a second", vi=f"{words}, {trial.fps:.0f} hình/giây"),
    )


def _write(directory: Path) -> Tried:
    """A small file, written through to the disk and read back; as whoever asks, so root proves less."""
    path = directory / f".doctor-{os.getpid()}"
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        try:
            path.unlink()  # what a kill leaves has no name
            os.write(descriptor, PROBE)
            os.fsync(descriptor)
            same = os.pread(descriptor, len(PROBE), 0) == PROBE
        finally:
            os.close(descriptor)
    except OSError as error:
        raise disk_error(error, directory) from error
    if not same:
        text = Text(en="the disk does not give back what was written", vi="ổ đĩa không trả lại đúng dữ liệu đã ghi")
        raise AgentError(text, code="storage_error")
    return Tried("disk", Text(en="can be written", vi="ghi được"))
