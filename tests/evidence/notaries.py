"""The device's own hand, and pieces of a clip put together anew."""

import io
from pathlib import Path

import av

from agent.evidence.notary import Notary, Signer, begin_notary
from tests.capture.clocks import HandClock

Group = list[tuple[int, int, int, bool, bytes]]  # pts, dts, duration, key, data


def notary(directory: Path) -> Notary:
    return begin_notary(directory / "evidence", Signer("ward-1", "node-1", HandClock()))


def groups(path: Path) -> list[Group]:
    found: list[Group] = []
    with av.open(str(path), options={"skip_frame": "all"}) as container:
        for packet in container.demux(container.streams.video[0]):
            if packet.pts is None or packet.dts is None or not packet.size:
                continue
            if packet.is_keyframe:
                found.append([])
            found[-1].append((packet.pts, packet.dts, packet.duration or 0, bool(packet.is_keyframe), bytes(packet)))
    return found


def remux(like: Path, parts: list[Group], target: Path) -> Path:
    """The groups one after the other, each begun where the one before ended."""
    with av.open(str(like), options={"skip_frame": "all"}) as source, av.open(str(target), "w") as container:
        stream = source.streams.video[0]
        template = av.open(io.BytesIO(), "w", format="mp4").add_stream(stream.codec_context.name)
        assert isinstance(template, av.VideoStream)
        out = container.add_stream_from_template(template)
        context = out.codec_context
        context.width, context.height, context.pix_fmt = stream.width, stream.height, "yuv420p"
        context.extradata = stream.codec_context.extradata
        out.time_base = stream.time_base
        container.start_encoding()
        at = parts[0][0][1]
        for group in parts:
            shift = at - group[0][1]
            for pts, dts, duration, key, data in group:
                packet = av.Packet(data)
                packet.stream, packet.time_base, packet.is_keyframe = out, stream.time_base, key
                packet.pts, packet.dts, packet.duration = pts + shift, dts + shift, duration
                container.mux(packet)
            at = group[-1][1] + shift + group[-1][2]
    return target
