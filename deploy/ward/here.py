"""`make ward`: one whole ward on this machine, without root, and one node's identity to try; Ctrl-C ends all."""

import signal
from dataclasses import dataclass
from pathlib import Path

from agent.durable import write_durably
from agent.errors import AgentError
from agent.i18n import Text
from agent.stop import StopSignal
from deploy.ward.certificates import Certificates
from deploy.ward.node import NodePlace, node_config
from deploy.ward.operate import command_key, make_desk
from deploy.ward.people import node_certificate
from deploy.ward.running import RunningWard
from deploy.ward.site import WardSettings

LOOK_S = 0.5
READABLE = 0o644


@dataclass(frozen=True, slots=True)
class Trial:
    """What to run. `source` None: the street video of the demo; `seconds`: end by itself."""

    base: Path
    settings: WardSettings
    node: str = "node-1"
    source: str | None = None
    seconds: float | None = None
    media: bool = True


def run(trial: Trial) -> int:
    """Until Ctrl-C; 1 when a server ended by itself. Raises WardError when one cannot be had."""
    parts = RunningWard.PARTS if trial.media else tuple(part for part in RunningWard.PARTS if part != "media")
    stop = StopSignal([signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
    with RunningWard.start(trial.base, trial.settings, parts) as ward:
        config = prepare_node(trial, ward)
        make_desk(ward.site, ward.site.state / "desk", "127.0.0.1")
        print(told(trial, ward, config), flush=True)
        left_s = trial.seconds if trial.seconds is not None else float("inf")
        while left_s > 0 and not stop.wait(min(LOOK_S, left_s)):
            left_s -= LOOK_S
            ward.refresh()
            if ended := ward.ended():
                print(Text(en=f"ended by itself: {ended}", vi=f"tự dừng: {ended}"), flush=True)
                return 1
    return 0


def prepare_node(trial: Trial, ward: RunningWard) -> Path:
    """The node's files, made once; its configuration, each time anew: ports may have changed. Gives the latter."""
    folder = ward.site.state / trial.node
    files = Certificates(folder / "ca.pem", folder / "node.pem", folder / "node.key")
    if not files.key.exists():
        node_certificate(ward.site, trial.node, folder)
    public = command_key(ward.site.state)
    source, model = trial.source, None
    if source is None:
        source, model = _street()
    place = NodePlace(trial.node, files, folder / "data", source, model, public)
    config = folder / "config.yaml"
    write_durably(config, node_config(ward.settings, place, "127.0.0.1").encode(), READABLE)
    return config


def told(trial: Trial, ward: RunningWard, config: Path) -> Text:
    """What runs where, and what to do next."""
    ports, state = ward.ports, ward.site.state
    desk = f".venv/bin/python -m deploy.ward send {trial.node}"
    sign = f"--desk {state}/desk --sign {state}/command.key"
    agent = ".venv/bin/camera-agent"
    clip = "cam=cong from_utc=… to_utc=…"
    table = (
        f"  MQTT 127.0.0.1:{ports.nodes}  (staff/nội bộ: {ports.staff})\n"
        f"  tus  https://127.0.0.1:{ports.uploads}/files -> {ward.site.uploads}\n"
        + (f"  RTMP rtmps://127.0.0.1:{ports.live}/live\n" if trial.media else "")
        + f"  EST  https://127.0.0.1:{ports.enrol}\n"
    )
    return Text(
        en=f"The ward {ward.settings.ward} runs in {state}:\n{table}"
        f"Next, in other terminals:\n"
        f"  1. a node:       {agent} run --config {config}\n"
        f"  2. ask it:       {desk} selftest {sign}\n"
        f"  3. footage:      {desk} clip.request {clip} --by OFFICER/CASE/REASON {sign}\n"
        f"  4. one more:     .venv/bin/python -m deploy.ward.ca token node-2 --directory {ward.site.nodes}\n"
        f"Ctrl-C ends all; what was made stays.",
        vi=f"Máy chủ phường {ward.settings.ward} đang chạy trong {state}:\n{table}"
        f"Tiếp theo, ở cửa sổ khác:\n"
        f"  1. một thiết bị:   {agent} run --config {config}\n"
        f"  2. hỏi thiết bị:   {desk} selftest {sign}\n"
        f"  3. lấy hình:       {desk} clip.request {clip} --by CÁN_BỘ/VỤ_VIỆC/LÝ_DO {sign}\n"
        f"  4. thêm thiết bị:  .venv/bin/python -m deploy.ward.ca token node-2 --directory {ward.site.nodes}\n"
        f"Ctrl-C để dừng tất cả; các tệp đã tạo được giữ lại.",
    )


def _street() -> tuple[str, Path | None]:
    from deploy.assets import ssd_model, street_video  # noqa: PLC0415  # heavy; not with a camera of one's own

    video = street_video()
    try:
        return str(video.path), ssd_model()
    except AgentError as error:
        print(error, flush=True)
        return str(video.path), None
