"""TensorFlow.js graph models become ONNX, with numpy and onnx alone.

`graph.py` reads the model, `fold.py` computes what is constant, `structure.py`, `arithmetic.py` and `spatial.py`
translate the operations, `network.py` collects the ONNX side, `presets.py` says where each known model begins and ends.
The same model gives the same bytes, so that the result can be checked by its sha256. Batch 1, fixed input size.
"""

from deploy.convert.network import ConversionError
from deploy.convert.presets import PRESETS, convert

__all__ = ["PRESETS", "ConversionError", "convert"]
