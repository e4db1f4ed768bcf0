"""Decodes what vision and the encoder need of a stream, and nothing more.

In full, every picture is decoded, because pictures lean on each other. While idle only key frames are; the packets
since the last one are kept, so that waking decodes them at once and no frame from the waking key frame on is missed.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import av

from agent.capture.attention import Attention
from agent.capture.encoder import AvPacket

# No deblocking: a fifth of the decoder's work, for an error (PSNR 39 dB after a GOP of 15 s) that neither motion nor
# detection sees. `fast` allows the decoder its shortcuts. Footage is not touched by either.
DECODER_OPTIONS = {"skip_loop_filter": "all", "flags2": "+fast"}
HELD_BYTES = 16_000_000


@dataclass(frozen=True, slots=True, eq=False)
class Decoded:
    """One picture in the decoder's own memory, its stamp (None where the stream gave none), and its number from 0."""

    picture: av.VideoFrame
    pts: int | None
    number: int


@dataclass(frozen=True, slots=True)
class Held:
    """A packet that may yet be decoded, and its number from 0."""

    packet: AvPacket
    number: int


class Pictures:
    """One decoder. `all_of_them`: the encoder needs every picture, so idling saves nothing here."""

    def __init__(self, context: av.VideoCodecContext, attention: Attention | None, all_of_them: bool) -> None:
        context.thread_count = 1
        context.thread_type = "SLICE"  # frame threads would only add delay
        context.options = DECODER_OPTIONS
        self.decoded = 0
        self.errors = 0
        self._context = context
        self._attention = None if all_of_them else attention
        self._held: list[Held] = []
        self._held_bytes = 0
        self._sparse = False  # only key frames reach the decoder
        self._key_s: float | None = None  # of the last key frame
        self._looked_s: float | None = None  # of the last key frame that was decoded
        self._gop_s = float("inf")
        self._taken = 0
        self._number = 0  # of the next picture that the decoder gives

    def take(self, packet: AvPacket, at_s: float) -> Iterator[Decoded]:
        """What one packet of `at_s` (seconds of the stream) gives."""
        held = Held(packet, self._taken)
        self._taken += 1
        if packet.is_keyframe:
            if self._key_s is not None:
                self._gop_s = at_s - self._key_s
            self._key_s = at_s
        if not self._idle(at_s):
            yield from self._awake(held, at_s)
        elif packet.is_keyframe:
            yield from self._glance(held, at_s)
        elif self._sparse:
            self._hold(held)
        else:  # idle begins with a key frame
            yield from self._decode(packet)

    def drain(self) -> Iterator[Decoded]:
        """What the decoder still holds at the end."""
        if not self._sparse:
            yield from self._decode(None)

    def restart(self) -> None:
        """The stream broke off; the next packet is a key frame."""
        if self.decoded:
            self._context.flush_buffers()
        self._forget()
        self._sparse, self._key_s, self._looked_s, self._gop_s = False, None, None, float("inf")
        self._number = self._taken

    def _idle(self, at_s: float) -> bool:
        attention = self._attention
        if attention is None or not attention.idle:
            return False
        longest_s = attention.section.max_gop
        return self._gop_s <= longest_s and (self._key_s is None or at_s - self._key_s <= longest_s)

    def _awake(self, held: Held, at_s: float) -> Iterator[Decoded]:
        if held.packet.is_keyframe:
            self._looked_s = at_s
        if self._sparse:
            self._sparse = False
            if not held.packet.is_keyframe:
                yield from self._catch_up()
            else:
                self._number = held.number
            self._forget()
        yield from self._decode(held.packet)

    def _glance(self, held: Held, at_s: float) -> Iterator[Decoded]:
        self._forget()
        self._hold(held)
        self._sparse = True
        every_s = self._attention.section.every if self._attention is not None else 0.0
        if self._looked_s is not None and at_s - self._looked_s < 0.9 * every_s:
            return
        self._looked_s = at_s
        if self.decoded:
            self._context.flush_buffers()
        self._number = held.number
        yield from self._decode(held.packet)
        yield from self._decode(None)  # some decoders hold a picture back until more come
        self._context.flush_buffers()

    def _catch_up(self) -> Iterator[Decoded]:
        if self._held:
            self._number = self._held[0].number
        for held in self._held:
            yield from self._decode(held.packet)

    def _hold(self, held: Held) -> None:
        self._held_bytes += held.packet.size
        if self._held_bytes > HELD_BYTES:
            self._held.clear()  # waking then waits for the next key frame; until then the decoder conceals
        else:
            self._held.append(held)

    def _forget(self) -> None:
        self._held.clear()
        self._held_bytes = 0

    def _decode(self, packet: AvPacket | None) -> Iterator[Decoded]:
        try:
            pictures = self._context.decode(packet)
        except av.error.EOFError:
            return
        except av.FFmpegError:  # a damaged picture; the next key frame mends it
            self.errors += 1
            return
        for picture in pictures:
            number, self._number = self._number, self._number + 1
            self.decoded += 1
            yield Decoded(picture, picture.pts, number)
