"""Several films of one encoder, one after the other, without encoding again."""

from collections.abc import Sequence
from pathlib import Path

import av


def joined_film(parts: Sequence[Path], out: Path) -> Path:
    """Write `parts`, H.264 in MP4 of one size and rate, as one file. Raises OSError."""
    with av.open(str(out), "w", format="mp4") as written:
        stream = None
        begin = 0
        for part in parts:
            with av.open(str(part)) as read:
                source = read.streams.video[0]
                if stream is None:
                    stream = written.add_stream_from_template(source)
                    stream.time_base = source.time_base
                end = begin
                for packet in read.demux(source):
                    if packet.dts is None or packet.pts is None:
                        continue  # the end of the file
                    packet.pts, packet.dts = packet.pts + begin, packet.dts + begin
                    end = max(end, packet.pts + (packet.duration or 0))
                    packet.stream = stream
                    written.mux(packet)
                begin = end
    return out
