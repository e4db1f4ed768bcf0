"""A region of a frame in, labelled boxes out, by an ONNX model. Where to look is `regions.py`'s choice.

`detector.py` is the door. ONNX Runtime itself is imported only when a model is loaded.
"""
