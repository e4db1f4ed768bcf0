"""Decodes what vision and the encoder need of a stream, and nothing more.

In full, every picture is decoded, because pictures lean on each other. While idle only key frames are: `glances`. The
packets since the last glance are kept, so that waking can go back to it: nothing that led up to it is missed. It may
begin between two key frames; those before its beginning are then decoded again to get to those after it.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import av

from agent.capture.attention import Attention
from agent.capture.encoder import AvPacket

# No deblocking: a fifth of the decoder's work, for an error (PSNR 39 dB after a GOP of 15 s) that neither motion nor
# detection sees. `fast` allows the decoder its shortcuts. Footage is not touched by either.
# 8K at most: a damaged parameter set must not take the memory of all cameras.
MAX_PIXELS = {"max_pixels": str(8192 * 4352)}
DECODER_OPTIONS = {"skip_loop_filter": "all", "flags2": "+fast"} | MAX_PIXELS
HELD_BYTES = 16_000_000
MUTE_S = 60.0  # how long all is decoded after a key frame that gave no picture of its own (gradual refresh, damage) ...
MUTES = 3  # ... and for good after so many in a row
EARLY = 0.9  # of `every`: key frames do not come to the millisecond


@dataclass(frozen=True, slots=True, eq=False)
class Decoded:
    """One picture in the decoder's own memory, its stamp (None where the stream gave none), and its number from 0."""

    picture: av.VideoFrame
    pts: int | None
    number: int
    glance: bool = False  # while idle; `rewind` gives what came before it


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
        self._held: list[Held] = []  # since the last glance, itself included
        self._before: list[Held] = []  # the same of the glance before
        self._lead: list[Held] = []  # from the last key frame on, what was decoded in full
        self._lead_bytes = 0
        self._lead_before: list[Held] = []  # what `_before` leans on
        self._midway = False  # idling began after `_lead`, and the decoder stands there
        self._shown_pts: int | None = None  # of the last picture given in full
        self._held_bytes = 0
        self._sparse = False  # only key frames reach the decoder
        self._key_s: float | None = None  # of the last key frame
        self._looked_s: float | None = None  # of the last key frame that was decoded
        self._gop_s = float("inf")
        self._mutes = 0  # glances in a row that gave no picture
        self._full_until_s = float("-inf")
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
            yield from self._in_full(held, at_s)
        elif packet.is_keyframe and self._due(at_s):
            yield from self._glance(held, at_s)
        elif self._sparse:
            self._hold(held)
        else:
            self._sparse = self._midway = True
            self._hold(held)

    def rewind(self) -> Iterator[Decoded]:
        """The pictures from the glance before the last one up to the last one; for whoever saw something stir in it."""
        before, lead = self._before, self._lead_before
        self._before, self._lead_before = [], []
        if before:
            self._context.flush_buffers()
            for one in (*self._decode_all(lead + before), *self._decode(None)):
                if not lead or self._unseen(one):
                    yield one
            self._context.flush_buffers()

    def drain(self) -> Iterator[Decoded]:
        """What the decoder still holds at the end."""
        if not self._sparse or self._midway:
            yield from self._decode(None)

    def restart(self) -> None:
        """The stream broke off; the next packet is a key frame."""
        if self.decoded:
            self._context.flush_buffers()
        self._forget()
        self._lead, self._lead_bytes, self._midway, self._shown_pts = [], 0, False, None
        self._sparse, self._key_s, self._looked_s, self._gop_s = False, None, None, float("inf")
        self._full_until_s, self._mutes = float("-inf"), 0
        self._number = self._taken

    def _idle(self, at_s: float) -> bool:
        attention = self._attention
        if attention is None or not attention.idle or at_s < self._full_until_s:
            return False
        longest_s = attention.section.max_gop
        return self._gop_s <= longest_s and (self._key_s is None or at_s - self._key_s <= longest_s)

    def _due(self, at_s: float) -> bool:
        every_s = self._attention.section.every if self._attention is not None else 0.0
        return not self._sparse or self._looked_s is None or at_s - self._looked_s >= EARLY * every_s

    def _in_full(self, held: Held, at_s: float) -> Iterator[Decoded]:
        if self._sparse:
            if not self._held and not held.packet.is_keyframe:
                return  # too much was held back to be kept: the next key frame it is
            self._sparse = False
            yield from self._decode_all(self._held, anew=not self._midway)
            for one in self._held:
                self._lean(one)
            self._midway = False
            self._forget()
        if held.packet.is_keyframe:
            self._looked_s = at_s
        self._lean(held)
        yield from self._decode(held.packet)

    def _glance(self, held: Held, at_s: float) -> Iterator[Decoded]:
        if not self._sparse and self.decoded:
            yield from self._decode(None)  # what the decoder still held back of the time before; midway it has holes
        before, lead = self._held, self._lead if self._midway else []
        if self._midway and not lead:
            before = []  # there is no way back to what they lean on
        self._forget()
        self._lead, self._lead_bytes, self._midway = [], 0, False
        self._hold(held)
        self._before, self._lead_before = before, lead
        self._sparse, self._looked_s, self._number = True, at_s, held.number
        if self.decoded:
            self._context.flush_buffers()
        decoded = self.decoded
        yield from self._decode(held.packet, glance=True)
        yield from self._decode(None, glance=True)  # some decoders hold a picture back until more come
        self._context.flush_buffers()
        self._mutes = 0 if self.decoded > decoded else self._mutes + 1
        if self._mutes:
            self._full_until_s = at_s + MUTE_S if self._mutes < MUTES else float("inf")

    def _decode_all(self, several: list[Held], *, anew: bool = True) -> Iterator[Decoded]:
        if several and anew:
            self._number = several[0].number
        for held in several:
            yield from self._decode(held.packet)

    def _hold(self, held: Held) -> None:
        self._held_bytes += held.packet.size
        if self._held_bytes > HELD_BYTES:
            self._held, self._midway = [], False
        elif self._held or held.packet.is_keyframe or self._midway:
            self._held.append(held)

    def _lean(self, held: Held) -> None:
        if self._attention is None or not self._attention.section.enabled:
            return
        if held.packet.is_keyframe:
            self._lead, self._lead_bytes = [], 0
        elif not self._lead:
            return
        self._lead_bytes += held.packet.size
        self._lead.append(held)
        if self._lead_bytes > HELD_BYTES:
            self._lead = []

    def _unseen(self, one: Decoded) -> bool:
        return one.pts is None or self._shown_pts is None or one.pts > self._shown_pts

    def _forget(self) -> None:
        self._held, self._before, self._lead_before, self._held_bytes = [], [], [], 0

    def _decode(self, packet: AvPacket | None, *, glance: bool = False) -> Iterator[Decoded]:
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
            if not self._sparse or (self._midway and not glance):
                self._shown_pts = picture.pts
            yield Decoded(picture, picture.pts, number, glance)
