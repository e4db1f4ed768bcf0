from ..switches import SWITCHES
from .encoder import Encoder
from .libav_h264_encoder import LibavH264Encoder

if SWITCHES.board == "vc4":
    from .h264_encoder import H264Encoder
else:
    from .libav_h264_encoder import LibavH264Encoder as H264Encoder  # type: ignore[assignment]

__all__ = ["Encoder", "H264Encoder", "LibavH264Encoder"]
