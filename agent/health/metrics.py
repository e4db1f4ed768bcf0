"""The health report in Prometheus' text format, version 0.0.4.

https://prometheus.io/docs/instrumenting/exposition_formats: families with HELP and TYPE, base units, counters end in
`_total`. The number of series is bounded: eight cameras and the codes of the catalogue. No address, no name of a
person, no Wi-Fi name. What the board cannot tell is left out.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from agent.contract.base import parse_utc
from agent.contract.health import CameraHealth, HealthMessage
from agent.health.faults import Fault
from agent.health.status import NodeIdentity

PREFIX = "camera_agent_"
CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
MB, MIB, NS = 1e6, 1024 * 1024, 1e9
Kind = Literal["gauge", "counter"]
Labels = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Family:
    """One metric with its samples: labels and value. A value of None is left out."""

    name: str
    kind: Kind
    help: str
    samples: tuple[tuple[Labels, float | None], ...]


def exposition(report: HealthMessage, faults: Iterable[Fault], who: NodeIdentity) -> bytes:
    """The whole page."""
    families = (*_node(report, who), *_line(report), *_faults(faults), *_cameras(report.cams))
    return "".join(_text(family) for family in families).encode()


def _text(family: Family) -> str:
    samples = [(labels, value) for labels, value in family.samples if value is not None]
    if not samples:
        return ""
    name = PREFIX + family.name
    lines = [f"# HELP {name} {family.help}", f"# TYPE {name} {family.kind}"]
    lines += [f"{name}{_labels(labels)} {_number(value)}" for labels, value in samples]
    return "\n".join(lines) + "\n"


def _labels(labels: Labels) -> str:
    return "{" + ",".join(f'{key}="{_escaped(value)}"' for key, value in labels) + "}" if labels else ""


def _escaped(value: str) -> str:
    return value.replace("\\", r"\\").replace("\n", r"\n").replace('"', r"\"")


def _number(value: float) -> str:
    return str(int(value)) if float(value).is_integer() else repr(float(value))


def _gauge(name: str, told: str, value: float | None) -> Family:
    return Family(name, "gauge", told, (((), value),))


def _counter(name: str, told: str, value: float | None) -> Family:
    return Family(name, "counter", told, (((), value),))


def _times(value: float | None, factor: float) -> float | None:
    return None if value is None else value * factor


def _node(report: HealthMessage, who: NodeIdentity) -> Iterator[Family]:
    agent, board, disk = report.agent, report.board, report.disk
    labels = (("node", who.node), ("ward", who.ward), ("version", who.version))
    yield Family("info", "gauge", "Which node this is.", ((labels, 1),))
    yield _gauge("uptime_seconds", "Since the agent started.", agent.uptime_s)
    yield _gauge("resident_memory_bytes", "Memory of the agent's main process.", agent.rss_mb * MIB)
    yield _gauge("cpu_cores", "Processor cores that the agent keeps busy.", round(agent.cpu_pct / 100, 4))
    yield _counter("worker_restarts_total", "Workers that were started anew.", agent.restarts)
    yield _gauge(
        "detection_budget_ratio", "Share of the wanted inferences that heat and load leave.", agent.budget_factor
    )
    yield _gauge("board_temperature_celsius", "Of the processor.", board.temp_c)
    yield _gauge("board_undervoltage", "1: the supply was too weak since the start.", board.undervoltage)
    yield _gauge("board_load1", "Load over one minute.", board.load)
    yield _gauge("board_memory_free_bytes", "Memory that programs may still take.", _times(board.mem_free_mb, MB))
    if disk is not None:
        yield _gauge("disk_free_bytes", "Of the disk with the data.", disk.free_mb * MB)
        yield _gauge("disk_readonly", "1: it cannot be written.", disk.readonly)
        yield _gauge("disk_written_day_bytes", "Written by the agent in 24 hours.", _times(disk.written_mb_day, MB))
        yield _gauge("disk_wear_ratio", "Used-up life, where the card tells.", _times(disk.wear_pct, 0.01))
    certificate = report.certificate
    ends = parse_utc(certificate.expires_utc) / NS if certificate else None
    yield _gauge("certificate_expires_timestamp_seconds", "End of the node's own certificate.", ends)


def _line(report: HealthMessage) -> Iterator[Family]:
    net, spool, commands = report.net, report.spool, report.commands
    yield _gauge("connected", "1: the ward's broker is reached.", net.connected)
    yield _gauge("insecure", "1: the configuration allows plain text.", report.insecure)
    yield _counter("reconnects_total", "Connections to the broker since the start.", net.reconnects)
    yield _gauge("round_trip_seconds", "To the broker and back.", _times(net.rtt_ms, 0.001))
    yield _gauge("wifi_signal_dbm", "Strength of the Wi-Fi.", net.rssi_dbm)
    yield _counter("uploaded_bytes_total", "Sent in clips since the start.", _times(net.uploaded_mb, MB))
    yield _gauge("sent_today_bytes", "Sent today, messages and clips.", report.budget.mb_today * MB)
    yield _gauge("clips_rest", "1: quiet hours or the day's limit hold clips back.", report.budget.waiting is not None)
    yield _gauge("waiting_messages", "Messages that wait for the ward.", spool.messages)
    yield _gauge("waiting_oldest_seconds", "Age of the oldest.", spool.oldest_age_s)
    yield _gauge("waiting_clips", "Clips that wait.", spool.clips + spool.clips_wanted)
    dropped = ((("kind", "message"),), spool.dropped_messages), ((("kind", "clip"),), spool.dropped_clips)
    yield Family("dropped_total", "counter", "Lost because too much waited.", dropped)
    if commands is not None:
        told = ((("result", "accepted"),), commands.accepted), ((("result", "refused"),), commands.refused)
        yield Family("commands_total", "counter", "Commands of the ward since the start.", told)


def _faults(faults: Iterable[Fault]) -> Iterator[Family]:
    found = tuple(faults)
    yield _gauge("faults_open", "Faults that are open.", len(found))
    each = tuple(((("code", fault.code), ("severity", fault.severity.value)), 1.0) for fault in found)
    yield Family("fault", "gauge", "1 for each open fault; `camera-agent fault CODE` says what to do.", each)


def _cameras(cameras: tuple[CameraHealth, ...]) -> Iterator[Family]:
    def each(name: str, kind: Kind, told: str, values: Iterable[float | None]) -> Family:
        labelled = (((("cam", camera.id),), value) for camera, value in zip(cameras, values, strict=True))
        return Family(f"camera_{name}", kind, told, tuple(labelled))

    yield each("ok", "gauge", "1: gives pictures.", [cam.state == "ok" for cam in cameras])
    view = [None if cam.view is None else cam.view == "ok" for cam in cameras]
    yield each("view_ok", "gauge", "1: neither dark, blurred, moved, covered nor blinded.", view)
    yield each(
        "objects", "gauge", "1: objects are recognised; 0: motion only.", [cam.vision == "objects" for cam in cameras]
    )
    yield each("fps", "gauge", "Pictures a second.", [cam.fps for cam in cameras])
    yield each("frames_total", "counter", "Pictures since the start.", [cam.frames for cam in cameras])
    yield each("analysed_total", "counter", "Pictures looked at.", [cam.analysed for cam in cameras])
    yield each("dropped_total", "counter", "Pictures passed over.", [cam.dropped for cam in cameras])
    yield each(
        "decode_errors_total", "counter", "Pictures that could not be decoded.", [cam.decode_errors for cam in cameras]
    )
    seconds = [_times(cam.inference_ms, 0.001) for cam in cameras]
    yield each("inference_seconds", "gauge", "One run of the model.", seconds)
    yield each("recorded_seconds_total", "counter", "Footage since the start.", [cam.recorded_s for cam in cameras])
    yield each("missing_seconds_total", "counter", "Footage that is missing.", [cam.gap_s for cam in cameras])
    yield each("footage_bytes", "gauge", "Footage on the disk.", [cam.footage_bytes for cam in cameras])
